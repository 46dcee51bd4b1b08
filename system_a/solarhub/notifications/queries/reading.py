"""SQL of looking at messages afterwards: for whoever caused them, and for the mailbox."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.listing import page_of
from solarhub.kit.paging import Page
from solarhub.notifications.models import Notification
from solarhub.notifications.queries.moments import seconds_from_now


class Reported(NamedTuple):
    """A message that went out and of which its cause is to be told."""

    id: UUID
    subject_id: UUID
    event: str
    channel: str
    recipient: str


async def unreported(session: Session, *, at_most: int) -> list[Reported]:
    """Messages that went out and of which nobody was told yet, locked; those that another is telling are left out."""
    rows = await session.execute(
        sa.select(
            Notification.id,
            Notification.subject_id,
            Notification.event,
            Notification.channel,
            Notification.recipient,
        )
        .where(
            Notification.state == sa.literal_column("'sent'"),
            Notification.recorded_at.is_(None),
            Notification.subject_id.is_not(None),
        )
        .order_by(Notification.settled_at)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    )
    return [Reported(**row) for row in rows.mappings()]


async def mark_reported(session: Session, ids: Collection[UUID]) -> None:
    await session.execute(
        sa.update(Notification).where(Notification.id.in_(ids)).values(recorded_at=sa.func.now()),
        execution_options={"synchronize_session": False},
    )


async def forget_links(session: Session, provider_id: str, *, after_seconds: float) -> int:
    """Wipes what is still sealed in messages of that provider which were settled so long ago; returns how many."""
    wiped = await session.execute(
        sa.update(Notification)
        .where(
            Notification.provider_id == provider_id,
            Notification.secret_sealed.is_not(None),
            Notification.settled_at < seconds_from_now(-after_seconds),
        )
        .values(secret_sealed=None),
        execution_options={"synchronize_session": False},
    )
    return cast("sa.CursorResult[Any]", wiped).rowcount


async def of_provider(session: Session, provider_id: str, page: Page) -> tuple[Sequence[Notification], int]:
    """A page of the messages that a provider took, newest first, and how many there are."""
    taken = sa.select(Notification).where(Notification.provider_id == provider_id).order_by(Notification.id.desc())
    return await page_of(session, taken, page)


async def sealed_of_provider(session: Session, provider_id: str, id_: UUID) -> tuple[Notification, str | None] | None:
    """One of them, and what is still sealed in it."""
    row = (
        await session.execute(
            sa.select(Notification, Notification.secret_sealed).where(
                Notification.id == id_, Notification.provider_id == provider_id
            )
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def newest(session: Session, *, at_most: int) -> Sequence[Notification]:
    """The messages posted last, of everybody (worker role)."""
    rows = await session.scalars(sa.select(Notification).order_by(Notification.id.desc()).limit(at_most))
    return rows.all()
