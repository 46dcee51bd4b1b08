"""The first person of a hub: let in by a link that only the machine's operator sees, because nobody can invite them."""

from solarhub.accounts import links
from solarhub.accounts.models import User
from solarhub.accounts.queries import people
from solarhub.accounts.registration import enter_admin
from solarhub.accounts.schemas import Person
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Conflict, Unauthenticated


async def set_up_link(auth_database: Database, public_url: str) -> str | None:
    """A link that works once, for a day, in place of the one before; None as soon as somebody runs the hub."""
    async with transaction(auth_database) as auth:
        if await people.has_super_admin(auth):
            return None
        return await links.issue(auth, public_url, "set_up")


async def sign_in_link(auth_database: Database, public_url: str, email: str) -> str | None:
    """A link that signs a person in once, within a quarter of an hour: for the operator of the machine.

    None when nobody in use has that address. A second factor is asked for all the same.
    """
    async with transaction(auth_database) as auth:
        user = await people.user_by_email(auth, email.lower())
        if user is None or not user.is_active or user.removed_at is not None:
            return None
        return await links.issue(auth, public_url, "sign_in", user_id=user.id)


async def take_set_up_token(auth: Session, token: str) -> None:
    """Uses the link up, when this session commits. Raises Unauthenticated for one that does not work.

    Of two at once the second waits for the first. Commit it after whatever it lets in: a link that was not used up by a
    failure works again, and one that was leads nowhere.
    """
    if await links.take(auth, token, "set_up") is None:
        raise Unauthenticated("This set-up link does not work: it was used, replaced by a newer one, or has run out.")


async def make_first_admin(session: Session, person: Person, password_hash: str) -> User:
    """Whoever set the hub up, in a session of the app role. Raises Conflict when somebody runs it already.

    Only one at a time gets past this until its transaction has ended.
    """
    await people.alone_in_set_up(session)
    if await people.has_super_admin(session):
        raise Conflict("This hub has been set up already; sign in, or ask to be invited.")
    return await enter_admin(session, person, password_hash)
