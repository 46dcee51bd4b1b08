"""Devices that reported, and a worker that rolls it up when it is told to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.rollups.rolling import roll, roll_months, take
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.rollups.storing import Told, store

_LEFT = """
select (select count(*) from telemetry_marks) + (select count(*) from rollup_todo)
    + (select count(*) from rollup_days_todo) as count
"""


@dataclass
class Plant:
    """A tenant's plant on a database of its own."""

    tenant: Tenant
    database: TestDatabase
    worker: Database

    async def report(self, told: Told, name: str = "Inverter 1") -> None:
        await store(self.database.admin_url, self.tenant, name, told)

    async def roll(self) -> int:
        """Takes every mark, and works until nothing is left; how many hours and days of devices that were."""
        async with transaction(self.worker) as session:
            await take(session, now(), at_once=True)
        done = 0
        while True:
            async with transaction(self.worker) as session:
                some = await roll(session, now())
            done += some
            # a hub that runs beside this one may be at it too
            if not some and self.database.fetch(_LEFT)[0]["count"] == 0:
                return done

    async def roll_months(self) -> None:
        self.database.fetch("update rollup_months_todo set due_at = now() - interval '1 second'")
        async with transaction(self.worker) as session:
            await roll_months(session, now())

    def values(self, table: str, series: str, name: str = "Inverter 1") -> list[dict[str, Any]]:
        """Its buckets in the order of time, with the figures of one series."""
        key = self.tenant.device_keys[name]
        order = {"rollup_days": "day", "rollup_months": "month"}.get(table, "start")
        rows = self.database.fetch(
            "select q.*, f.* from (select q.*, l.series as names from"
            f" {table} q join telemetry_layouts l on l.id = q.layout_id where device_key = {key}) q"
            " cross join lateral (select array_position(names, '" + series + "') as place) p"
            " cross join lateral (select mean[place] as a_mean, least[place] as a_min, greatest[place] as a_max,"
            " last[place] as a_last, nullif(kwh[place], 'NaN') as a_kwh, coalesce(reported[place], samples) as a_count,"
            f" coalesce(marks[place], 0) as a_marks where place is not null) f order by q.{order}"
        )
        return [dict(row) for row in rows]

    def days(self, name: str = "Inverter 1") -> dict[str, float | None]:
        """The energy that counts, by day."""
        rows = self.database.fetch(
            f"select day, energy_kwh from rollup_days where device_key = {self.tenant.device_keys[name]} order by day"
        )
        return {row["day"].isoformat(): row["energy_kwh"] for row in rows}


MakePlant = Callable[..., Awaitable[Plant]]


@pytest.fixture
async def make_plant(make_tenant: MakeTenant, database: TestDatabase, worker_database: Database) -> MakePlant:
    async def make(name: str = "Acme Solar", *, metadata: str = "{}", **more: Any) -> Plant:
        tenant = await make_tenant(name, **more)
        database.fetch(f"update devices set metadata = metadata || '{metadata}' where site_id = '{tenant.site_id}'")
        return Plant(tenant, database, worker_database)

    return make


@pytest.fixture
async def plant(make_plant: MakePlant) -> Plant:
    """In Karachi's time, with one inverter that reports every minute."""
    return await make_plant()


def at(text: str) -> datetime:
    """Of `2026-03-01 12:00`, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
