"""SQL of accounts."""

import sqlalchemy as sa

from solarhub.accounts.models import User
from solarhub.kit.db import Session


async def user_by_email(session: Session, email: str) -> User | None:
    """Whoever has that address, removed or not: it can be taken once."""
    return await session.scalar(sa.select(User).where(User.email == email))
