"""Connections that are kept: used again, never while they are in the middle of something, never once they are dead."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from solarhub.kit.db import Database
from tests.conftest import TestDatabase


@pytest.fixture
async def pool(database: TestDatabase) -> AsyncIterator[Database]:
    made = Database(database.url("solarhub_app"), "app", pool_size=2)
    yield made
    await made.close()


async def backend(pool: Database) -> int:
    async with pool.driver() as driver:
        number: int = await driver.fetchval("select pg_backend_pid()")
        return number


async def test_a_connection_is_used_again(pool: Database) -> None:
    assert await backend(pool) == await backend(pool)
    with pytest.raises(asyncpg.UndefinedTableError):
        async with pool.driver() as driver:
            await driver.fetch("select * from what_is_not_there")
    assert pool.in_use == 0
    assert await backend(pool) == await backend(pool)


async def test_json_is_read_as_everywhere_else(pool: Database) -> None:
    async with pool.driver() as driver:
        assert await driver.fetchval("select $1::jsonb", {"a": [1, None, "\u2603"]}) == {"a": [1, None, "\u2603"]}


async def test_what_was_begun_is_over_before_the_next_one_comes(pool: Database) -> None:
    driver = await pool.drivers.take()
    await driver.execute("begin; select set_config('app.organization_ids', '{}', true)")
    pool.drivers.end(driver)
    await asyncio.sleep(0)
    for _ in range(20):
        async with pool.driver() as other:
            assert not other.is_in_transaction()
            assert not await other.fetchval("select nullif(current_setting('app.organization_ids', true), '')")


async def test_whoever_left_a_transaction_open_leaves_no_connection_behind(pool: Database) -> None:
    before = await backend(pool)
    async with pool.driver() as driver:
        await driver.execute("begin")
    assert await backend(pool) != before
    assert pool.in_use == 0


async def test_a_connection_that_the_server_ended_is_replaced(pool: Database, database: TestDatabase) -> None:
    before = await backend(pool)
    database.fetch(f"select pg_terminate_backend({before}, 5000)")
    assert await backend(pool) != before


async def test_nobody_gets_a_connection_whose_user_was_cancelled(pool: Database) -> None:
    before = await backend(pool)

    async def long() -> None:
        async with pool.driver() as driver:
            await driver.execute("select pg_sleep(30)")

    task = asyncio.create_task(long())
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pool.in_use == 0
    assert await backend(pool) != before


async def test_as_many_work_at_once_as_there_is_room_for_and_the_others_wait(pool: Database) -> None:
    at_once = 0
    most = 0

    async def work() -> None:
        nonlocal at_once, most
        async with pool.driver() as driver:
            at_once += 1
            most = max(most, at_once)
            await driver.execute("select pg_sleep(0.01)")
            at_once -= 1

    await asyncio.gather(*(work() for _ in range(12)))
    assert most == 2
    assert pool.in_use == 0
