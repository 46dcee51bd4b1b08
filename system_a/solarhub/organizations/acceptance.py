"""Taking an invitation up: by whoever is signed in, or by somebody whose account begins with it.

A link may have passed through other hands, those of the inviter first of all. So it lets nobody into an account that
is anybody's already: one with a password, one that stands somewhere, or one that runs the hub. Its owner signs in.
"""

from collections.abc import Callable
from uuid import UUID

from solarhub.accounts.models import User
from solarhub.accounts.password_rules import words_of
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.person import Person
from solarhub.accounts.registration import Pending, complete, find_or_begin, pending
from solarhub.accounts.vocabulary import UserRole
from solarhub.audit.recording import Trail, follow
from solarhub.kit.db import Database, Session, outages
from solarhub.kit.errors import Conflict, FieldError, Invalid, Unauthenticated
from solarhub.kit.sealing import Keyring
from solarhub.organizations.actor import Actor
from solarhub.organizations.invitations import Acceptance, Invited, NotValidAnyMore, Place, find
from solarhub.organizations.queries import invitations as queries
from solarhub.organizations.schemas.invitations import InvitationAcceptance, NextStep

_ACCOUNT_EXISTS = "There is an account for {email}: sign in, then open the invitation again."


async def look(auth_database: Database, token: str, person: Person | None) -> tuple[Invited, NextStep]:
    """What an invitation is for, and what stands between this person, or nobody yet, and taking it up."""
    async with outages(), auth_database.session() as auth:
        _, invited = await find(auth, token)
        if person is not None:
            return invited, NextStep.ACCEPT if _is_for(invited, person) else NextStep.SIGN_OUT
        if invited.email is None:
            return invited, NextStep.SAY_WHO
        begins, _ = await _begins_here(auth, invited.user_id, invited.email)
        return invited, NextStep.SET_PASSWORD if begins else NextStep.SIGN_IN


async def accept(
    session: Session,
    auth_database: Database,
    passwords: Passwords,
    *,
    keyring: Keyring,
    wanted: InvitationAcceptance,
    person: Person | None,
    trail_of: Callable[[Actor], Trail],
) -> Place:
    """Takes it up, once, in one transaction of `session` (app role) with the account that it may begin.

    Raises NotValidAnyMore; Conflict for somebody whom it is not for, with the e-mail address that it is for;
    Unauthenticated for an account that has to be signed in to; Invalid for what is missing to begin one.
    """
    known: Pending | None = None
    async with outages(), auth_database.session() as auth:
        kind, invited = await find(auth, wanted.token.get_secret_value())
        if person is None:
            email = _email(invited, wanted)
            begins, known = await _begins_here(auth, invited.user_id, email)
            if not begins:
                raise Unauthenticated(_ACCOUNT_EXISTS.format(email=email))
        elif not _is_for(invited, person):
            raise Conflict(
                f"This invitation is for {invited.email}, and you are signed in as {person.email}:"
                " sign out, then open it again.",
                email=invited.email,
            )
    if person is None:
        user = await _begin(session, passwords, invited=invited, wanted=wanted, known=known, trail_of=trail_of)
        actor = Actor(user.id)
    else:
        actor = Actor(person.user_id, is_super_admin=person.is_super_admin, second_factor=person.second_factor)
        follow(session, trail_of(actor))
        found = await queries.person(session, person.user_id)
        if found is None:
            raise NotValidAnyMore
        user = found
    wish = Acceptance(actor, auth_database, wanted.organization_id, wanted.organization_name)
    return await kind.accept(session, keyring, invited, user, wish)


def _is_for(invited: Invited, person: Person) -> bool:
    # an account keeps its invitations when its address changes
    if invited.user_id is not None:
        return invited.user_id == person.user_id
    return invited.email is None or invited.email == person.email


def _email(invited: Invited, wanted: InvitationAcceptance) -> str:
    if invited.email is not None:
        if wanted.email is not None and wanted.email.lower() != invited.email:
            raise Invalid([FieldError("email", wanted.email, "is not whom the invitation is for", invited.email)])
        return invited.email
    if wanted.email is None:
        needed = "the e-mail address of the account that is to begin, unless you sign in"
        raise Invalid([FieldError("email", None, "is required", needed)])
    return wanted.email.lower()


async def _begins_here(auth: Session, user_id: UUID | None, email: str) -> tuple[bool, Pending | None]:
    """Whether the account begins with this invitation, because nobody has it by any way yet; and how it was found."""
    user = await (queries.person(auth, user_id) if user_id is not None else queries.person_at(auth, email))
    if user is None:
        return True, None
    known = await pending(auth, user.id)
    begins = (
        known is not None and user.role is not UserRole.SUPER_ADMIN and not await queries.holds_anything(auth, user.id)
    )
    return begins, known


async def _begin(
    session: Session,
    passwords: Passwords,
    *,
    invited: Invited,
    wanted: InvitationAcceptance,
    known: Pending | None,
    trail_of: Callable[[Actor], Trail],
) -> User:
    email = _email(invited, wanted)
    first_name, last_name, password = _told(invited, wanted)
    own_words = words_of(email, first_name, last_name, invited.organization_name, wanted.organization_name)
    password_hash = await passwords.chosen(password, own_words)
    if known is None:
        made = await find_or_begin(session, email)
        known = Pending(made.id, made.version)
        if made.first_name:
            # it was not there a moment ago, and is somebody's now
            raise Unauthenticated(_ACCOUNT_EXISTS.format(email=email))
    follow(session, trail_of(Actor(known.user_id)))
    return await complete(
        session,
        known,
        first_name=first_name,
        last_name=last_name,
        password_hash=password_hash,
        phone=invited.phone,
    )


def _told(invited: Invited, wanted: InvitationAcceptance) -> tuple[str, str, str]:
    """First name, last name and password; the names as the inviter wrote them, where nothing else is said."""
    invited_first, _, invited_last = (invited.name or "").rpartition(" ")
    given = {
        "first_name": wanted.first_name or invited_first or invited.name,
        "last_name": wanted.last_name or invited_last,
        "password": wanted.password.get_secret_value() if wanted.password is not None else None,
    }
    missing = [
        FieldError(field, None, "is required", "your name, and a password for the account that begins here")
        for field, value in given.items()
        if not value
    ]
    if missing:
        raise Invalid(missing)
    return str(given["first_name"]), str(given["last_name"]), str(given["password"])
