"""A new password, chosen by somebody who is signed in and knows the old one."""

from solarhub.accounts import links
from solarhub.accounts.desk import Desk
from solarhub.accounts.own_words import own_words
from solarhub.accounts.person import Person
from solarhub.accounts.queries import people
from solarhub.accounts.reauthentication import password_again
from solarhub.accounts.sessions import renew
from solarhub.audit.recording import acting
from solarhub.kit.errors import Conflict, Unauthenticated


async def change_password(desk: Desk, person: Person, *, current: str, wanted: str) -> str:
    """Sets it, ends the other sessions and outstanding links, and tells the person. The session's new token.

    Raises Invalid for a wrong present password or an unfit new one, Conflict when it was changed at the same time.
    """
    known = await password_again(desk, person, current, field="current_password")
    async with desk.looking() as auth:
        user = await people.user(auth, person.user_id)
    if user is None:
        raise Unauthenticated("Sign in first.")
    made = await desk.passwords.chosen(wanted, await own_words(desk.auth, user))
    async with desk.acting(person.user_id) as auth:
        changed = await people.user_to_change(auth, person.user_id)
        if changed is None or await people.password_hash(auth, person.user_id) != known:
            raise Conflict("The password was changed by somebody else at this moment.")
        acting(auth, "person.change_password")
        changed.password_hash = made
        await auth.flush()
        await links.revoke(auth, person.user_id)
        token = await renew(auth, person)
        await desk.write(auth, changed, "password_changed")
    return token
