"""The parts of a hub that write strangers down and follow decisions, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from solarhub.drivers.dialects import Dialects, Memory, Message
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found.following import Following
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.roster import Roster
from tests.conftest import MakeTenant, Tenant, TestDatabase

BROKER = "hub@192.168.1.5:1883"
INVERTER = "solar/114182912345"
DIALECTS = Dialects.load()


def yesterday() -> datetime:
    """Noon, in no matter which time zone of ours."""
    return now().astimezone(UTC).replace(hour=7, minute=0, second=0, microsecond=0) - timedelta(days=1)


def burst(at: datetime, *, power: float = 1000, day_wh: float = 500) -> list[Message]:
    """What OpenDTU sends of an inverter, some milliseconds apart."""
    values = {
        "status/last_update": str(int(at.timestamp())),
        "0/power": str(power),
        "0/yieldday": str(day_wh),
        "1/voltage": "33.1",
    }
    return [
        Message(f"{INVERTER}/{topic}", payload.encode(), at + timedelta(milliseconds=10 * number))
        for number, (topic, payload) in enumerate(values.items())
    ]


@dataclass(frozen=True)
class Place:
    """A tenant, and what works for it."""

    database: TestDatabase
    worker: Database
    tenant: Tenant
    dialects: Dialects
    roster: Roster
    catalogues: Catalogues

    @property
    def organization_id(self) -> UUID:
        return self.tenant.organization_id

    def following(self, dialects: Dialects | None = None) -> Following:
        return Following(self.worker, dialects or self.dialects, self.catalogues)

    async def follow(self, dialects: Dialects | None = None) -> None:
        """One step of each loop."""
        following = self.following(dialects)
        for step in (following.store_waiting, following.replay):
            async with transaction(self.worker) as worker:
                await step(worker)

    async def note(self, notebook: Notebook, *messages: Message, **more: Any) -> None:
        memory = Memory()
        notes = [
            notebook.note(self.organization_id, BROKER, message, told, **more)
            for message in messages
            for told in [self.dialects.read(message.topic, message.payload, message.received_at, memory=memory,
                                            retained=message.retained)]
            if told
        ]  # fmt: skip
        await asyncio.gather(*notes)

    def rows(self, statement: str) -> list[Any]:
        return self.database.fetch(statement)

    def adopt(self, sender: str = INVERTER, device: str = "Inverter 1") -> None:
        """As an adoption leaves it, by SQL."""
        self.rows(
            f"update found_senders set device_id = '{self.tenant.devices[device]}', adopted_at = now()"
            f" where sender = '{sender}' and device_id is null"
        )

    def samples(self) -> list[tuple[datetime, dict[str, float], bool]]:
        """Every raw row, by time: what it says, and whether it came late."""
        rows = self.rows(
            "select s.at, l.series, s.readings, s.late from telemetry_samples s"
            " join telemetry_layouts l on l.id = s.layout_id order by s.at"
        )
        return [(row["at"], dict(zip(row["series"], row["readings"], strict=True)), row["late"]) for row in rows]


@pytest.fixture
async def place(database: TestDatabase, worker_database: Database, make_tenant: MakeTenant) -> Place:
    catalogues = Catalogues(worker_database)
    return Place(database, worker_database, await make_tenant(), DIALECTS, Roster(worker_database), catalogues)


@asynccontextmanager
async def at_work(notebook: Notebook) -> AsyncIterator[Notebook]:
    stop = asyncio.Event()
    task = asyncio.create_task(notebook.run(stop))
    try:
        yield notebook
    finally:
        stop.set()
        await task


@pytest.fixture
async def notebook(place: Place) -> AsyncIterator[Notebook]:
    async with at_work(Notebook(place.worker, place.dialects)) as working:
        yield working
