"""What accounts do by themselves: forget what is over."""

from datetime import timedelta

from solarhub.accounts.queries import links, sessions, throttles
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop

_EVERY_SECONDS = 600.0
_SESSIONS_KEPT = timedelta(days=90)


async def forget(auth: Session) -> None:
    """Links and sessions that ran out, and buckets that nobody's tries are in any more."""
    await throttles.remove_empty(auth)
    await links.remove_expired(auth)
    await sessions.remove_old(auth, _SESSIONS_KEPT)


def forgetting(auth_database: Database) -> Loop:
    """The loop that does it, as the auth role."""
    return Loop("forgetting", auth_database, forget, every_seconds=_EVERY_SECONDS)
