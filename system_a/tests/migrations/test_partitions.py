"""A day's partition is there for everybody who wants it, however many want it at once."""

import asyncio

import asyncpg

from solarhub.kit.libpq import asyncpg_arguments
from tests.conftest import TestDatabase
from tests.waiting import until_blocked


async def test_two_who_want_a_partition_at_the_same_moment_both_get_it(database: TestDatabase) -> None:
    arguments = asyncpg_arguments(database.url("solarhub_worker"))
    first, second, watcher = [await asyncpg.connect(**arguments) for _ in range(2)] + [
        await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    ]
    wanted = "select ensure_telemetry_partition(current_date - 3)"
    begun = first.transaction()
    await begun.start()
    name = await first.fetchval(wanted)
    waiting = asyncio.create_task(second.fetchval(wanted))
    await until_blocked(watcher, "solarhub_worker")
    await begun.commit()

    assert await waiting == name
    for connection in (first, second, watcher):
        await connection.close()
