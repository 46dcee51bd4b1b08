"""How often what guesses could be made at may be tried: counted in the database, across processes and restarts.

Each limit lets a few tries through at once and then one more every so often (GCRA: a bucket is one row, a try one
statement). A try that is refused costs nothing, so that a slow trickle always remains: nobody is locked out for ever.
Counts are committed by themselves: they outlive the refusal that follows them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil
from types import MappingProxyType

from solarhub.accounts.queries import throttles
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Limit:
    """`at_once` tries from a standing start, and one more `every` so often."""

    at_once: int
    every: timedelta

    @property
    def full(self) -> timedelta:
        return self.at_once * self.every


LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        # a password: by account, counting what comes from places where the person never signed in …
        "sign_in.account": Limit(10, timedelta(minutes=6)),
        # … by account and place, where they did: strangers cannot use these up
        "sign_in.known_place": Limit(10, timedelta(minutes=6)),
        "sign_in.address": Limit(20, timedelta(minutes=3)),
        "sign_in.overall": Limit(300, timedelta(seconds=1)),
        # a code, after the right password
        "second_factor": Limit(10, timedelta(minutes=6)),
        # a password that a signed-in person gives again
        "password_again": Limit(10, timedelta(minutes=6)),
        # letters: to one account, asked for from one address, and all together
        "letter.account": Limit(5, timedelta(minutes=12)),
        "letter.address": Limit(20, timedelta(minutes=3)),
        "letter.overall": Limit(200, timedelta(seconds=5)),
        # links of 256 random bits, which nobody guesses: only against noise
        "link.address": Limit(30, timedelta(seconds=30)),
        "invitation.address": Limit(60, timedelta(seconds=20)),
        "set_up.address": Limit(10, timedelta(minutes=1)),
        # serial numbers that are taken, asked for by one organization
        "claims": Limit(20, timedelta(minutes=30)),
        # … and met by writing them onto one's own devices: only clashes count
        "serial_number": Limit(40, timedelta(minutes=15)),
    }
)
"""Who is counted is told beside the name, when a try is made."""

Try = tuple[str, *tuple[object, ...]]
"""`("sign_in.account", email)`: the name of a limit, and whose bucket of it."""


async def spend(auth_database: Database, name: str, *whose: object) -> None:
    """Counts one try against the limit `name`, for this account, address, organization … Raises TooManyRequests."""
    await spend_each(auth_database, (name, *whose))


async def spend_each(auth_database: Database, *tries: Try) -> None:
    """Counts one try against each of several limits, each told as `(name, *whose)`. Raises TooManyRequests.

    Those before the one that refuses are counted all the same.
    """
    refused: timedelta | None = None
    async with transaction(auth_database) as session:
        for name, *whose in tries:
            limit = LIMITS[name]
            refused = await throttles.take(session, _bucket(name, whose), limit.every, limit.full)
            if refused is not None:
                break
    if refused is not None:
        raise TooManyRequests(
            "That was tried too often; wait a little and try again.", retry_after=max(1, ceil(refused.total_seconds()))
        )


def letter_tries(email: str, network: str) -> list[Try]:
    """What a letter that somebody asks for is counted against."""
    return [("letter.address", network), ("letter.account", email), ("letter.overall",)]


async def give_back(auth: Session, *tries: Try) -> None:
    """Takes one try back that turned out to be the right person's: only failures count."""
    for name, *whose in tries:
        await throttles.give_back(auth, _bucket(name, whose), LIMITS[name].every)


async def forget(auth: Session, name: str, *whose: object) -> None:
    """Empties a bucket: whatever was guessed at is not there any more."""
    await throttles.forget(auth, _bucket(name, whose))


def _bucket(name: str, whose: Iterable[object]) -> str:
    # hashed, so that the table holds nobody's address, and nobody's password typed into the wrong field
    return f"{name}:{sha256(repr([str(each) for each in whose]).encode()).hexdigest()[:32]}"
