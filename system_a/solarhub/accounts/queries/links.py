"""SQL of links that work once."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import UserLink
from solarhub.kit.db import Session


async def insert(
    auth: Session, purpose: str, token_sha256: bytes, lasts: timedelta, *, user_id: UUID | None, email: str | None
) -> None:
    """A new link."""
    await auth.execute(
        sa.insert(UserLink).values(
            purpose=purpose,
            token_sha256=token_sha256,
            user_id=user_id,
            email=email,
            expires_at=sa.func.now() + lasts,
        )
    )


async def remove(auth: Session, user_id: UUID | None, *purposes: str) -> None:
    """A person's links for these purposes work no more; without a person, those that belong to nobody."""
    await auth.execute(
        sa.delete(UserLink)
        .where(UserLink.user_id == user_id if user_id is not None else UserLink.user_id.is_(None))
        .where(UserLink.purpose.in_(purposes))
        .execution_options(synchronize_session=False)
    )


async def take(auth: Session, token_sha256: bytes, *purposes: str) -> sa.Row[str, UUID | None, str | None] | None:
    """Purpose, person and address of a link, which is gone with this statement; None for one that does not work."""
    rows = await auth.execute(
        sa.delete(UserLink)
        .where(
            UserLink.token_sha256 == token_sha256,
            UserLink.purpose.in_(purposes),
            UserLink.expires_at > sa.func.now(),
        )
        .returning(UserLink.purpose, UserLink.user_id, UserLink.email)
        .execution_options(synchronize_session=False)
    )
    return rows.one_or_none()


async def whose(auth: Session, token_sha256: bytes, *purposes: str) -> UUID | None:
    """The person of a link that works, without using it up."""
    return await auth.scalar(
        sa.select(UserLink.user_id).where(
            UserLink.token_sha256 == token_sha256, UserLink.purpose.in_(purposes), UserLink.expires_at > sa.func.now()
        )
    )


async def remove_expired(auth: Session) -> None:
    """Forgets what has run out."""
    await auth.execute(
        sa.delete(UserLink).where(UserLink.expires_at < sa.func.now()).execution_options(synchronize_session=False)
    )
