"""Signing in: password, then the second factor where there is one; or a link that works once.

Whether an account exists, has a password or is switched off shows neither in the answer nor in the work that is done
for it: each try is looked up once, checked against one hash, and written down.
"""

from collections.abc import Sequence

from solarhub.accounts import links, second_factor
from solarhub.accounts.caller import Caller
from solarhub.accounts.desk import Desk, followed
from solarhub.accounts.models import User
from solarhub.accounts.network import network_of
from solarhub.accounts.queries import people
from solarhub.accounts.sessions import Opened, complete, half_opened, open_session
from solarhub.accounts.throttle import Try, give_back, spend, spend_each
from solarhub.audit.recording import acting, record
from solarhub.kit.errors import Unauthenticated
from solarhub.kit.tokens import sha256_of

REFUSED = "The e-mail address or the password is not right."
_OVER = "Sign in with your e-mail address and password first; there are ten minutes for the code after that."
_SPENT = "This link does not work: it was used, replaced by a newer one, or has run out."


async def sign_in(desk: Desk, email: str, password: str) -> Opened:
    """A session, which waits for the second factor where there is one.

    Raises Unauthenticated, TooManyRequests, or Unavailable when too many sign in at once.
    """
    email = email.lower()
    async with desk.looking() as auth:
        found = await people.credentials(auth, email, sha256_of(desk.caller.token or ""))
    tries = _tries(email, desk.caller, found)
    await spend_each(desk.auth, *tries)
    known_hash = found.password_hash if found is not None else None
    is_right = await desk.passwords.matches(known_hash, password)
    opened = None
    if found is not None and known_hash is not None and is_right:
        renewed = await desk.passwords.hashed(password) if desk.passwords.is_outdated(known_hash) else None
        opened = await _open(desk, found.User, known_hash, renewed=renewed, tries=tries)
    if opened is None:
        async with desk.acting() as auth:
            target = found.User.id if found is not None else None
            await record(auth, "person.sign_in_refused", "person", target)
        raise Unauthenticated(REFUSED)
    return opened


async def finish(desk: Desk, code: str) -> Opened:
    """The whole session, for a right code. Raises Unauthenticated or TooManyRequests."""
    half = await half_opened(desk.auth, desk.caller.token)
    if half is None:
        raise Unauthenticated(_OVER)
    user, session = half
    await spend(desk.auth, "second_factor", user.id)
    async with desk.acting(user.id) as auth:
        is_right = await second_factor.prove(desk, auth, user, code)
        opened = await complete(auth, user, session.id) if is_right else None
        if opened is not None:
            await give_back(auth, ("second_factor", user.id))
            await record(auth, "person.sign_in", "person", user.id, after={"second_factor": True})
        else:
            await record(auth, "person.second_factor_refused", "person", user.id)
    if opened is None:
        raise Unauthenticated("The code is not right, or it was used already; wait for the next one.")
    return opened


async def sign_in_by_link(desk: Desk, token: str) -> Opened:
    """A session for whoever the link was made for; a second factor is asked for all the same.

    Raises Unauthenticated or TooManyRequests.
    """
    await spend(desk.auth, "link.address", network_of(desk.caller.address))
    async with desk.acting() as auth:
        user_id = await links.whose(auth, token, "sign_in")
        user = await people.in_use(auth, user_id) if user_id is not None else None
        if user is not None and await links.take(auth, token, "sign_in") is not None:
            has_second_factor = await people.has_second_factor(auth, user.id)
            opened = await open_session(auth, user, desk.caller, awaiting_second_factor=has_second_factor)
            followed(auth, desk.caller, user.id)
            await record(auth, "person.sign_in", "person", user.id, after={"by": "link"})
            return opened
    raise Unauthenticated(_SPENT)


async def _open(desk: Desk, user: User, known_hash: str, *, renewed: str | None, tries: Sequence[Try]) -> Opened | None:
    async with desk.acting(user.id) as auth:
        found = await people.in_use(auth, user.id, password_hash=known_hash, to_change=renewed is not None)
        if found is None:
            return None  # switched off, or the password was changed in these milliseconds
        user, has_second_factor = found, await people.has_second_factor(auth, user.id)
        if renewed is not None:
            acting(auth, "person.rehash_password")
            user.password_hash = renewed
            await auth.flush()
        await give_back(auth, *tries)
        opened = await open_session(auth, user, desk.caller, awaiting_second_factor=has_second_factor)
        await record(auth, "person.sign_in_begun" if has_second_factor else "person.sign_in", "person", user.id)
        return opened


def _tries(email: str, caller: Caller, found: people.Credentials | None) -> list[Try]:
    """What a try is counted against.

    A browser or an address from which the person signed in before has a bucket of its own: whoever tries from
    elsewhere, from however many addresses, cannot use it up, and so cannot lock the person out.
    """
    network = network_of(caller.address)
    places = {network_of(place) for place in found.places if place} if found is not None else set()
    if found is not None and (found.same_browser or network in places):
        return [("sign_in.known_place", email, network)]
    return [("sign_in.address", network), ("sign_in.account", email), ("sign_in.overall",)]
