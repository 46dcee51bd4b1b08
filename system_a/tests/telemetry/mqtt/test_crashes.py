"""Whatever ends when it should not: what was published is stored, and stored once."""

import asyncio
import signal

import pytest

from solarhub.kit.db import Database
from solarhub.telemetry.ingest import Ingest
from tests.brokers import Mosquitto, publisher, wire_to
from tests.conftest import Tenant, TestDatabase
from tests.telemetry.mqtt.conftest import House, ready, recently, sample, until


@pytest.fixture
async def away(worker_database: Database) -> Ingest:
    """A corridor that was never started: it takes nothing."""
    return Ingest(worker_database, lambda _batch: None)


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
async def test_killed_between_receipt_and_commit_everything_comes_again(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    away: Ingest,
    *,
    dated: bool,
) -> None:
    async with house.inbox(ingest=away) as inbox:
        await ready(inbox)
        with publisher(broker.port) as device:
            for number in range(30):
                device.publish("plants/one", sample(number, recently(number) if dated else None))
        await until(lambda: inbox.counts["received"] == 30)
    assert house.rows() == []
    async with house.inbox():
        await until(lambda: len(house.rows()) == 30)
        await asyncio.sleep(0.1)

    assert [row[2]["power_output"] for row in house.rows()] == list(range(30))


@pytest.mark.parametrize("dated", [True, False], ids=["dated", "undated"])
async def test_killed_between_commit_and_acknowledgement_nothing_is_stored_twice(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    *,
    dated: bool,
) -> None:
    """One that does not say when it was written is given the time of its first arrival, also by the hub's next life."""
    async with wire_to(broker.port) as wire:
        house.connect(acme, "Inverter 1", wire.port, "plants/one")
        wire.swallows_acknowledgements = True
        async with house.inbox() as inbox:
            await ready(inbox, 2)
            with publisher(broker.port) as device:
                for number in range(30):
                    device.publish("plants/one", sample(number, recently(number) if dated else None))
            await until(lambda: len(house.rows()) == 30)
            before = house.rows()
            wire.cut()
            await until(lambda: inbox.counts["taken"] == 60)
        wire.swallows_acknowledgements = False
        async with house.inbox() as inbox:
            await until(lambda: inbox.counts["acknowledged"] == 30)
            await asyncio.sleep(0.1)
        assert house.rows() == before
        async with house.inbox() as inbox:
            await ready(inbox, 2)
            assert inbox.counts["taken"] == 0, "it was acknowledged at last"


async def test_while_the_database_is_away_nothing_is_acknowledged_and_then_it_flows_on(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
    database: TestDatabase,
    worker_database: Database,
) -> None:
    async with house.listening(broker) as device:
        device.publish("plants/one", sample(0, recently()))
        await until(house.rows)
        database.fetch("alter role solarhub_worker nologin")
        database.fetch("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'solarhub_worker'")
        try:
            for number in range(1, 50):
                device.publish("plants/one", sample(number, recently(number)))
            await asyncio.sleep(0.5)
            assert len(house.rows()) == 1
        finally:
            database.fetch("alter role solarhub_worker login")
        await until(lambda: len(house.rows()) == 50)

    assert [row[2]["power_output"] for row in house.rows()] == list(range(50))


async def test_a_broker_that_stops_and_goes_on_costs_nothing(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    async with house.listening(broker) as device:
        for number in range(3):
            broker.send(signal.SIGSTOP)
            await asyncio.sleep(0.3)
            broker.send(signal.SIGCONT)
            await asyncio.to_thread(device.publish, "plants/one", sample(number, recently(number)))
        await until(lambda: len(house.rows()) == 3)
    assert house.error_of(acme, "Inverter 1") is None


async def test_of_two_hubs_on_a_database_one_listens_and_the_other_takes_over(
    house: House,
    acme: Tenant,
    broker: Mosquitto,
) -> None:
    async with house.inbox(exclusive=False) as second:
        async with house.inbox(exclusive=False) as first:
            await until(lambda: first.connected or second.connected)
            await asyncio.sleep(0.3)
            assert first.connected + second.connected == 1
        await ready(second)
        with publisher(broker.port) as device:
            device.publish("plants/one", sample(1, recently()))
        await until(house.rows)
