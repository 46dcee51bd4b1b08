"""Sessions of people: opaque tokens in a cookie, of which the hub keeps the hash alone.

A token is replaced whenever its session comes to mean more: with a sign-in, a second factor, a new password.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from solarhub.accounts.caller import Caller
from solarhub.accounts.desk import followed
from solarhub.accounts.lifetimes import AWAITING_SECOND_FACTOR, lifetime
from solarhub.accounts.models import User, UserSession
from solarhub.accounts.person import Person
from solarhub.accounts.preferences import Preferences
from solarhub.accounts.queries import sessions as queries
from solarhub.accounts.vocabulary import UserRole
from solarhub.audit.recording import record
from solarhub.kit.db import Database, Session, outages, transaction
from solarhub.kit.errors import NotFound
from solarhub.kit.tokens import SESSION, looks_like, new_token, sha256_of

COOKIE = "__Host-solarhub"
_LONGEST_USER_AGENT = 200

OPENING = queries.OPENING
"""The statement of a session that opens, for whoever asks it together with a question of their own."""
Opening = queries.Opening


@dataclass(frozen=True, slots=True)
class Opened:
    """A session somebody just got, and the token for the cookie; `lasts` at the longest."""

    user: User
    token: str = field(repr=False)
    lasts: timedelta
    awaiting_second_factor: bool = False


async def person_of(auth_database: Database, token: str) -> Person | None:
    """Whose session the token opens; None for one that is unknown, over, or still waits for its second factor."""
    if not looks_like(token, SESSION):
        return None
    async with outages(), auth_database.driver() as driver:
        found = await queries.opening(driver, sha256_of(token))
    if found is None:
        return None
    await in_use(auth_database, found)
    preferences = Preferences.from_stored(found.preferences)
    return Person(
        user_id=found.user_id,
        session_id=found.session_id,
        email=found.email,
        name=f"{found.first_name} {found.last_name}",
        is_super_admin=found.role == UserRole.SUPER_ADMIN.value,
        is_verified=found.is_verified,
        second_factor=found.second_factor,
        language=preferences.language,
        timezone=preferences.timezone,
        dashboard=preferences.dashboard,
    )


async def in_use(auth_database: Database, found: queries.Opening) -> None:
    """Writes down from time to time that a session is used."""
    if found.is_stale:
        async with transaction(auth_database) as auth:
            await queries.touch(auth, found.session_id)


async def half_opened(auth_database: Database, token: str | None) -> tuple[User, UserSession] | None:
    """The session that waits for its second factor, and whose it is."""
    if token is None or not looks_like(token, SESSION):
        return None
    async with outages(), auth_database.session() as auth:
        found = await queries.half_opened(auth, sha256_of(token))
    return (found[0], found[1]) if found is not None else None


async def open_session(session: Session, user: User, caller: Caller, *, awaiting_second_factor: bool = False) -> Opened:
    """A new session in place of the browser's last; one that waits for the second factor opens nothing yet."""
    if caller.token:
        await queries.end_by_token(session, sha256_of(caller.token))
    longest = lifetime(is_super_admin=user.role is UserRole.SUPER_ADMIN).altogether
    lasts = AWAITING_SECOND_FACTOR if awaiting_second_factor else longest
    token = new_token(SESSION)
    await queries.open_one(
        session,
        user.id,
        sha256_of(token),
        lasts,
        awaiting_second_factor=awaiting_second_factor,
        address=caller.address or None,
        user_agent=caller.user_agent[:_LONGEST_USER_AGENT] if caller.user_agent else None,
    )
    return Opened(user, token, lasts, awaiting_second_factor)


async def complete(session: Session, user: User, session_id: UUID) -> Opened | None:
    """The session whose second factor was just proven; None if it is over by now."""
    lasts = lifetime(is_super_admin=user.role is UserRole.SUPER_ADMIN).altogether
    token = new_token(SESSION)
    if not await queries.complete(session, session_id, sha256_of(token), lasts):
        return None
    return Opened(user, token, lasts)


async def renew(session: Session, person: Person, *, second_factor: bool | None = None) -> str:
    """Ends the person's other sessions and gives this one a new token, because something that proves them changed."""
    await queries.end(session, person.user_id, but=person.session_id)
    token = new_token(SESSION)
    await queries.rotate(session, person.session_id, sha256_of(token), second_factor=second_factor)
    return token


async def end_current(session: Session, caller: Caller) -> None:
    """Signs the browser out; does nothing where it was not signed in."""
    user_id = await queries.end_by_token(session, sha256_of(caller.token)) if caller.token else None
    if user_id is not None:
        await record(followed(session, caller, user_id), "person.sign_out", "person", user_id)


async def end_others(session: Session, person: Person) -> None:
    """Signs the person out everywhere else."""
    ended = await queries.end(session, person.user_id, but=person.session_id)
    await record(session, "person.end_sessions", "person", person.user_id, after={"ended": ended})


async def end_one(session: Session, person: Person, session_id: UUID) -> None:
    """Signs the person out there. NotFound for a session that is over, or somebody else's."""
    if not await queries.end(session, person.user_id, only=session_id):
        raise NotFound
    await record(session, "person.end_sessions", "person", person.user_id, after={"session_id": session_id})
