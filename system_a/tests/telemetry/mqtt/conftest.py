"""An inbox on a real database, with a real broker, and devices whose connections name it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from solarhub.devices.connection import Mqtt
from solarhub.devices.secrets import Safe
from solarhub.drivers.dialects import Dialects
from solarhub.drivers.mqtt import Address
from solarhub.kit.db import Database
from solarhub.kit.sealing import Keyring, new_key
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.roster import Roster
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.mqtt_inbox import Found, Inbox
from tests.brokers import Mosquitto, Publisher, publisher, running_mosquitto
from tests.conftest import MakeTenant, Tenant, TestDatabase

LOOK_SECONDS = 0.05


async def until(true: Callable[[], object], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.01)


@dataclass
class House:
    """What a test of the inbox works with."""

    database: TestDatabase
    worker: Database
    keyring: Keyring
    ingest: Ingest

    def connect(self, tenant: Tenant, name: str, port: int, prefix: str, **further: Any) -> None:
        """Says in a device's connection where it publishes."""
        mqtt = Mqtt.parse({"broker": "127.0.0.1", "port": port, "topic_prefix": prefix} | further)
        stored = Safe(self.keyring, tenant.organization_id, tenant.devices[name]).stored(mqtt)
        document = json.dumps(stored).replace("'", "''")
        self.database.fetch(
            f"update devices set protocol = 'mqtt', connection_config = '{document}'"
            f" where id = '{tenant.devices[name]}'"
        )

    @asynccontextmanager
    async def inbox(
        self, *, ingest: Ingest | None = None, own_broker: Address | None = None, exclusive: bool = True
    ) -> AsyncIterator[Inbox]:
        """One that works until the block is left."""
        dialects = Dialects.load()
        notebook, roster = Notebook(self.worker, dialects), Roster(self.worker)
        made = Inbox(
            self.worker,
            self.keyring,
            ingest or self.ingest,
            Catalogues(self.worker),
            Found(dialects, roster, notebook),
            exclusive=exclusive,
            own_broker=own_broker,
            look_seconds=LOOK_SECONDS,
            told_after_seconds=0.2,
        )
        stop = asyncio.Event()
        tasks = [asyncio.create_task(each.run(stop)) for each in (notebook, roster.loop, made)]
        try:
            yield made
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    @asynccontextmanager
    async def listening(self, broker: Mosquitto) -> AsyncIterator[Publisher]:
        """Somebody who publishes to an inbox at work."""
        async with self.inbox() as inbox:
            await ready(inbox)
            with publisher(broker.port) as made:
                yield made

    def rows(self) -> list[tuple[str, float, dict[str, float]]]:
        """Device, time in seconds since 1970, readings."""
        rows = self.database.fetch(
            "select d.name, extract(epoch from s.at)::float8 as at, l.series, s.readings from telemetry_samples s"
            " join devices d using (device_key) join telemetry_layouts l on l.id = s.layout_id order by s.at, d.name"
        )
        return [(row["name"], row["at"], dict(zip(row["series"], row["readings"], strict=True))) for row in rows]

    def quarantined(self) -> list[tuple[str, str]]:
        """Reason, and what came."""
        rows = self.database.fetch("select reason, raw from telemetry_quarantine order by id")
        return [(row["reason"], row["raw"]) for row in rows]

    def found(self) -> list[tuple[str, str, int]]:
        """Sender, dialect, and how many messages of it are kept."""
        rows = self.database.fetch("select sender, dialect, messages from found_senders order by sender, id")
        return [(row["sender"], row["dialect"], row["messages"]) for row in rows]

    def error_of(self, tenant: Tenant, name: str) -> str | None:
        (row,) = self.database.fetch(f"select last_error from devices where id = '{tenant.devices[name]}'")
        found: str | None = row["last_error"]
        return found


@pytest.fixture
def house(database: TestDatabase, worker_database: Database, ingest: Ingest) -> House:
    return House(database, worker_database, Keyring.parse(new_key()), ingest)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path / "broker") as started:
        yield started


TWO = {"Inverter 1": "inverter", "Inverter 2": "inverter"}


def sample(kw: float, at: float | None = None) -> bytes:
    document: dict[str, Any] = {"metrics": {"power_output": kw}}
    if at is not None:
        document["timestamp"] = at
    return json.dumps(document).encode()


def recently(number: int = 0) -> float:
    return round(time.time()) - 3600 + number


async def ready(inbox: Inbox, connections: int = 1) -> None:
    """Subscribed: what is published from now on comes."""
    await until(lambda: inbox.connected == connections)
    await asyncio.sleep(0.1)


@pytest.fixture
async def acme(make_tenant: MakeTenant, house: House, broker: Mosquitto) -> Tenant:
    tenant = await make_tenant(devices=TWO)
    house.connect(tenant, "Inverter 1", broker.port, "plants/one")
    house.connect(tenant, "Inverter 2", broker.port, "plants/two/")
    return tenant
