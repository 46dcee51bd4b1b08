"""Raw samples and their roll-ups follow a plant that was handed over: a day at a time, from today backwards, as the
worker.

For a minute some door may still take a device's samples for its giver, with days of any age in them. Until then the
newest days are moved again and again, so that the receiver sees them at once; only after it everything is gone through,
once. A step that is lost is repeated by the next: it finds what still lies under another key.
"""

from datetime import date, datetime, timedelta
from time import monotonic
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.telemetry.queries import moving as queries

SETTLED = timedelta(minutes=1)
"""After it no door remembers the giver; credentials are trusted for ten seconds."""
_NEWEST_DAYS = 8
STEP_SECONDS = 2.0
_DEVICES_AT_ONCE = 100


async def follow(session: Session, now: datetime, *, seconds: float = STEP_SECONDS) -> None:
    """Brings the samples of every plant under way nearer, for about so long. Another worker's plants are left to it."""
    until = monotonic() + seconds
    for handover_id, accepted_at, device_keys, moved_to in await queries.moving_handovers(session):
        keys = list(device_keys)
        if now - accepted_at < SETTLED:
            # today's first, and tomorrow's: clocks may run five minutes ahead
            age = int((now - accepted_at).total_seconds()) % _NEWEST_DAYS
            await _move_days(session, keys, [_tomorrow(now), now.date() - timedelta(days=age)])
            await _move_summaries(session, keys)
        else:
            await _move_backwards(session, handover_id, keys, moved_to or _tomorrow(now) + timedelta(days=1), until)


async def _move_backwards(session: Session, handover_id: UUID, keys: list[int], moved_to: date, until: float) -> None:
    """Days with samples, older than `moved_to`, until they or the seconds of this step are used up."""
    while (day := await queries.newest_day_before(session, keys, moved_to)) is not None:
        await _move_days(session, keys, [day])
        moved_to = day
        if monotonic() > until:
            break
    if day is None:
        await _move_summaries(session, keys)
    await queries.note_samples_moved(session, handover_id, moved_to, is_last=day is None)


async def _move_summaries(session: Session, keys: list[int]) -> None:
    for organization_key, theirs in (await queries.keepers(session, keys)).items():
        await queries.move_summaries(session, theirs, organization_key)


async def _move_days(session: Session, keys: list[int], days: list[date]) -> None:
    for first in range(0, len(keys), _DEVICES_AT_ONCE):
        for organization_key, theirs in (
            await queries.keepers(session, keys[first : first + _DEVICES_AT_ONCE])
        ).items():
            for day in days:
                await queries.move_day(session, theirs, day, organization_key)


def _tomorrow(now: datetime) -> date:
    return now.date() + timedelta(days=1)
