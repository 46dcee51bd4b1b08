"""Old rows leave when their organization says so; what was imported stays, and so do everybody else's."""

from datetime import datetime, timedelta

import numpy as np

from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.cold.importing import merge
from solarhub.telemetry.cold.retention import Retention
from solarhub.telemetry.history import Stretch
from solarhub.telemetry.ingest import Ingest
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions
from tests.telemetry.conftest import known, samples


def keep(database: TestDatabase, tenant: Tenant, days: int) -> None:
    setting = f'{{"samples_kept_days": {days}}}'
    database.fetch(f"update organizations set settings = '{setting}' where id = '{tenant.organization_id}'")


async def remove(worker: Database, *, at: datetime | None = None) -> None:
    job = Retention()
    more = True
    while more:
        async with transaction(worker) as session:
            more = await job.step(session, at or now())


def past(tenant: Tenant, start: datetime, count: int, value: float) -> Stretch:
    at = round(start.timestamp() * 1e6) + 60_000_000 * np.arange(count)
    return Stretch(tenant.device_keys["Inverter 1"], ("power_output",), at, np.full((count, 1), value))


def ages(found: dict[tuple[int, int, str], float], value: float) -> set[int]:
    """How many days ago the readings with that value were taken."""
    today = days_ago(0).timestamp()
    return {-int((at / 1e6 - today) // 86_400) for (_, at, _), reading in found.items() if reading == value}


async def test_each_organization_keeps_its_rows_for_as_long_as_it_says(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    short, usual = await make_tenant("Short"), await make_tenant("Usual")
    keep(database, short, 31)
    for tenant in (short, usual):
        for age in (5, 31, 33, 399):
            await ingest.take(known(tenant), samples(days_ago(age), 3), [])
    await compact(worker_database)

    await remove(worker_database)

    assert ages(await everything(worker_database, short, days=800), 1.5) == {5, 31}
    assert ages(await everything(worker_database, usual, days=800), 1.5) == {5, 31, 33, 399}
    await remove(worker_database, at=now() + timedelta(days=10))
    assert ages(await everything(worker_database, usual, days=800), 1.5) == {5, 31, 33}


async def test_what_was_imported_stays_also_beside_what_leaves(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    await ingest.take(known(tenant), samples(days_ago(300), 4), [])
    await compact(worker_database)
    async with transaction(worker_database) as session:
        for age in (300, 900):
            brought = past(tenant, days_ago(age, hour=12), 5, 7.25)
            await merge(session, tenant.device_keys["Inverter 1"], [brought], now())
    keep(database, tenant, 100)

    await remove(worker_database)

    found = await everything(worker_database, tenant, days=1000)
    assert ages(found, 7.25) == {300, 900}
    assert ages(found, 1.5) == set()
    blocks = database.fetch("select rows, imported from telemetry_blocks")
    assert [tuple(block) for block in blocks] == [(5, 5), (5, 5)]


async def test_raw_days_that_nobody_keeps_go_without_being_compressed(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    await ingest.take(known(tenant), samples(days_ago(200), 3) + samples(days_ago(20), 3), [])
    keep(database, tenant, 100)

    await remove(worker_database)

    assert partitions(database) == [days_ago(20).date()]
    assert database.fetch("select to_regclass($$telemetry_samples_" + f"{days_ago(200):%Y%m%d}$$) as there") == [
        (None,)
    ]


async def test_nobody_removes_a_day_that_is_not_over_for_long(database: TestDatabase) -> None:
    for age in (1, 0, -1):
        message = database.fetch(
            "create function pg_temp.tried(day date) returns text language plpgsql as $$ begin"
            " return drop_telemetry_partition(day, false); exception when invalid_parameter_value then return sqlerrm;"
            " end $$",
            f"select pg_temp.tried('{days_ago(age).date()}') as said",
        )
        assert message[0]["said"].endswith("the day is not over for long enough")
