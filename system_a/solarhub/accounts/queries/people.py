"""SQL of people."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Protocol, cast
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import SecondFactor, User, UserSession
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Session
from solarhub.kit.listing import each_row_of, page_of_rows
from solarhub.kit.paging import Page

_REMEMBERED = timedelta(days=90)
_MOST_PLACES = 100


def _has_second_factor() -> sa.ColumnElement[bool]:
    return sa.exists().where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))


async def user_by_email(session: Session, email: str) -> User | None:
    """Whoever has that address, removed or not: it can be taken once."""
    return await session.scalar(sa.select(User).where(User.email == email))


async def user(session: Session, user_id: UUID) -> User | None:
    """One who was not removed."""
    return await session.scalar(sa.select(User).where(User.id == user_id, User.removed_at.is_(None)))


async def user_to_change(session: Session, user_id: UUID) -> User | None:
    """The same, as it is this instant, locked."""
    return await session.scalar(
        sa.select(User)
        .where(User.id == user_id, User.removed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def pending_version(auth: Session, user_id: UUID, no_password: str) -> int | None:
    """The version of somebody in use whose password's hash is `no_password`."""
    return await auth.scalar(
        sa.select(User.version).where(
            User.id == user_id, User.is_active, User.removed_at.is_(None), User.password_hash == no_password
        )
    )


class Credentials(Protocol):
    """What a sign-in is judged by.

    `places`: addresses of the person's sessions of the last 90 days; `same_browser`: one of them was this browser's.
    """

    @property
    def User(self) -> User: ...  # noqa: N802 - SQLAlchemy names an entity in a row by its class

    @property
    def password_hash(self) -> str: ...

    @property
    def places(self) -> list[str | None]: ...

    @property
    def same_browser(self) -> bool: ...


async def credentials(auth: Session, email: str, token_sha256: bytes) -> Credentials | None:
    """Of whoever has that address; `token_sha256`: of the browser's last session."""
    theirs = sa.select(UserSession).where(
        UserSession.user_id == User.id,
        sa.not_(UserSession.awaiting_second_factor),
        UserSession.created_at > sa.func.now() - _REMEMBERED,
    )
    places = theirs.with_only_columns(UserSession.address).order_by(UserSession.id.desc()).limit(_MOST_PLACES)
    rows = await auth.execute(
        sa.select(
            User,
            User.password_hash,
            sa.func.array(places.scalar_subquery()).label("places"),
            theirs.where(UserSession.token_sha256 == token_sha256).exists().label("same_browser"),
        ).where(User.email == email)
    )
    return cast("Credentials | None", rows.one_or_none())


async def password_hash(auth: Session, user_id: UUID) -> str | None:
    """What the present password of somebody in use is checked against."""
    return await auth.scalar(sa.select(User.password_hash).where(User.id == user_id, User.is_active))


async def in_use(
    auth: Session, user_id: UUID, *, password_hash: str | None = None, to_change: bool = False
) -> User | None:
    """The person, if in use, and if this is still the password's hash where one is given.

    Whoever deactivates them or changes what proves them waits until this transaction has ended, and then sees what it
    made. What hangs on the person is asked for after this, or it may be older than the lock.
    """
    wanted = sa.select(User).where(User.id == user_id, User.is_active, User.removed_at.is_(None))
    if password_hash is not None:
        wanted = wanted.where(User.password_hash == password_hash)
    return await auth.scalar(wanted.with_for_update(read=not to_change).execution_options(populate_existing=True))


async def alone_in_set_up(session: Session) -> None:
    """Waits until nobody else sets this hub up, and keeps others waiting until this transaction has ended."""
    await session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("solarhub set-up"))))


async def has_super_admin(session: Session) -> bool:
    """Whether anybody runs this hub yet."""
    # the id alone: the app role may not read what proves who somebody is
    return bool(await session.scalar(sa.select(_super_admins().with_only_columns(User.id).exists())))


async def other_super_admins(auth: Session, user_id: UUID) -> int:
    """How many others run this hub; they stay what they are until this transaction has ended."""
    everyone = _super_admins().with_only_columns(User.id).order_by(User.id).with_for_update()
    return sum(1 for found in await auth.scalars(everyone) if found != user_id)


def _super_admins() -> sa.Select[User]:
    return sa.select(User).where(User.role == UserRole.SUPER_ADMIN, User.is_active, User.removed_at.is_(None))


async def users(
    auth: Session, page: Page, *, search: str | None, role: UserRole | None, is_active: bool | None
) -> tuple[Sequence[sa.Row[User, bool]], int]:
    """A page of people by e-mail address, each with whether there is a second factor; and how many there are."""
    return await page_of_rows(auth, _wanted(search, role, is_active=is_active), page)


def every_user(
    auth: Session, *, search: str | None, role: UserRole | None, is_active: bool | None
) -> AsyncIterator[sa.Row[User, bool]]:
    """All of them, read while they are used."""
    return each_row_of(auth, _wanted(search, role, is_active=is_active))


def _wanted(search: str | None, role: UserRole | None, *, is_active: bool | None) -> sa.Select[User, bool]:
    wanted = sa.select(User, _has_second_factor()).where(User.removed_at.is_(None))
    if search is not None:
        told = sa.func.concat_ws(" ", User.first_name, User.last_name, User.email)
        wanted = wanted.where(sa.func.lower(told).contains(search.lower(), autoescape=True))
    if role is not None:
        wanted = wanted.where(User.role == role)
    if is_active is not None:
        wanted = wanted.where(User.is_active == is_active)
    return wanted.order_by(User.email)


async def has_second_factor(auth: Session, user_id: UUID) -> bool:
    """Whether a code is asked for after the password."""
    return bool(await auth.scalar(sa.select(_has_second_factor()).where(User.id == user_id)))
