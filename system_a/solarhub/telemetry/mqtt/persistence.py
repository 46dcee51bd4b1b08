"""What must be done before a message is acknowledged, while the database may be away."""

import asyncio
from collections.abc import Awaitable, Callable

from solarhub.kit.errors import Unavailable

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


async def persist(attempt: Callable[[], Awaitable[object]]) -> None:
    """Again and again, with longer pauses, until it is not Unavailable."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            await attempt()
        except Unavailable:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        else:
            return
