"""Waiting for what PostgreSQL tells nobody by itself."""

import asyncio
from typing import Any

import asyncpg


async def until(connection: "asyncpg.Connection[Any]", statement: str) -> None:
    """Waits until the statement says true."""
    async with asyncio.timeout(10):
        while not await connection.fetchval(statement):
            # what it said of other connections would otherwise stand until the transaction ends
            await connection.execute("select pg_stat_clear_snapshot()")
            await asyncio.sleep(0.01)


async def until_blocked(connection: "asyncpg.Connection[Any]", login: str) -> None:
    """Waits until one who has logged in as `login` waits for a lock in the connection's database."""
    await until(
        connection,
        "select count(*) > 0 from pg_stat_activity"
        f" where datname = current_database() and usename = '{login}' and wait_event_type = 'Lock'",
    )
