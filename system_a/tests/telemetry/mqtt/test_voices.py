"""Products that speak in dialects, at a real broker: whose words they are, and where words of strangers go."""

import asyncio
import json

import pytest

from solarhub.drivers.mqtt import Address
from tests.brokers import Mosquitto, publisher
from tests.conftest import MakeTenant, Tenant
from tests.telemetry.mqtt.conftest import House, ready, until

OPENDTU = {
    "0/power": b"412.5",
    "0/yieldday": b"1500",
    "0/yieldtotal": b"742.25",
    "0/temperature": b"41.5",
    "1/power": b"430.1",
}
INVERTER = "116180000001"
READ = {
    "energy_today": 1.5,
    "energy_total": 742.25,
    "power_dc:mppt1": 0.4301,
    "power_output": 0.4125,
    "temperature_inverter": 41.5,
}


def say(port: int, base: str, *, retain: bool = False) -> None:
    with publisher(port) as device:
        for topic, payload in OPENDTU.items():
            device.publish(f"{base}/{INVERTER}/{topic}", payload, retain=retain)


@pytest.fixture
async def acme(make_tenant: MakeTenant) -> Tenant:
    return await make_tenant(devices={"Inverter 1": "inverter", "Gateway": "gateway"})


async def test_a_burst_of_values_becomes_one_sample(house: House, acme: Tenant, broker: Mosquitto) -> None:
    house.connect(acme, "Inverter 1", broker.port, f"solar/{INVERTER}")
    async with house.inbox() as inbox:
        await ready(inbox)
        say(broker.port, "solar")
        await until(house.rows)
        await until(lambda: inbox.counts["acknowledged"] == len(OPENDTU))
    rows = house.rows()
    async with house.inbox() as inbox:
        await ready(inbox)
        assert inbox.counts["received"] == 0, "all of it was acknowledged"

    assert [(name, readings) for name, _, readings in rows] == [("Inverter 1", READ)]
    assert house.quarantined() == []


async def test_one_that_was_not_acknowledged_comes_to_the_same_sample(
    house: House, acme: Tenant, broker: Mosquitto
) -> None:
    house.connect(acme, "Inverter 1", broker.port, f"solar/{INVERTER}")
    async with house.inbox() as inbox:
        await ready(inbox)
        say(broker.port, "solar")
        await until(lambda: inbox.counts["received"] == len(OPENDTU))
        await asyncio.sleep(0.2)
    assert house.rows() == [], "the burst has not ended: nothing of it was stored, and nothing acknowledged"
    async with house.inbox():
        await until(house.rows)
        first = house.rows()
    async with house.inbox() as inbox:
        await ready(inbox)
        await asyncio.sleep(0.2)

    assert house.rows() == first
    assert [readings for _, _, readings in first] == [READ]


async def test_who_speaks_below_a_gateways_topics_waits_to_be_adopted(
    house: House, acme: Tenant, broker: Mosquitto
) -> None:
    house.connect(acme, "Gateway", broker.port, "solar")
    async with house.inbox() as inbox:
        await ready(inbox)
        say(broker.port, "solar")
        await until(house.found)
        await until(lambda: inbox.counts["taken"] == len(OPENDTU))

    assert house.found() == [(f"solar/{INVERTER}", "opendtu", len(OPENDTU))]
    assert house.rows() == []
    (row,) = house.database.fetch("select gateway_id, device_id from found_senders")
    assert (row["gateway_id"], row["device_id"]) == (acme.devices["Gateway"], None)


async def test_an_adopted_sender_is_the_device_that_it_was_adopted_as(
    house: House, acme: Tenant, broker: Mosquitto
) -> None:
    house.connect(acme, "Gateway", broker.port, "solar")
    house.database.fetch(
        "insert into found_senders (organization_id, broker_key, sender, dialect, mapping_version, first_seen_at,"
        " last_seen_at, messages, device_id, adopted_at, gateway_id)"
        f" values ('{acme.organization_id}', '127.0.0.1:{broker.port}', 'solar/{INVERTER}', 'opendtu', 1, now(), now(),"
        f" 1, '{acme.devices['Inverter 1']}', now(), '{acme.devices['Gateway']}')"
    )
    async with house.inbox() as inbox:
        await ready(inbox)
        say(broker.port, "solar")
        await until(house.rows)

    assert [(name, readings) for name, _, readings in house.rows()] == [("Inverter 1", READ)]


async def test_values_without_an_age_that_the_broker_kept_are_left_out(
    house: House, acme: Tenant, broker: Mosquitto
) -> None:
    """OpenDTU lets the broker keep its values: those of an evening would come as measurements of next spring."""
    house.connect(acme, "Inverter 1", broker.port, f"solar/{INVERTER}")
    say(broker.port, "solar", retain=True)
    async with house.inbox() as inbox:
        await ready(inbox)
        await until(lambda: inbox.counts["taken"] == len(OPENDTU))
        await asyncio.sleep(0.7)
        assert house.rows() == []
        say(broker.port, "solar", retain=True)
        await until(house.rows)

    assert [readings for _, _, readings in house.rows()] == [READ]


async def test_what_a_sensor_announces_is_listened_to(house: House, acme: Tenant, broker: Mosquitto) -> None:
    house.connect(acme, "Gateway", broker.port, "homeassistant")
    announced = {
        "device_class": "power",
        "unit_of_measurement": "W",
        "name": "PV power",
        "state_topic": "roof/inverter/state",
        "value_template": "{{ value_json.power }}",
        "unique_id": "roof_power",
        "device": {"identifiers": ["roof"], "name": "Roof"},
    }
    async with house.inbox() as inbox:
        await ready(inbox)
        with publisher(broker.port) as device:
            device.publish("homeassistant/sensor/roof/power/config", json.dumps(announced).encode(), retain=True)
            await until(lambda: inbox.counts["taken"] == 1)
            await asyncio.sleep(0.2)
            device.publish("roof/inverter/state", b'{"power": 1200}')
            await until(house.found)

    assert [(dialect, messages) for _, dialect, messages in house.found()] == [("homeassistant", 1)]


async def test_at_the_hubs_own_broker_a_product_keeps_its_own_topics_below_those_of_the_device(
    house: House, acme: Tenant, broker: Mosquitto
) -> None:
    token = "insert into device_tokens (organization_id, device_id, token_sha256, broker_hash) values"
    one = acme.devices["Inverter 1"]
    house.database.fetch(f"{token} ('{acme.organization_id}', '{one}', sha256('x'), 'x')")
    async with house.inbox(own_broker=Address("127.0.0.1", broker.port)) as inbox:
        await ready(inbox)
        with publisher(broker.port) as device:
            device.publish(f"solarhub/{one}/solar_assistant/total/battery_state_of_charge/state", b"47.9")
            await until(lambda: house.found() or house.rows())

    assert [(sender, dialect) for sender, dialect, _ in house.found()] == [("solar_assistant", "solarassistant")]
