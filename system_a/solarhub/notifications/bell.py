"""Wakes those who send as soon as this process has posted something; what others posted is found by looking."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Bell:
    """Rung from anywhere in the process; whoever waits for it wakes once, however often it was rung."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> None:
        """Until it is rung, or was since the last time; no longer than so many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return
        self._rung.clear()


_hanging: set[Bell] = set()


@contextmanager
def hung_up() -> Iterator[Bell]:
    """A bell that `ring_all` reaches, for as long as the block lasts."""
    bell = Bell()
    _hanging.add(bell)
    try:
        yield bell
    finally:
        _hanging.discard(bell)


def ring_all() -> None:
    """Something was committed that is to be sent."""
    for bell in list(_hanging):
        bell.ring()
