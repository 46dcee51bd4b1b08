"""Everybody over HTTP: for those who run the hub."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from solarhub.accounts import users
from solarhub.accounts.deps import AuthDatabase, OwnWriting, SuperAdmin
from solarhub.accounts.models import User
from solarhub.accounts.queries import people
from solarhub.accounts.schemas.answers import UserAnswer
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, Invalid, NotFound
from solarhub.kit.http import AuthSession, Router, describe, tag
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing, Page

router = Router(prefix="/users", tags=["people"])


class UserFilter(BaseModel):
    """Which people are shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    search: str | None = Field(
        default=None,
        title="Part of a name or e-mail address",
        min_length=1,
        max_length=100,
        pattern=r"^[^\x00]*$",
        examples=["khan"],
    )
    role: UserRole | None = Field(default=None, title="Role on the whole hub")
    is_active: bool | None = Field(default=None, title="May sign in")


class UserPage(UserFilter, Page):
    """The same, a page at a time."""


class UserFile(UserFilter):
    """The same, as a file."""

    format: Annotated[ExportFormat, FORMAT] = ExportFormat.CSV


@router.get("", responses=describe(Invalid))
async def list_users(
    wanted: Annotated[UserPage, Query()], _person: SuperAdmin, session: AuthSession
) -> Listing[UserAnswer]:
    """Everybody with an account, by e-mail address."""
    rows, counted = await people.users(
        session, wanted, search=wanted.search, role=wanted.role, is_active=wanted.is_active
    )
    return Listing.of([_told(user, second_factor=has) for user, has in rows], counted, wanted)


@router.get("/export", response_class=StreamingResponse, responses=AS_FILE | describe(Invalid))
async def export_users(
    wanted: Annotated[UserFile, Query()], _person: SuperAdmin, auth: AuthDatabase
) -> StreamingResponse:
    """Everybody with an account, as a file."""
    answers = answers_of(
        auth.session,
        lambda session: people.every_user(session, search=wanted.search, role=wanted.role, is_active=wanted.is_active),
        lambda row: _told(row[0], second_factor=row[1]),
    )
    return export("users", answers, UserAnswer, wanted.format)


@router.get("/{user_id}", responses=describe(NotFound))
async def get_user(user_id: UUID, _person: SuperAdmin, session: AuthSession, response: Response) -> UserAnswer:
    """One person."""
    return await _answer(session, await users.find(session, user_id), response)


@router.post("/{user_id}/deactivate", responses=describe(NotFound, Conflict))
async def deactivate_user(user_id: UUID, _person: SuperAdmin, session: OwnWriting, response: Response) -> UserAnswer:
    """Let a person in no more: whatever they are signed in to ends at once."""
    return await _answer(session, await users.deactivate(session, user_id), response)


@router.post("/{user_id}/reactivate", responses=describe(NotFound, Conflict))
async def reactivate_user(user_id: UUID, _person: SuperAdmin, session: OwnWriting, response: Response) -> UserAnswer:
    """Let a person in again."""
    return await _answer(session, await users.reactivate(session, user_id), response)


async def _answer(session: Session, user: User, response: Response) -> UserAnswer:
    tag(response, user.version)
    return _told(user, second_factor=await people.has_second_factor(session, user.id))


def _told(user: User, *, second_factor: bool) -> UserAnswer:
    return UserAnswer(
        id=user.id,
        created_at=user.created_at,
        updated_at=user.updated_at,
        version=user.version,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        phone=user.phone,
        role=user.role,
        is_active=user.is_active,
        is_verified=user.is_verified,
        second_factor=second_factor,
    )
