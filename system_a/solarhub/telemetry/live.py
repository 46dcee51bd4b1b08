"""The newest values as they come, to whoever looks: as often as something was committed, no more than once a second.

A viewer is told the present state of each device that was heard since the viewer's last event, not every sample: after
a reconnection nothing newer than that event is missing, and nothing that was overtaken is repeated.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.queries import reading as queries

AT_ONCE = 500
"""Devices in one event; more of them follow in the next."""
_PAUSE_SECONDS = 1.0
_ELSEWHERE_SECONDS = 5.0
"""How long a viewer waits for what another process may have stored."""
_OVERLAP = timedelta(seconds=5)
"""A batch that took its time of arrival first may be committed last: so far back is looked again."""


_BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST = UUID(int=0)


class News(NamedTuple):
    """Devices with what they reported last, oldest first; `cursor` is where the next look begins."""

    cursor: datetime
    states: list[tuple[Device, DeviceState]]


class Live:
    """Wakes viewers; its `committed` is a CommitHook."""

    def __init__(self) -> None:
        self.longest_seconds = 15 * 60.0
        """After that whoever looks asks anew, and what may be seen is judged anew; browsers do so by themselves."""
        self._heard: defaultdict[int, asyncio.Event] = defaultdict(asyncio.Event)

    def committed(self, batch: CommittedBatch) -> None:
        """Takes what was committed; whoever waits for one of its organizations looks."""
        if not self._heard:
            return
        for key in {int(key) for group in batch.groups for key in group.organization_keys}:
            event = self._heard.pop(key, None)
            if event is not None:
                event.set()

    async def wait(self, organization_key: int, seconds: float) -> bool:
        """Until something of that organization was committed here, or so many seconds have passed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                return await self._heard[organization_key].wait()
        return False


async def news(
    live: Live,
    open_session: Callable[[], AbstractAsyncContextManager[Session]],
    organization_key: int,
    *,
    site_ids: Collection[UUID],
    since: datetime | None,
) -> AsyncIterator[News]:
    """What has changed, again and again; News without states where nothing did for a while.

    `since` None begins with everything there is. `site_ids` empty: all that the session may see.
    """
    told: dict[UUID, datetime | None] = {}
    cursor = since or _BEFORE_EVERYTHING
    after = (cursor - _OVERLAP, _FIRST)
    while True:
        async with open_session() as session:
            rows = await queries.states_since(session, after, site_ids, limit=AT_ONCE)
        fresh = [(device, state) for device, state in rows if told.get(device.id) != state.last_received_at]
        told.update((device.id, state.last_received_at) for device, state in rows)
        if rows:
            device, state = rows[-1]
            newest = state.last_received_at or cursor
            cursor, after = max(cursor, newest), (newest, device.id)
        yield News(cursor, fresh)
        if len(rows) < AT_ONCE:
            after = (cursor - _OVERLAP, _FIRST)
            heard = asyncio.create_task(live.wait(organization_key, _ELSEWHERE_SECONDS))
            try:
                await asyncio.sleep(_PAUSE_SECONDS)
                await heard
            finally:
                heard.cancel()
