"""Serial numbers are unique on the whole hub: every "taken" tells something of strangers, and so it has its limit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from solarhub.accounts import throttle
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict

_LIMIT = "serial_number"


class SerialNumberTaken(Conflict):
    """A device with that serial number exists already. If it stands on yours, claim it."""


@asynccontextmanager
async def asking(auth_database: Database, organization_id: UUID, serial_number: str | None) -> AsyncIterator[None]:
    """Around a write of a serial number: what fails with SerialNumberTaken counts, everything else is given back.

    TooManyRequests, before the number is looked at, for an organization that met too many taken ones.
    """
    if serial_number is None:
        yield
        return
    await throttle.spend(auth_database, _LIMIT, organization_id)
    was_taken = False
    try:
        yield
    except SerialNumberTaken:
        was_taken = True
        raise
    finally:
        if not was_taken:
            async with transaction(auth_database) as auth:
                await throttle.give_back(auth, (_LIMIT, organization_id))


async def count_taken(auth_database: Database, organization_id: UUID) -> None:
    """One that was met while a file was entered counts too. TooManyRequests for one too many."""
    await throttle.spend(auth_database, _LIMIT, organization_id)
