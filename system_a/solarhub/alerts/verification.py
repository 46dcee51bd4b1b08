"""Works out once more, from what is stored, which alerts should have fired; slow, and by another way than judging."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from solarhub.alerts.queries import verification as queries
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict
from solarhub.sites.daylight import daylight_within

LEAD = timedelta(hours=6)
"""Rows read before the stretch, so that a breach that goes on at its beginning is known from its own."""
NOT_JUDGED_YET = timedelta(minutes=1)


class Difference(BaseModel):
    """An alert that is recorded otherwise than the stored samples call for, and how.

    `missing`: it should have fired; `unfounded`: it should not have; `another streak`: its breach began at another
    time; `not resolved`: a clear sample should have ended it.
    """

    organization: str
    rule: str
    rule_id: UUID
    device: str
    device_id: UUID
    triggered_at: datetime
    what: str
    streak_should_start_at: datetime | None
    streak_started_at: datetime | None
    should_be_resolved_at: datetime | None
    resolved_at: datetime | None


class Verified(BaseModel):
    """What was looked at in one organization."""

    organization: str
    samples: int
    """That were held against a rule, once for each rule."""
    alerts: int
    """That should have fired."""
    differences: list[Difference]


async def verify(
    database: Database,
    organizations: Collection[tuple[UUID, str]],
    start: datetime,
    end: datetime,
    now: datetime,
    *,
    settled_for: timedelta = NOT_JUDGED_YET,
) -> AsyncIterator[Verified]:
    """For each organization (id, name) alerts triggered from `start` to before `end`, in samples' time; as the worker.

    Rules are taken as they are now, and looked at from where they began to ask so. What was received within
    `settled_for` before `now` is not looked at. Raises Conflict where days of the stretch are compressed already.
    """
    since = start - LEAD
    async with transaction(database) as session:
        oldest = await queries.oldest_raw_instant(session)
    if oldest is not None and since < oldest:
        raise Conflict(
            f"Days up to {oldest:%Y-%m-%d} are compressed, and which of their samples came late is not known any more:"
            f" verify from {oldest + LEAD:%Y-%m-%dT%H:%M} UTC on."
        )
    for organization_id, name in organizations:
        yield await _verify(database, queries.Stretch(organization_id, since, start, end, now - settled_for), name)


async def _verify(database: Database, stretch: queries.Stretch, name: str) -> Verified:
    async with transaction(database) as session:
        places = await queries.prepare(session, stretch)
        days = [
            queries.Day(site_id, starts, ends)
            for site_id, latitude, longitude in places
            for starts, ends in daylight_within(stretch.since, stretch.until, latitude, longitude)
        ]
        samples = await queries.work_out(session, stretch, days)
        found = [Difference(organization=name, **row) for row in await queries.differences(session, stretch)]
        return Verified(organization=name, samples=samples, alerts=await queries.fired(session), differences=found)
