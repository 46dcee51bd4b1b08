"""The same on every server that the hub promises to run on: partitions come and go, blocks are written and read."""

import pytest

from solarhub.kit.db import Database
from solarhub.telemetry.ingest import Ingest
from tests.conftest import MakeTenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions
from tests.telemetry.conftest import known, samples


@pytest.fixture
def database(each_database: TestDatabase) -> TestDatabase:
    """What the other fixtures stand on."""
    return each_database


async def test_days_become_blocks_late_rows_join_them_and_reads_see_all(
    ingest: Ingest, worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "meter"})
    await ingest.take(known(tenant, "A"), samples(days_ago(5, hour=6), 20, power_output=1.5, energy_total=10.1), [])
    await ingest.take(known(tenant, "B"), samples(days_ago(4, hour=6), 20, grid_power=-1.0), [])
    before = await everything(worker_database, tenant)
    await compact(worker_database)
    assert await everything(worker_database, tenant) == before
    assert partitions(database) == []

    await ingest.take(known(tenant, "A"), samples(days_ago(5, hour=9), 3, voltage_ac=230.1), [])
    before = await everything(worker_database, tenant)
    await compact(worker_database)

    assert await everything(worker_database, tenant) == before
    assert len(before) == 63
    assert partitions(database) == []
