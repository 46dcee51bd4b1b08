"""A person's e-mail address: that it is theirs, and how it becomes another one."""

from solarhub.accounts import links
from solarhub.accounts.desk import Desk, followed
from solarhub.accounts.models import User
from solarhub.accounts.network import network_of
from solarhub.accounts.person import Person
from solarhub.accounts.queries import people, sessions
from solarhub.accounts.reauthentication import password_again
from solarhub.accounts.sessions import person_of
from solarhub.accounts.throttle import letter_tries, spend, spend_each
from solarhub.audit.recording import acting, record
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, Unauthenticated


async def ask_for_verification(desk: Desk, person: Person) -> None:
    """Writes to the person's address. Conflict when it is verified already."""
    await spend_each(desk.auth, *letter_tries(person.email, network_of(desk.caller.address)))
    async with desk.acting(person.user_id) as auth:
        user = await _theirs(auth, person)
        if user.is_verified:
            raise Conflict("This e-mail address is verified already.", state="verified")
        link = await links.issue(auth, desk.public_url, "verify_email", user_id=user.id, email=user.email)
        await desk.write(auth, user, "verify_email", link=link)


async def ask_for_change(desk: Desk, person: Person, *, email: str, password: str) -> None:
    """Writes to the new address, which is to be confirmed, and to the present one.

    Raises Invalid for a wrong password or the same address. An address that somebody else has is answered alike; its
    owner gets a letter that says so.
    """
    email = email.lower()
    await password_again(desk, person, password)
    await spend_each(desk.auth, *letter_tries(email, network_of(desk.caller.address)))
    async with desk.acting(person.user_id) as auth:
        user = await _theirs(auth, person)
        if email == user.email:
            raise Invalid([FieldError("email", email, "is your present address", "another e-mail address")])
        holder = await people.user_by_email(auth, email)
        if holder is None:
            link = await links.issue(auth, desk.public_url, "change_email", user_id=user.id, email=email)
            await desk.write(auth, user, "change_email", to=email, email=email, link=link)
        elif holder.is_active and holder.removed_at is None:
            await desk.write(auth, holder, "email_taken")
        await desk.write(auth, user, "change_email_asked", email=email)
        await record(auth, "person.ask_for_email_change", "person", user.id, after={"email": email})


async def confirm(desk: Desk, token: str) -> None:
    """What a link in a letter proves: the present address is verified, or the new one takes its place.

    With a new address every session ends but the one that confirms it. Raises Invalid for a link that does not work,
    Conflict when somebody else took the address meanwhile.
    """
    await spend(desk.auth, "link.address", network_of(desk.caller.address))
    present = await person_of(desk.auth, desk.caller.token) if desk.caller.token else None
    async with desk.acting() as auth:
        user_id = await links.whose(auth, token, "verify_email", "change_email")
        user = await people.user_to_change(auth, user_id) if user_id is not None else None
        link = await links.take(auth, token, "verify_email", "change_email")
        if link is None or user is None or not user.is_active or link.email is None:
            raise links.spent()
        followed(auth, desk.caller, user.id)
        if link.purpose == "change_email":
            stays = present.session_id if present is not None and present.user_id == user.id else None
            await _change(desk, auth, user, link.email)
            await sessions.end(auth, user.id, but=stays)
        elif user.email == link.email:
            acting(auth, "person.verify_email")
            user.is_verified = True
            await auth.flush()
        else:
            raise links.spent()


async def _change(desk: Desk, session: Session, user: User, email: str) -> None:
    before = user.email
    acting(session, "person.change_email")
    user.email = email
    user.is_verified = True
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("Another account has this e-mail address by now.") from None
    await links.revoke(session, user.id)
    await desk.write(session, user, "email_changed", to=before, email=email)


async def _theirs(session: Session, person: Person) -> User:
    user = await people.user(session, person.user_id)
    if user is None:
        raise Unauthenticated("Sign in first.")
    return user
