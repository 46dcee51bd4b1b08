"""Connections as asyncpg knows them, kept for plain statements that are asked many times a second.

Taking one out of SQLAlchemy's pool and giving it back costs more than such a statement takes.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, TypeAlias

import asyncpg
import msgspec

from solarhub.kit.alive import is_dead

Driver: TypeAlias = "asyncpg.Connection[Any]"
"""A connection as asyncpg knows it."""

_PATIENCE_SECONDS = 5
_OLDEST_SECONDS = 1800


class Drivers:
    """At most `most` connections; the one that was used last is given out first, so that few are kept warm."""

    def __init__(self, connect: Callable[..., Awaitable[Driver]], *, most: int) -> None:
        """`connect` makes a new one with the settings that it is given; nothing is connected yet."""
        self._connect = connect
        self._most = most
        self._room = asyncio.Semaphore(most)
        self._idle: list[Driver] = []
        self._made_at: dict[Driver, float] = {}
        self._ends: set[asyncio.Task[None]] = set()
        self.in_use = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Driver]:
        """For single statements: whoever begins a transaction takes it with `take`."""
        driver = await self.take()
        try:
            yield driver
        except asyncio.CancelledError:
            self.give_up(driver)  # it may be in the middle of something: nobody else is to get it
            raise
        except BaseException:
            self._return(driver)
            raise
        else:
            self._return(driver)

    async def take(self) -> Driver:
        """One that somebody gives back with `end` or `give_up`. TimeoutError where none becomes free."""
        if self._room.locked():
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._room.acquire()
        else:
            await self._room.acquire()
        self.in_use += 1
        try:
            return self._kept() or await self._new()
        except BaseException:
            self._leave()
            raise

    def end(self, driver: Driver) -> None:
        """Rolls back what was begun, and gives the connection back; nobody waits for that."""
        task = asyncio.get_running_loop().create_task(self._end(driver))
        self._ends.add(task)
        task.add_done_callback(self._ends.discard)

    def give_up(self, driver: Driver) -> None:
        """Cuts a connection of which nobody knows what it is in the middle of."""
        self._made_at.pop(driver, None)
        driver.terminate()
        self._leave()

    async def close(self) -> None:
        """Ends those that nobody uses; what is in use ends when it is given back."""
        await asyncio.gather(*self._ends, return_exceptions=True)
        while self._idle:
            driver = self._idle.pop()
            self._made_at.pop(driver, None)
            with suppress(Exception):  # it may have been cut meanwhile
                await driver.close(timeout=2)
        self._made_at.clear()

    def _kept(self) -> "Driver | None":
        while self._idle:
            driver = self._idle.pop()
            if monotonic() - self._made_at.get(driver, 0.0) < _OLDEST_SECONDS and not is_dead(driver):
                return driver
            self._made_at.pop(driver, None)
            driver.terminate()
        return None

    async def _new(self) -> Driver:
        """One that reads and writes JSON as the engine's connections do, and plans a statement once.

        What is asked of it finds its rows by keys, whatever these are; planning anew takes longer than asking.
        """
        driver = await self._connect(plan_cache_mode="force_generic_plan")
        await driver.set_type_codec("jsonb", schema="pg_catalog", encoder=_packed, decoder=_unpacked, format="binary")
        self._made_at[driver] = monotonic()
        return driver

    async def _end(self, driver: Driver) -> None:
        try:
            await driver.execute("rollback")
        except BaseException:
            self.give_up(driver)
            raise
        self._return(driver)

    def _return(self, driver: Driver) -> None:
        if driver.is_closed() or driver.is_in_transaction() or driver not in self._made_at:
            self.give_up(driver)
        else:
            self._idle.append(driver)
            self._leave()

    def _leave(self) -> None:
        self.in_use -= 1
        self._room.release()


def _packed(value: object) -> bytes:
    return b"\x01" + msgspec.json.encode(value)  # before it stands the version of the format


def _unpacked(written: bytes) -> Any:
    return msgspec.json.decode(written[1:])
