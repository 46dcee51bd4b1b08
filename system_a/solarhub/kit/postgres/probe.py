"""Is there a server that answers? Asked by connecting and running a statement, because a pid file can lie."""

import asyncio
import threading
from collections.abc import Coroutine
from enum import Enum
from typing import Any, TypeVar

import asyncpg

_T = TypeVar("_T")

GOING_DOWN_OR_COMING_UP = (
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ConnectionDoesNotExistError,
)


class Health(Enum):
    """What a server says for itself."""

    ANSWERS = "answers"
    BUSY = "busy"  # starting up, recovering or shutting down
    ABSENT = "absent"  # nobody listens
    SILENT = "silent"  # somebody listens and says nothing in time


async def probe(url: str, *, patience: float = 5.0) -> Health:
    """Connects to `url` and runs SELECT 1, within `patience` seconds."""
    try:
        async with asyncio.timeout(patience):
            connection = await asyncpg.connect(url)
            try:
                await connection.fetchval("SELECT 1")
            finally:
                await connection.close()
    except GOING_DOWN_OR_COMING_UP:
        return Health.BUSY
    except (ConnectionError, FileNotFoundError, asyncpg.InterfaceError):
        return Health.ABSENT
    except asyncpg.PostgresError:  # no seat left, or not for us: yet it is a server that says so
        return Health.ANSWERS
    except TimeoutError:
        return Health.SILENT
    return Health.ANSWERS


def wait_for(work: Coroutine[Any, Any, _T]) -> _T:
    """Runs a coroutine to its end from plain code, also where the calling thread has an event loop of its own."""
    results: list[_T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
            errors.append(error)

    thread = threading.Thread(target=run, name="postgres-question")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
