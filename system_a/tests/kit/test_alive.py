"""A pool hands out no connection that its server has closed, however short ago."""

import sqlalchemy as sa

from solarhub.kit.db import Database, transaction
from tests.conftest import TestDatabase

_OURS = "from pg_stat_activity where datname = current_database() and usename = 'solarhub_worker'"


async def server_of(pool: Database) -> int:
    """The process that serves whoever asks the pool next."""
    async with transaction(pool) as session:
        return int((await session.execute(sa.text("select pg_backend_pid()"))).scalar_one())


async def test_what_the_event_loop_has_not_heard_yet_is_seen(worker_database: Database, database: TestDatabase) -> None:
    before = await server_of(worker_database)

    # neither lets the event loop run, so that nobody here is told
    database.fetch(f"select pg_terminate_backend(pid, 10000) {_OURS}")
    assert database.fetch(f"select {_OURS}") == []

    assert await server_of(worker_database) != before
