"""The password, asked for once more: who finds an open browser may look, but change nothing that proves a person."""

from solarhub.accounts.desk import Desk
from solarhub.accounts.person import Person
from solarhub.accounts.queries import people
from solarhub.accounts.throttle import give_back, spend
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import HIDDEN


async def password_again(desk: Desk, person: Person, password: str, *, field: str = "password") -> str:
    """The hash that the given password matches. Raises Invalid, naming `field`, or TooManyRequests."""
    await spend(desk.auth, "password_again", person.user_id)
    async with desk.looking() as auth:
        known = await people.password_hash(auth, person.user_id)
    if not await desk.passwords.matches(known, password) or known is None:
        raise Invalid([FieldError(field, HIDDEN, "is not your present password", "the password you sign in with")])
    async with desk.acting(person.user_id) as auth:
        await give_back(auth, ("password_again", person.user_id))
    return known
