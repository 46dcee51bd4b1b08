"""What was done in an organization, for whoever may know. The session stands in it."""

from collections.abc import AsyncIterator
from uuid import UUID

from solarhub.audit import queries
from solarhub.audit.schemas import AuditAnswer, AuditFilter
from solarhub.kit.db import Session
from solarhub.kit.paging import Cursor, CursorListing


async def entries(session: Session, organization_id: UUID, asked: AuditFilter) -> CursorListing[AuditAnswer]:
    """A page of acts, newest first."""
    rows, counted = await queries.entries(session, organization_id, asked)
    return CursorListing.up_to(rows, counted, asked, show=AuditAnswer.model_validate, place=lambda row: Cursor(row.id))


async def every_entry(session: Session, organization_id: UUID, asked: AuditFilter) -> AsyncIterator[AuditAnswer]:
    """All of them, one at a time."""
    async for row in queries.every_entry(session, organization_id, asked):
        yield AuditAnswer.model_validate(row)
