"""How a person comes to have an account."""

from dataclasses import dataclass
from uuid import UUID

from solarhub.accounts.models import NO_PASSWORD, User
from solarhub.accounts.preferences import Preferences
from solarhub.accounts.queries import people
from solarhub.accounts.schemas import Person
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict


async def find_or_begin(session: Session, email: str) -> User:
    """The account with that e-mail address, in use or not, or a new one that nobody can sign in to yet.

    For whoever may not learn which of them it is. The name of a new one is empty: its owner says it.
    """
    made = User(email=email.lower(), password_hash=NO_PASSWORD, first_name="", last_name="")
    found = await people.user_by_email(session, made.email)
    if found is not None:
        return found
    try:
        with violations():
            async with session.begin_nested():
                session.add(made)
    except UniqueViolated:
        # entered by somebody else at this moment
        found = await people.user_by_email(session, made.email)
        if found is None:
            raise
        return found
    return made


async def find_or_enter(session: Session, person: Person) -> User:
    """The account with that e-mail address as it is, or a new one that nobody can sign in to yet.

    Conflict when the account was removed or switched off.
    """
    email = person.email.lower()
    found = await people.user_by_email(session, email)
    if found is None:
        made = User(
            email=email,
            phone=person.phone,
            password_hash=NO_PASSWORD,
            first_name=person.first_name,
            last_name=person.last_name,
            preferences=person.preferences,
        )
        try:
            with violations():
                async with session.begin_nested():
                    session.add(made)
        except UniqueViolated:
            # entered by somebody else at this moment
            found = await people.user_by_email(session, email)
        else:
            return made
    if found is None or found.removed_at is not None or not found.is_active:
        raise Conflict("The account with that e-mail address is not in use any more.")
    return found


@dataclass(frozen=True, slots=True)
class Pending:
    """An account that nobody can sign in to yet, as it was when it was looked at."""

    user_id: UUID
    version: int


async def pending(auth: Session, user_id: UUID) -> Pending | None:
    """Whether a person still has to choose a password: asked of the auth role, which alone can tell."""
    version = await people.pending_version(auth, user_id, NO_PASSWORD)
    return Pending(user_id, version) if version is not None else None


async def complete(
    session: Session,
    pending: Pending,
    *,
    first_name: str,
    last_name: str,
    password_hash: str,
    phone: str | None = None,
    preferences: Preferences | None = None,
    is_verified: bool = False,
) -> User:
    """A person whom somebody else entered takes the account over; `is_verified`: they came by a letter to its address.

    The caller has matched a token that was meant for this person, and `Passwords.chosen` made the hash. Conflict when
    the account was changed since it was looked at: of two at once, one completes it.
    """
    user = await people.user_to_change(session, pending.user_id)
    if user is None or not user.is_active or user.version != pending.version:
        raise Conflict("This account was completed or changed at this moment: sign in with its password.")
    user.first_name = first_name
    user.last_name = last_name
    user.password_hash = password_hash
    if phone is not None:
        user.phone = phone
    if preferences is not None:
        user.preferences = preferences
    if is_verified:
        user.is_verified = True
    await session.flush()
    return user


async def enter_admin(session: Session, person: Person, password_hash: str | None = None) -> User:
    """Whoever runs this hub: a new account, or the one with that e-mail address, which gets this role.

    An account that exists keeps its names and its password; a new one without `password_hash` is let in by a link.
    Conflict when the account was removed or switched off.
    """
    user = await find_or_enter(session, person)
    user.role = UserRole.SUPER_ADMIN
    if password_hash is not None:
        user.password_hash = password_hash
    await session.flush()
    return user
