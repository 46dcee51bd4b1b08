"""From a real broker: heard, adopted, stored live, and read anew once the mapping is corrected."""

import asyncio
from pathlib import Path

import pytest

from solarhub.drivers.dialects import Dialects
from solarhub.drivers.dialects.loading import SHIPPED
from solarhub.kit.db import transaction
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found.following import Following
from tests.brokers import Mosquitto, publisher
from tests.conftest import MakeTenant
from tests.telemetry.conftest import Committed
from tests.telemetry.mqtt.conftest import House, broker, house, ready, until

__all__ = ["broker", "house"]

INVERTER = "116180000001"


def say(port: int, power: bytes, *, last: bytes) -> None:
    with publisher(port) as device:
        for topic, payload in {"status/last_update": last, "0/power": power, "0/yieldday": b"1500"}.items():
            device.publish(f"solar/{INVERTER}/{topic}", payload)


@pytest.fixture
def corrected(tmp_path: Path) -> Dialects:
    """As if power had been in kW all the time."""
    text = (SHIPPED / "opendtu.yaml").read_text("utf-8").replace("version: 1", "version: 2")
    (tmp_path / "opendtu.yaml").write_text(text.replace("power_output, unit: W", "power_output, unit: kW"))
    return Dialects.load(tmp_path)


async def follow(house: House, dialects: Dialects) -> None:
    following = Following(house.worker, dialects, Catalogues(house.worker))
    for step in (following.store_waiting, following.replay):
        async with transaction(house.worker) as worker:
            await step(worker)


async def test_a_stranger_becomes_a_device_and_a_correction_reaches_all_that_it_said(
    house: House, broker: Mosquitto, make_tenant: MakeTenant, corrected: Dialects, committed: Committed
) -> None:
    acme = await make_tenant(devices={"Inverter 1": "inverter", "Gateway": "gateway"})
    house.connect(acme, "Gateway", broker.port, "solar")
    async with house.inbox() as inbox:
        await ready(inbox)
        say(broker.port, b"100", last=b"1782000000")
        await until(lambda: [messages for *_, messages in house.found()] == [3])
        house.database.fetch(f"update found_senders set device_id = '{acme.devices['Inverter 1']}', adopted_at = now()")
        async with asyncio.timeout(20):
            while not house.rows():  # the inbox learns of the adoption within a moment
                say(broker.port, b"200", last=b"1782000005")
                await asyncio.sleep(0.3)
    await follow(house, Dialects.load())
    assert [(at, readings["power_output"]) for _, at, readings in house.rows()] == [
        (1782000000, 0.1),
        (1782000005, 0.2),
    ]
    assert [row.readings for row in committed.rows] == [[1.5, 0.2]], "what waited is judged by nobody"

    house.database.fetch("update found_senders set replay_from = now() - interval '1 hour', replay_asked_at = now()")
    await follow(house, corrected)

    assert [(at, readings["power_output"]) for _, at, readings in house.rows()] == [
        (1782000000, 100),
        (1782000005, 200),
    ]
    assert len(committed.rows) == 1
