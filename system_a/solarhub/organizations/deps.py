"""Sessions that already stand in the organization of the path; an id that is not there, or not yours, is 404."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from solarhub.kit.db import Session
from solarhub.kit.http import ReadingSession, WritingSession
from solarhub.organizations.access import enter_one
from solarhub.organizations.models import Organization


async def _organization_to_read(organization_id: UUID, session: ReadingSession) -> Organization:
    return await enter_one(session, organization_id)


async def _organization_to_change(organization_id: UUID, session: WritingSession) -> Organization:
    return await enter_one(session, organization_id)


OrganizationToRead = Annotated[Organization, Depends(_organization_to_read, scope="function")]
OrganizationToChange = Annotated[Organization, Depends(_organization_to_change, scope="function")]


async def _reading(_organization: OrganizationToRead, session: ReadingSession) -> Session:
    return session


async def _changing(_organization: OrganizationToChange, session: WritingSession) -> Session:
    return session


TenantReading = Annotated[Session, Depends(_reading, scope="function")]
"""A read-only session in the path's organization."""

TenantWriting = Annotated[Session, Depends(_changing, scope="function")]
"""A session in the path's organization that commits before the answer leaves."""
