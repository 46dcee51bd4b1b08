"""Days that were over long ago, and the jobs that work on them, step by step."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.cold.compaction import Compaction
from solarhub.telemetry.history import Stretch, stretches
from tests.conftest import Tenant, TestDatabase

DAY = timedelta(days=1)


def days_ago(days: int, *, hour: int = 0) -> datetime:
    midnight = now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - days * DAY + timedelta(hours=hour)


async def compact(worker: Database, compaction: Compaction | None = None, *, at: datetime | None = None) -> int:
    """All that is due, and how many steps it took."""
    job = compaction or Compaction(again_after=timedelta(0))
    for steps in range(1, 10_000):
        async with transaction(worker) as session:
            if not await job.step(session, at or now()):
                return steps
    raise AssertionError("compaction does not come to an end")


async def everything(worker: Database, tenant: Tenant, *, days: int = 30) -> dict[tuple[int, int, str], float]:
    """Each reading of the tenant's devices by device, instant and series, as the rest of the hub reads it."""
    async with transaction(worker) as session:
        found = await stretches(session, tenant.device_keys.values(), days_ago(days), now() + DAY)
    return by_place(found)


def by_place(found: list[Stretch]) -> dict[tuple[int, int, str], float]:
    places: dict[tuple[int, int, str], float] = {}
    for stretch in found:
        for row, column in zip(*np.nonzero(~np.isnan(stretch.readings)), strict=True):
            place = (stretch.device_key, int(stretch.at[row]), stretch.series[column])
            assert place not in places, "an instant is told twice"
            places[place] = float(stretch.readings[row, column])
    return places


def partitions(database: TestDatabase) -> list[date]:
    """Days of which there are raw rows."""
    rows = database.fetch("select distinct (at at time zone 'UTC')::date as day from telemetry_samples order by 1")
    return [row["day"] for row in rows]
