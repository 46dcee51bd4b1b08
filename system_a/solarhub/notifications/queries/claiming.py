"""SQL of taking messages to send. Two tables upstairs are spoken of by name."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session
from solarhub.notifications.models import Notification
from solarhub.notifications.queries.moments import seconds_from_now
from solarhub.notifications.vocabulary import State

_organizations = sa.table(
    "organizations", sa.column("id", sa.Uuid), sa.column("status", sa.Text), sa.column("removed_at")
)
_webhooks = sa.table(
    "webhooks",
    sa.column("id", sa.Uuid),
    sa.column("organization_id", sa.Uuid),
    sa.column("url", sa.Text),
    sa.column("secret_sealed", sa.Text),
    sa.column("is_active", sa.Boolean),
    sa.column("removed_at"),
)


class Claimed(NamedTuple):
    """A message that one sender has taken for the time of its lease. `waited`: seconds since it was due."""

    id: UUID
    organization_id: UUID | None
    channel: str
    recipient: str
    event: str
    subject_id: UUID | None
    content: Mapping[str, Any]
    secret_sealed: str | None
    attempts: int
    created_at: datetime
    waited: float
    organization_status: str | None


class Hook(NamedTuple):
    """A webhook as it stands."""

    id: UUID
    organization_id: UUID
    url: str
    secret_sealed: str
    is_active: bool


async def claim(
    session: Session,
    token: UUID,
    channel: str,
    *,
    at_most: int,
    each: int | None,
    except_for: Collection[str],
    lease_seconds: float,
) -> list[Claimed]:
    """Takes up to `at_most` messages that are due, or whose sender has let its lease run out; counts the attempt.

    `each`: at most so many of one recipient, the oldest; none of those in `except_for`. Rows that another sender is
    taking right now are passed over.
    """
    chosen = await _lapsed(session, channel, at_most=at_most, except_for=except_for)
    if len(chosen) < at_most:
        chosen += await _due(session, channel, at_most=at_most - len(chosen), each=each, except_for=except_for)
    if not chosen:
        return []
    meant_for = sa.func.coalesce(
        sa.cast(Notification.content["due"].astext, sa.DateTime(timezone=True)), Notification.created_at
    )
    taken = (
        sa.update(Notification)
        .where(Notification.id.in_(chosen))
        .values(
            state=State.SENDING,
            attempts=Notification.attempts + 1,
            lease_token=token,
            lease_until=seconds_from_now(lease_seconds),
        )
        .returning(
            Notification.id,
            Notification.organization_id,
            Notification.channel,
            Notification.recipient,
            Notification.event,
            Notification.subject_id,
            Notification.content,
            Notification.secret_sealed,
            Notification.attempts,
            Notification.created_at,
            # retries move not_before: how long it has waited counts from when it was made, or first meant to go
            sa.cast(sa.extract("epoch", sa.func.now() - meant_for), sa.Double).label("waited"),
        )
        .cte("taken")
    )
    status = sa.case((_organizations.c.removed_at.is_not(None), "closed"), else_=_organizations.c.status)
    rows = await session.execute(
        sa.select(taken, status.label("organization_status"))
        .select_from(taken.outerjoin(_organizations, _organizations.c.id == taken.c.organization_id))
        .order_by(taken.c.created_at, taken.c.id)
    )
    return [Claimed(**row) for row in rows.mappings()]


# The states are written into the statements: a plan that the server keeps for any state could not use the small indexes
# of the messages that are due and of those that are leased.


async def _lapsed(session: Session, channel: str, *, at_most: int, except_for: Collection[str]) -> list[UUID]:
    rows = await session.scalars(
        sa.select(Notification.id)
        .where(
            Notification.state == sa.literal_column("'sending'"),
            Notification.lease_until < sa.func.now(),
            Notification.channel == channel,
            _none_of(except_for),
        )
        .order_by(Notification.lease_until)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return list(rows)


async def _due(
    session: Session, channel: str, *, at_most: int, each: int | None, except_for: Collection[str]
) -> list[UUID]:
    due = sa.and_(
        Notification.state == sa.literal_column("'pending'"),
        Notification.not_before <= sa.func.now(),
        Notification.channel == channel,
        _none_of(except_for),
    )
    found = sa.select(Notification.id).where(due)
    if each is not None:
        place = sa.func.row_number().over(
            partition_by=Notification.recipient, order_by=(Notification.not_before, Notification.id)
        )
        ranked = sa.select(Notification.id, place.label("place")).where(due).subquery()
        found = found.join(ranked, ranked.c.id == Notification.id).where(ranked.c.place <= each)
    rows = await session.scalars(
        found.order_by(Notification.not_before).limit(at_most).with_for_update(skip_locked=True, of=Notification)
    )
    return list(rows)


def _none_of(recipients: Collection[str]) -> sa.ColumnElement[bool]:
    if not recipients:
        return sa.true()
    return Notification.recipient != sa.all_(sa.literal(sorted(recipients), ARRAY(sa.Text)))


async def hooks(session: Session, ids: Collection[UUID]) -> dict[UUID, Hook]:
    """Those of the webhooks that were not removed."""
    rows = await session.execute(
        sa.select(
            _webhooks.c.id,
            _webhooks.c.organization_id,
            _webhooks.c.url,
            _webhooks.c.secret_sealed,
            _webhooks.c.is_active,
        ).where(_webhooks.c.id.in_(ids), _webhooks.c.removed_at.is_(None))
    )
    return {row.id: Hook(*row) for row in rows}
