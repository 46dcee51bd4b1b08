"""What a person says of themselves."""

from uuid import UUID

from solarhub.accounts.models import User
from solarhub.accounts.queries import people
from solarhub.accounts.schemas import ProfileChange
from solarhub.kit.db import Session, ValueRefused, violations
from solarhub.kit.errors import FieldError, Invalid, NotFound


async def find(session: Session, user_id: UUID) -> User:
    """NotFound for one who is not there any more."""
    user = await people.user(session, user_id)
    if user is None:
        raise NotFound
    return user


async def find_to_change(session: Session, user_id: UUID) -> User:
    """As `find`, and locked."""
    user = await people.user_to_change(session, user_id)
    if user is None:
        raise NotFound
    return user


async def change(session: Session, user: User, wanted: ProfileChange) -> User:
    """Sets what the request named, on a person who is locked."""
    for name in wanted.model_fields_set:
        setattr(user, name, getattr(wanted, name))
    try:
        with violations():
            await session.flush()
    except ValueRefused:
        unknown = FieldError(
            "preferences.timezone",
            user.preferences.timezone,
            "is not known to the database server, whose list of time zones is older",
            "an IANA time zone name such as Asia/Karachi",
        )
        raise Invalid([unknown]) from None
    return user
