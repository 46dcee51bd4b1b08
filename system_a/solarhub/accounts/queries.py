"""SQL of accounts."""

import sqlalchemy as sa

from solarhub.accounts.models import User, UserSession
from solarhub.kit.db import Session


async def user_by_email(session: Session, email: str) -> User | None:
    """Whoever has that address, removed or not: it can be taken once."""
    return await session.scalar(sa.select(User).where(User.email == email))


async def session_person(auth: Session, token_sha256: bytes) -> sa.Row[User, UserSession] | None:
    """A session that is in force and needs nothing more, with its person, who is in use (auth role)."""
    rows = await auth.execute(
        sa.select(User, UserSession)
        .join(UserSession, UserSession.user_id == User.id)
        .where(
            UserSession.token_sha256 == token_sha256,
            UserSession.revoked_at.is_(None),
            UserSession.expires_at > sa.func.now(),
            sa.not_(UserSession.awaiting_second_factor),
            User.is_active,
            User.removed_at.is_(None),
        )
    )
    return rows.one_or_none()
