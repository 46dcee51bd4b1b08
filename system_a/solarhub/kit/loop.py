"""A worker's loop: one step in one transaction, again and again, until it is told to stop."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import structlog

from solarhub.kit.db import Database, Session, transaction

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_SECONDS = 60.0


class Loop:
    """Runs `step` every `every_seconds`; after a failure it waits longer each time, up to a minute.

    Failing and recovering are told once each, not at every attempt.
    """

    def __init__(
        self, name: str, database: Database, step: Callable[[Session], Awaitable[None]], *, every_seconds: float
    ) -> None:
        self.name = name
        self.database = database
        self.step = step
        self.every_seconds = every_seconds
        self._hurried = asyncio.Event()

    def hurry(self) -> None:
        """The next step begins at once: something has happened that it looks for."""
        self._hurried.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and the step under way, if any, has ended."""
        failing_since: float | None = None
        failures = 0
        while not stop.is_set():
            self._hurried.clear()
            try:
                async with transaction(self.database) as session:
                    await self.step(session)
            except Exception as error:  # one bad round must not end the loop
                failures += 1
                if failing_since is None:
                    failing_since = monotonic()
                    log.exception("loop fails", loop=self.name, error=str(error))
            else:
                if failing_since is not None:
                    seconds = round(monotonic() - failing_since, 1)
                    log.info("loop works again", loop=self.name, failures=failures, seconds=seconds)
                failing_since, failures = None, 0
            await _either(stop, self._hurried, self._pause(failures))

    def _pause(self, failures: int) -> float:
        # from the first failure on: as usual, twice as long, four times …
        longest = max(_LONGEST_PAUSE_SECONDS, self.every_seconds)
        return min(self.every_seconds * (1 << min(max(failures - 1, 0), 16)), longest)


async def _either(stop: asyncio.Event, hurried: asyncio.Event, seconds: float) -> None:
    """Until one of them is set, but no longer than `seconds`."""
    waiting = {asyncio.ensure_future(stop.wait()), asyncio.ensure_future(hurried.wait())}
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
