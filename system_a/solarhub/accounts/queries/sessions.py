"""SQL of people's sessions. Times are the database's."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.lifetimes import SUPER_ADMIN, TOUCHED_EVERY, USUAL
from solarhub.accounts.models import User, UserSession
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.compiled import Compiled
from solarhub.kit.db import Session
from solarhub.kit.drivers import Driver
from solarhub.kit.listing import page_of
from solarhub.kit.paging import Page

_is_super_admin = User.role == UserRole.SUPER_ADMIN


def _in_force() -> Sequence[sa.SQLColumnExpression[bool]]:
    idle = sa.case((_is_super_admin, sa.literal(SUPER_ADMIN.idle)), else_=sa.literal(USUAL.idle))
    altogether = sa.case((_is_super_admin, sa.literal(SUPER_ADMIN.altogether)), else_=sa.literal(USUAL.altogether))
    return (
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > sa.func.now(),
        UserSession.last_seen_at > sa.func.now() - idle,
        # whoever became a super admin meanwhile has shorter sessions from then on
        UserSession.created_at > sa.func.now() - altogether,
        User.is_active,
        User.removed_at.is_(None),
    )


async def half_opened(auth: Session, token_sha256: bytes) -> sa.Row[User, UserSession] | None:
    """A session that waits for its second factor, and its person, both in use."""
    rows = await auth.execute(
        sa.select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_sha256 == token_sha256, UserSession.awaiting_second_factor, *_in_force())
    )
    return rows.one_or_none()


class Opening(NamedTuple):
    """Of a session in use and its person what every request asks; `is_stale`: its use is to be written down again."""

    user_id: UUID
    session_id: UUID
    email: str
    first_name: str
    last_name: str
    role: str
    is_verified: bool
    preferences: Mapping[str, Any]
    second_factor: bool
    is_stale: bool


OPENING = (
    sa.select(
        User.id.label("user_id"),
        UserSession.id.label("session_id"),
        User.email,
        User.first_name,
        User.last_name,
        User.role,
        User.is_verified,
        User.preferences,
        UserSession.second_factor_at.is_not(None).label("second_factor"),
        (UserSession.last_seen_at < sa.func.now() - TOUCHED_EVERY).label("is_stale"),
    )
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        UserSession.token_sha256 == sa.bindparam("token_sha256", type_=sa.LargeBinary),
        sa.not_(UserSession.awaiting_second_factor),
        *_in_force(),
    )
)
"""The columns of Opening, for the token with the hash `token_sha256`."""
_opening = Compiled(OPENING)


async def opening(auth: Driver, token_sha256: bytes) -> Opening | None:
    """What a session in force opens that waits for nothing."""
    rows = await _opening.rows(auth, token_sha256=token_sha256)
    return Opening(*rows[0]) if rows else None


async def touch(auth: Session, session_id: UUID) -> None:
    """Writes down that it is used, unless somebody just did."""
    await auth.execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.last_seen_at < sa.func.now() - TOUCHED_EVERY)
        .values(last_seen_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )


async def open_one(
    auth: Session,
    user_id: UUID,
    token_sha256: bytes,
    lasts: timedelta,
    *,
    awaiting_second_factor: bool,
    address: str | None,
    user_agent: str | None,
) -> UUID:
    """A new session; its id."""
    opened: UUID | None = await auth.scalar(
        sa.insert(UserSession)
        .values(
            user_id=user_id,
            token_sha256=token_sha256,
            awaiting_second_factor=awaiting_second_factor,
            address=address,
            user_agent=user_agent,
            expires_at=sa.func.now() + lasts,
        )
        .returning(UserSession.id)
    )
    if opened is None:
        raise RuntimeError("an INSERT of one row returned none")
    return opened


async def complete(auth: Session, session_id: UUID, token_sha256: bytes, lasts: timedelta) -> bool:
    """A session that waited for its second factor waits no more, and has a new token; False if it is over by now."""
    done = await auth.scalar(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.awaiting_second_factor, UserSession.revoked_at.is_(None))
        .values(
            token_sha256=token_sha256,
            awaiting_second_factor=False,
            second_factor_at=sa.func.now(),
            created_at=sa.func.now(),
            last_seen_at=sa.func.now(),
            expires_at=sa.func.now() + lasts,
        )
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    return done is not None


async def rotate(auth: Session, session_id: UUID, token_sha256: bytes, *, second_factor: bool | None) -> None:
    """A new token for a session that goes on; `second_factor`: whether it is proven from now on, None as it was."""
    proven: dict[str, Any] = {}
    if second_factor is not None:
        proven["second_factor_at"] = sa.func.now() if second_factor else None
    await auth.execute(
        sa.update(UserSession)
        .where(UserSession.id == session_id, UserSession.revoked_at.is_(None))
        .values(token_sha256=token_sha256, **proven)
        .execution_options(synchronize_session=False)
    )


async def end_by_token(auth: Session, token_sha256: bytes) -> UUID | None:
    """Ends the session of a token, in force or not; whose it was."""
    return await auth.scalar(
        sa.update(UserSession)
        .where(UserSession.token_sha256 == token_sha256, UserSession.revoked_at.is_(None))
        .values(revoked_at=sa.func.now())
        .returning(UserSession.user_id)
        .execution_options(synchronize_session=False)
    )


async def end(auth: Session, user_id: UUID, *, but: UUID | None = None, only: UUID | None = None) -> int:
    """Ends a person's sessions: all, all but one, or a single one. Returns how many."""
    ended = (
        sa.update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
        .values(revoked_at=sa.func.now())
        .returning(UserSession.id)
        .execution_options(synchronize_session=False)
    )
    if but is not None:
        ended = ended.where(UserSession.id != but)
    if only is not None:
        ended = ended.where(UserSession.id == only)
    return len((await auth.scalars(ended)).all())


async def of_person(auth: Session, user_id: UUID, page: Page) -> tuple[Sequence[UserSession], int]:
    """A page of somebody's sessions in force, the last used first; and how many there are."""
    wanted = (
        sa.select(UserSession)
        .join(User, UserSession.user_id == User.id)
        .where(UserSession.user_id == user_id, sa.not_(UserSession.awaiting_second_factor), *_in_force())
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    )
    return await page_of(auth, wanted, page)


async def remove_old(auth: Session, ended_for: timedelta) -> None:
    """Forgets sessions that ended that long ago; until then they tell from where a person signs in."""
    await auth.execute(
        sa.delete(UserSession)
        .where(
            sa.or_(
                UserSession.expires_at < sa.func.now() - ended_for,
                sa.and_(UserSession.awaiting_second_factor, UserSession.expires_at < sa.func.now()),
            )
        )
        .execution_options(synchronize_session=False)
    )
