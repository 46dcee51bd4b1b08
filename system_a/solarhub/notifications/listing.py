"""What went out from an organization or is waiting to, for whoever may know. The session stands in it."""

from collections.abc import AsyncIterator
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.paging import Cursor, CursorListing
from solarhub.notifications.queries import listing as queries
from solarhub.notifications.schemas import MessageAnswer, MessageFilter


async def messages(session: Session, organization_id: UUID, asked: MessageFilter) -> CursorListing[MessageAnswer]:
    """A page of messages, newest first."""
    rows, counted = await queries.messages(session, organization_id, asked)
    return CursorListing.up_to(
        rows,
        counted,
        asked,
        show=MessageAnswer.model_validate,
        place=lambda row: Cursor(row.id, row.created_at),
    )


async def every_message(session: Session, organization_id: UUID, asked: MessageFilter) -> AsyncIterator[MessageAnswer]:
    """All of them, one at a time."""
    async for row in queries.every_message(session, organization_id, asked):
        yield MessageAnswer.model_validate(row)
