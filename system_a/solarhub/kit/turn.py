"""One of several processes on a database has its turn: by an advisory lock that ends with its connection."""

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from solarhub.kit.db import Database

if TYPE_CHECKING:
    import asyncpg

log = structlog.get_logger(__name__)

_SECONDS = 5.0


class Turn:
    """Held from the first `take` that says so until `give_back`, the end of the process, or the loss of the server."""

    def __init__(self, database: Database, number: int) -> None:
        """`number` says what it is the turn for, alike in every process."""
        self._database = database
        self._number = number
        self._connection: asyncpg.Connection[Any] | None = None

    async def take(self) -> bool:
        """Whether it is ours, asked of the server. False too while the server is away: then it is nobody's."""
        try:
            async with asyncio.timeout(_SECONDS):
                if self._connection is not None and not self._connection.is_closed():
                    await self._connection.execute("select 1")
                    return True
                self._connection = await self._database.connect_driver()
                if await self._connection.fetchval("select pg_try_advisory_lock($1)", self._number):
                    return True
        except Exception as error:  # noqa: BLE001 - besides its own errors asyncpg lets those of a broken connection through
            log.debug("no word from the server on whose turn it is", reason=repr(error))
        await self.give_back()
        return False

    async def give_back(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
