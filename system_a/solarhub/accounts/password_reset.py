"""A new password for somebody who does not know the old one, by a link to their e-mail address."""

from asyncio import sleep
from time import monotonic

from solarhub.accounts import links
from solarhub.accounts.desk import Desk
from solarhub.accounts.network import network_of
from solarhub.accounts.own_words import own_words
from solarhub.accounts.queries import people, second_factors, sessions
from solarhub.accounts.throttle import forget, letter_tries, spend, spend_each
from solarhub.audit.recording import acting, record

_ANSWER_SECONDS = 0.05
"""No answer leaves earlier: whether a letter was written takes a few milliseconds, and is nobody's business."""


async def ask_for_reset(desk: Desk, email: str) -> None:
    """Writes to the address if an account in use has it; returns the same, and no sooner, if none has.

    Raises TooManyRequests, which counts by address and not by account, so that it tells nothing either.
    """
    answered_at = monotonic() + _ANSWER_SECONDS
    email = email.lower()
    await spend_each(desk.auth, *letter_tries(email, network_of(desk.caller.address)))
    async with desk.acting() as auth:
        user = await people.user_by_email(auth, email)
        if user is not None and user.is_active and user.removed_at is None:
            link = await links.issue(auth, desk.public_url, "reset_password", user_id=user.id)
            await desk.write(auth, user, "reset_password", link=link)
        await record(auth, "person.ask_for_reset", "person", user.id if user is not None else None)
    await sleep(max(0.0, answered_at - monotonic()))


async def reset_password(desk: Desk, *, token: str, wanted: str) -> None:
    """Sets it and ends every session; the second factor is still asked for at the next sign-in.

    Only where the address was never verified before, the second factor goes too: whoever set it up never proved that
    the address is theirs, and its owner just did. Raises Invalid for a link that does not work or an unfit password.
    """
    await spend(desk.auth, "link.address", network_of(desk.caller.address))
    async with desk.looking() as auth:
        user_id = await links.whose(auth, token, "reset_password")
        found = await people.user(auth, user_id) if user_id is not None else None
    if found is None:
        raise links.spent()
    made = await desk.passwords.chosen(wanted, await own_words(desk.auth, found))
    async with desk.acting(found.id) as auth:
        user = await people.user_to_change(auth, found.id)
        if user is None or not user.is_active or await links.take(auth, token, "reset_password") is None:
            raise links.spent()
        acting(auth, "person.reset_password")
        if not user.is_verified:
            await second_factors.remove(auth, user.id)
        user.password_hash = made
        user.is_verified = True
        await auth.flush()
        await sessions.end(auth, user.id)
        await links.revoke(auth, user.id)
        # whoever knew the old password and tried codes is out; the owner begins afresh
        await forget(auth, "second_factor", user.id)
        await desk.write(auth, user, "password_changed")
