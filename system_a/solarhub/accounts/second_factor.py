"""A second factor: an authenticator on the person's phone, and ten recovery codes for the day it is lost."""

from dataclasses import dataclass, field
from uuid import UUID

import structlog

from solarhub.accounts.desk import Desk
from solarhub.accounts.models import SecondFactor, User
from solarhub.accounts.one_time_code import (
    address_for_authenticator,
    matching_step,
    new_recovery_codes,
    new_seed,
    recovery_hash,
)
from solarhub.accounts.person import Person
from solarhub.accounts.queries import people
from solarhub.accounts.queries import second_factors as queries
from solarhub.accounts.reauthentication import password_again
from solarhub.accounts.sessions import renew
from solarhub.accounts.throttle import give_back, spend
from solarhub.audit.recording import record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound, Unauthenticated
from solarhub.kit.refusals import HIDDEN
from solarhub.kit.resealing import SealedColumn
from solarhub.kit.sealing import Keyring, Unsealable

log = structlog.get_logger(__name__)

_PLACE = "second_factor"
SEALED = SealedColumn(SecondFactor.secret_sealed, (SecondFactor.user_id, _PLACE))
_REFUSED = FieldError(
    "code",
    HIDDEN,
    "is not right, or was used already",
    "the six digits that your authenticator shows now, or a recovery code",
)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What goes into the authenticator; it is shown once."""

    seed: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The recovery codes, shown once, and the session's new token."""

    recovery_codes: list[str] = field(repr=False)
    token: str = field(repr=False)


async def enrol(desk: Desk, person: Person, password: str) -> Enrolment:
    """A new seed, which counts once its first code was given.

    Raises Invalid for a wrong password, Conflict where a second factor is on.
    """
    await password_again(desk, person, password)
    seed = new_seed()
    async with desk.acting(person.user_id) as auth:
        if not await queries.enter(auth, person.user_id, desk.keyring.seal(seed, person.user_id, _PLACE)):
            raise Conflict("A second factor protects this account already; remove it first.", state="on")
    return Enrolment(seed, address_for_authenticator(seed, person.email))


async def confirm(desk: Desk, person: Person, code: str) -> Confirmed:
    """Switches it on with a first code; other sessions end. Raises Invalid, or Conflict where nothing waits for one."""
    await spend(desk.auth, "second_factor", person.user_id)
    async with desk.acting(person.user_id) as auth:
        user = await _theirs(auth, person)
        sealed = await queries.seed(auth, user.id, confirmed=False)
        if sealed is None:
            raise Conflict("No second factor waits for its first code; begin again.", state="off")
        if not await _takes_step(desk.keyring, auth, user.id, sealed, code, confirm=True):
            raise Invalid([_REFUSED])
        codes = await _renew_codes(auth, user.id)
        token = await renew(auth, person, second_factor=True)
        await record(auth, "person.second_factor_on", "person", user.id)
        await desk.write(auth, user, "second_factor_on")
        await give_back(auth, ("second_factor", user.id))
    return Confirmed(codes, token)


async def remove(desk: Desk, person: Person, password: str, code: str) -> str:
    """Switches it off, with the password and a code; other sessions end. The session's new token.

    Raises Invalid for either, NotFound where none is on.
    """
    await password_again(desk, person, password)
    await spend(desk.auth, "second_factor", person.user_id)
    async with desk.acting(person.user_id) as auth:
        user = await _theirs(auth, person)
        if await queries.seed(auth, user.id, confirmed=True) is None:
            raise NotFound("No second factor protects this account.")
        if not await prove(desk, auth, user, code):
            raise Invalid([_REFUSED])
        await queries.remove(auth, user.id)
        token = await renew(auth, person, second_factor=False)
        await record(auth, "person.second_factor_off", "person", user.id)
        await desk.write(auth, user, "second_factor_off")
        await give_back(auth, ("second_factor", user.id))
    return token


async def renew_recovery_codes(desk: Desk, person: Person, password: str) -> list[str]:
    """Ten new ones; the old ones work no more. Raises NotFound where no second factor is on."""
    await password_again(desk, person, password)
    async with desk.acting(person.user_id) as auth:
        if await queries.seed(auth, person.user_id, confirmed=True) is None:
            raise NotFound("No second factor protects this account.")
        await record(auth, "person.renew_recovery_codes", "person", person.user_id)
        return await _renew_codes(auth, person.user_id)


async def prove(desk: Desk, session: Session, user: User, code: str) -> bool:
    """Uses up a code of the authenticator or a recovery code; False for one that is wrong or was used."""
    sealed = await queries.seed(session, user.id, confirmed=True)
    if sealed is None:
        return False
    if await _takes_step(desk.keyring, session, user.id, sealed, code):
        return True
    hashed = recovery_hash(user.id, code)
    left = await queries.use_recovery_code(session, user.id, hashed) if hashed is not None else None
    if left is None:
        return False
    await record(session, "person.use_recovery_code", "person", user.id, after={"left": left})
    await desk.write(session, user, "recovery_code_used", left=left)
    return True


async def _takes_step(
    keyring: Keyring, session: Session, user_id: UUID, sealed: str, code: str, *, confirm: bool = False
) -> bool:
    try:
        seed = keyring.open(sealed, user_id, _PLACE)
    except Unsealable:
        # a key was lost: recovery codes still work
        log.exception("a second factor cannot be opened", user_id=str(user_id))
        return False
    step = matching_step(seed, code, now())
    return step is not None and await queries.use_step(session, user_id, step, secret_sealed=sealed, confirm=confirm)


async def _renew_codes(session: Session, user_id: UUID) -> list[str]:
    codes = new_recovery_codes()
    hashes = [hashed for code in codes if (hashed := recovery_hash(user_id, code)) is not None]
    await queries.replace_recovery_codes(session, user_id, hashes)
    return codes


async def _theirs(session: Session, person: Person) -> User:
    user = await people.user_to_change(session, person.user_id)
    if user is None:
        raise Unauthenticated("Sign in first.")
    return user
