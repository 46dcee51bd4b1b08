"""How a person comes to have an account."""

from solarhub.accounts import queries
from solarhub.accounts.models import NO_PASSWORD, User
from solarhub.accounts.schemas import Person
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict


async def find_or_begin(session: Session, email: str) -> User:
    """The account with that e-mail address, in use or not, or a new one that nobody can sign in to yet.

    For whoever may not learn which of them it is. The name of a new one is empty: its owner says it.
    """
    made = User(email=email.lower(), password_hash=NO_PASSWORD, first_name="", last_name="")
    found = await queries.user_by_email(session, made.email)
    if found is not None:
        return found
    try:
        with violations():
            async with session.begin_nested():
                session.add(made)
    except UniqueViolated:
        # entered by somebody else at this moment
        found = await queries.user_by_email(session, made.email)
        if found is None:
            raise
        return found
    return made


async def find_or_enter(session: Session, person: Person) -> User:
    """The account with that e-mail address as it is, or a new one that nobody can sign in to yet.

    Conflict when the account was removed or switched off.
    """
    email = person.email.lower()
    found = await queries.user_by_email(session, email)
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
            found = await queries.user_by_email(session, email)
        else:
            return made
    if found is None or found.removed_at is not None or not found.is_active:
        raise Conflict("The account with that e-mail address is not in use any more.")
    return found
