"""Oneself over HTTP: names, preferences, and where one is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response, status

from solarhub.accounts import profile
from solarhub.accounts import sessions as word
from solarhub.accounts.deps import OwnWriting, SignedIn
from solarhub.accounts.models import User
from solarhub.accounts.queries import people, second_factors, sessions
from solarhub.accounts.schemas import ProfileChange
from solarhub.accounts.schemas.answers import MeAnswer, SessionAnswer
from solarhub.kit.db import Session
from solarhub.kit.errors import Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import AuthSession, IfMatch, Router, describe, tag
from solarhub.kit.paging import Listing, Page

router = Router(prefix="/me", tags=["yourself"])


@router.get("")
async def get_me(person: SignedIn, session: AuthSession, response: Response) -> MeAnswer:
    """Yourself; the ETag is what a change must name."""
    return await _answer(session, await profile.find(session, person.user_id), response)


@router.patch("", responses=describe(Stale, PreconditionRequired, Invalid, Unreadable))
async def change_me(
    wanted: ProfileChange, person: SignedIn, expected: IfMatch, session: OwnWriting, response: Response
) -> MeAnswer:
    """Change what is named; `preferences` are replaced whole."""
    user = await profile.find_to_change(session, person.user_id)
    expected.check(user.version)
    await profile.change(session, user, wanted)
    return await _answer(session, user, response)


@router.get("/sessions", responses=describe(Invalid))
async def list_my_sessions(
    page: Annotated[Page, Query()], person: SignedIn, session: AuthSession
) -> Listing[SessionAnswer]:
    """Where you are signed in, the last used first."""
    rows, counted = await sessions.of_person(session, person.user_id, page)
    answers = [
        SessionAnswer(
            id=row.id,
            current=row.id == person.session_id,
            address=row.address,
            user_agent=row.user_agent,
            second_factor=row.second_factor_at is not None,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
        )
        for row in rows
    ]
    return Listing.of(answers, counted, page)


@router.delete("/sessions", status_code=status.HTTP_204_NO_CONTENT)
async def end_my_other_sessions(person: SignedIn, session: OwnWriting) -> None:
    """Sign yourself out everywhere else."""
    await word.end_others(session, person)


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT, responses=describe(NotFound))
async def end_my_session(session_id: UUID, person: SignedIn, session: OwnWriting) -> None:
    """Sign yourself out there."""
    await word.end_one(session, person, session_id)


async def _answer(session: Session, user: User, response: Response) -> MeAnswer:
    tag(response, user.version)
    return MeAnswer(
        id=user.id,
        created_at=user.created_at,
        updated_at=user.updated_at,
        version=user.version,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        phone=user.phone,
        role=user.role,
        is_verified=user.is_verified,
        preferences=user.preferences,
        second_factor=await people.has_second_factor(session, user.id),
        recovery_codes_left=await second_factors.count_recovery_codes(session, user.id),
    )
