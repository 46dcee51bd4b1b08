import asyncio
import io
import json
import logging

import pytest

from solarhub.kit import log
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from tests.conftest import TestDatabase


class Steps:
    """Writes one row each time, and fails when told to, after it has written."""

    def __init__(self, stop: asyncio.Event, *, failing: set[int], until: int) -> None:
        self.stop = stop
        self.failing = failing
        self.until = until
        self.number = 0

    async def __call__(self, session: Session) -> None:
        self.number += 1
        connection = await session.connection()
        await connection.exec_driver_sql("insert into evaluation_leases values ($1, 'loop', now())", (self.number,))
        if self.number == self.until:
            self.stop.set()
        if self.number in self.failing:
            raise RuntimeError("the third wire")


async def run(worker_database: Database, *, failing: set[int], until: int) -> None:
    stop = asyncio.Event()
    async with asyncio.timeout(20):
        await Loop("test", worker_database, Steps(stop, failing=failing, until=until), every_seconds=0.01).run(stop)


async def test_each_step_is_a_transaction_of_its_own(worker_database: Database, database: TestDatabase) -> None:
    await run(worker_database, failing={2, 3}, until=5)
    rows = database.fetch("select shard from evaluation_leases order by shard")
    assert [row["shard"] for row in rows] == [1, 4, 5]


async def test_failing_and_recovering_are_told_once_each(
    worker_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    written = io.StringIO()
    log.configure(stream=written)
    await run(worker_database, failing={2, 3, 4}, until=6)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    told = [line for line in lines if line["logger"] == "solarhub.kit.loop"]
    assert [line["event"] for line in told] == ["loop fails", "loop works again"]
    assert told[0]["error"] == "the third wire"
    assert told[1]["failures"] == 3


async def test_a_loop_that_is_told_to_stop_does_not_wait_for_its_turn(worker_database: Database) -> None:
    stop = asyncio.Event()
    loop = Loop("test", worker_database, Steps(stop, failing=set(), until=0), every_seconds=3600)
    task = asyncio.create_task(loop.run(stop))
    await asyncio.sleep(0.1)
    stop.set()
    async with asyncio.timeout(2):
        await task


async def test_a_loop_that_is_hurried_does_not_wait_for_its_turn_either(worker_database: Database) -> None:
    stop = asyncio.Event()
    looked = asyncio.Semaphore(0)

    async def step(_session: Session) -> None:
        looked.release()

    loop = Loop("test", worker_database, step, every_seconds=3600.0)
    async with asyncio.timeout(20):
        running = asyncio.create_task(loop.run(stop))
        for _ in range(3):
            await looked.acquire()
            loop.hurry()
        stop.set()
        await running
