"""Sessions of people: opaque tokens in a cookie, of which the hub keeps the hash alone."""

from solarhub.accounts import queries
from solarhub.accounts.person import Person
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Database, outages
from solarhub.kit.tokens import SESSION, looks_like, sha256_of

COOKIE = "__Host-solarhub"


async def person_of(auth_database: Database, token: str) -> Person | None:
    """Whose session the token opens; None for one that is unknown, over, or still waits for its second factor."""
    if not looks_like(token, SESSION):
        return None
    async with outages(), auth_database.session() as auth:
        row = await queries.session_person(auth, sha256_of(token))
    if row is None:
        return None
    user, session = row
    return Person(
        user_id=user.id,
        session_id=session.id,
        email=user.email,
        name=f"{user.first_name} {user.last_name}",
        is_super_admin=user.role is UserRole.SUPER_ADMIN,
        is_verified=user.is_verified,
        second_factor=session.second_factor_at is not None,
        language=user.preferences.language,
        timezone=user.preferences.timezone,
    )
