"""A compaction that is killed, wherever it is, loses nothing and repeats nothing."""

import asyncio
import random
import sys

from solarhub.kit.db import Database
from tests.conftest import SYSTEM_A, MakeTenant, TestDatabase
from tests.telemetry.cold.conftest import compact, days_ago, everything, partitions

TIMES = 4
JOB = """
import asyncio, sys
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.telemetry.cold.compaction import Compaction

async def main():
    worker = Database(sys.argv[1], "worker")
    job, more = Compaction(), True
    print("begins", flush=True)
    while more:
        async with transaction(worker) as session:
            more = await job.step(session, now())

asyncio.run(main())
"""


def fill(database: TestDatabase, keys: list[int]) -> None:
    """Four days with a row every four minutes, past the corridor."""
    for age in range(3, 7):
        start = days_ago(age)
        database.fetch(
            f"select ensure_telemetry_partition('{start.date()}')",
            "insert into telemetry_layouts (organization_key, series, series_sha256)"
            " select organization_key, array['frequency', 'power_output'], sha256('x') from organizations"
            " on conflict do nothing",
            "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
            f" select l.organization_key, key, timestamptz '{start.isoformat()}' + n * interval '4 minutes', now(),"
            " l.id, false, array[50 + key / 100.0, n / 10.0]"
            f" from telemetry_layouts l, unnest(array{keys}) key, generate_series(0, 359) n",
        )


async def test_a_killed_compaction_is_taken_up_by_the_next(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={f"Inverter {number}": "inverter" for number in range(80)})
    fill(database, list(tenant.device_keys.values()))
    before = await everything(worker_database, tenant)
    assert len(before) == 4 * 80 * 360 * 2
    chance = random.Random(4)

    for _ in range(TIMES):
        job = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", JOB, database.url("solarhub_worker")), cwd=SYSTEM_A, stdout=asyncio.subprocess.PIPE
        )
        assert job.stdout is not None
        assert await job.stdout.readline() == b"begins\n"
        await asyncio.sleep(chance.uniform(0.05, 0.5))
        if job.returncode is None:
            job.kill()
        await job.communicate()
        assert await everything(worker_database, tenant) == before

    await compact(worker_database)
    assert partitions(database) == []
    assert await everything(worker_database, tenant) == before
    (blocks,) = database.fetch("select count(*) as blocks, sum(rows)::int as rows from telemetry_blocks")
    assert tuple(blocks) == (320, 4 * 80 * 360)
