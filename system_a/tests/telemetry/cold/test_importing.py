"""The past that is brought along: of any age, marked, never over what stood there, and told to the roll-ups."""

from datetime import UTC, datetime, timedelta

import numpy as np

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.cold.importing import Merged, merge
from solarhub.telemetry.history import Stretch
from solarhub.telemetry.ingest import Ingest
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions
from tests.telemetry.conftest import Committed, known, samples

MINUTES = 60_000_000


def rows(start: datetime, count: int, value: float = 7.25, series: str = "power_output") -> Stretch:
    return Stretch(0, (series,), microseconds(start) + MINUTES * np.arange(count), np.full((count, 1), value))


async def bring(worker: Database, tenant: Tenant, *brought: Stretch) -> Merged:
    async with transaction(worker) as session:
        return await merge(session, tenant.device_keys["Inverter 1"], brought, now())


async def test_years_are_brought_into_blocks_at_once(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    start = datetime(2019, 5, 30, 20, tzinfo=UTC)

    counted = await bring(worker_database, tenant, rows(start, 1440 * 40))

    assert counted == Merged(stored=57_600, duplicates=0, conflicts=0)
    (blocks,) = database.fetch(
        "select count(*) as days, sum(rows)::int as rows, sum(imported)::int as imported, min(day) as first"
        " from telemetry_blocks"
    )
    assert tuple(blocks) == (41, 57_600, 57_600, start.date())
    assert partitions(database) == []
    marks = database.fetch("select min(hour) as first, count(*) as hours from telemetry_marks")
    assert (marks[0]["first"], marks[0]["hours"]) == (start, 960)


async def test_bringing_it_twice_changes_nothing(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    start = days_ago(500)
    await bring(worker_database, tenant, rows(start, 100))
    before = await everything(worker_database, tenant, days=600)
    database.fetch("delete from telemetry_marks")

    again = await bring(worker_database, tenant, rows(start, 100))
    other = await bring(worker_database, tenant, rows(start, 10, 8.0), rows(start + timedelta(minutes=95), 10, 7.25))

    assert again == Merged(stored=0, duplicates=100, conflicts=0)
    assert other == Merged(stored=5, duplicates=15, conflicts=10)
    found = await everything(worker_database, tenant, days=600)
    assert {place: found[place] for place in before} == before
    assert len(found) == 105
    assert len(database.fetch("select from telemetry_marks")) == 1, "the hours with something new, and no others"


async def test_what_a_device_reported_itself_stays(
    ingest: Ingest, committed: Committed, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    for age in (9, 5, 1):
        await ingest.take(known(tenant), samples(days_ago(age, hour=6), 10), [])
        if age == 9:
            await compact(worker_database)
    # of the day before the last compaction, one that is still raw though it is over, and one that is not
    brought = [rows(days_ago(age, hour=6) - timedelta(minutes=5), 10) for age in (9, 5, 1)]
    told = len(committed)

    counted = await bring(worker_database, tenant, *brought)

    assert counted == Merged(stored=15, duplicates=15, conflicts=15)
    found = await everything(worker_database, tenant)
    assert sorted(found.values()) == [1.5] * 30 + [7.25] * 15
    assert len(committed) == told, "what is imported is judged by nobody"
    raw = database.fetch("select imported, late, count(*) as n from telemetry_samples group by 1, 2 order by 1")
    assert [tuple(row) for row in raw] == [(False, False, 20), (True, True, 5)]
    (state,) = database.fetch("select last_sample_at from device_state")
    assert state["last_sample_at"] == days_ago(1, hour=6) + timedelta(minutes=9)
    await compact(worker_database)
    assert await everything(worker_database, tenant) == found


async def test_series_are_brought_one_file_after_another(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    start = days_ago(450)
    await bring(worker_database, tenant, rows(start, 50))
    await bring(worker_database, tenant, rows(start + timedelta(seconds=30), 50, 230.1, "voltage_ac:l1"))

    found = await everything(worker_database, tenant, days=500)

    assert len(found) == 100
    (block,) = database.fetch(
        "select b.rows, b.readings, l.series from telemetry_blocks b join telemetry_layouts l on l.id = b.layout_id"
        " and l.organization_key = b.organization_key"
    )
    assert tuple(block) == (100, 100, ["power_output", "voltage_ac:l1"])
