"""SQL of an organization's messages, as its people see them: without what is sealed in them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.listing import between, each_row_of, equal, page_of_rows
from solarhub.notifications.models import Notification
from solarhub.notifications.schemas import MessageFilter

MessageRow = sa.Row[*tuple[Any, ...]]
"""The fields of a `MessageAnswer`."""


def _wanted(organization_id: UUID, asked: MessageFilter) -> sa.Select[Any]:
    wanted = sa.select(
        Notification.id,
        Notification.created_at,
        Notification.channel,
        Notification.recipient,
        Notification.event,
        Notification.subject_id,
        Notification.content["subject"].astext.label("subject"),
        Notification.content["text"].astext.label("text"),
        Notification.state,
        Notification.attempts,
        Notification.not_before,
        Notification.last_error,
        Notification.settled_at,
    ).where(
        Notification.organization_id == organization_id,
        *equal(
            (Notification.channel, asked.channel),
            (Notification.state, asked.state),
            (Notification.event, asked.event),
            (Notification.subject_id, asked.subject),
            (Notification.recipient, asked.recipient),
        ),
        *between(Notification.created_at, asked.since, asked.until),
    )
    return wanted.order_by(Notification.created_at.desc(), Notification.id.desc())


async def messages(session: Session, organization_id: UUID, asked: MessageFilter) -> tuple[Sequence[MessageRow], int]:
    """A page of messages, newest first, with one row more where there are more; and how many there are in all."""
    wanted = _wanted(organization_id, asked)
    ahead = wanted
    if asked.cursor is not None:
        place = sa.tuple_(sa.literal(asked.cursor.at), sa.literal(asked.cursor.id))
        ahead = wanted.where(sa.tuple_(Notification.created_at, Notification.id) < place)
    return await page_of_rows(session, ahead, asked, counted=wanted)


def every_message(session: Session, organization_id: UUID, asked: MessageFilter) -> AsyncIterator[MessageRow]:
    """All of them, newest first, read while they are used."""
    return each_row_of(session, _wanted(organization_id, asked))
