"""The database as a request has it: one session, one transaction, ended before the answer leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, Request

from solarhub.kit.db import Databases, Session, Tenancy, is_outage, outages
from solarhub.kit.drivers import Driver
from solarhub.kit.errors import Unavailable


async def databases(request: Request) -> Databases:
    """The hub's pools."""
    found: Databases = request.app.state.databases
    return found


async def _session(databases: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with outages(), databases.app.session() as session:
        yield session
        await _commit(session)


async def _commit(session: Session) -> None:
    try:
        await session.commit()
    except Exception as error:
        if is_outage(error):
            # the server may have committed and died before it said so
            raise Unavailable(
                "The database went away while it stored this; look whether it is there before you repeat it.",
                retry_after=2,
            ) from error
        raise


async def _auth_writing_session(databases: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with outages(), databases.auth.session() as session:
        yield session
        await _commit(session)


@asynccontextmanager
async def snapshot(databases: Databases) -> AsyncIterator[Session]:
    """A read-only session of the app's; it stands in no organization yet."""
    async with outages(), databases.app.session() as session:
        # one snapshot, so that a page and its total agree; a stray write is refused by the server
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        yield session


@asynccontextmanager
async def looking(databases: Databases, tenancy: Tenancy) -> AsyncIterator[Driver]:
    """`snapshot` for statements that are asked of the driver: it begins, and stands there, in one round trip.

    Nobody waits for its end: what was read has been read.
    """
    drivers = databases.app.drivers
    async with outages():
        driver = await drivers.take()
        try:
            await driver.execute(f"begin isolation level repeatable read read only; {tenancy.statement()}")
            yield driver
        except asyncio.CancelledError:
            drivers.give_up(driver)
            raise
        except BaseException:
            drivers.end(driver)
            raise
        else:
            drivers.end(driver)


async def _reading_session(databases: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with snapshot(databases) as session:
        yield session


async def _auth_session(databases: Annotated[Databases, Depends(databases)]) -> AsyncIterator[Session]:
    async with outages(), databases.auth.session() as session:
        yield session


# scope="function": FastAPI would otherwise end these after the answer has left, and a failing COMMIT would be a 2xx

WritingSession = Annotated[Session, Depends(_session, scope="function")]
"""Commits when the endpoint returns, rolls back when it raises; it stands in no organization yet."""

ReadingSession = Annotated[Session, Depends(_reading_session, scope="function")]
"""One read-only snapshot; it stands in no organization yet."""

AuthWriting = Annotated[Session, Depends(_auth_writing_session, scope="function")]
"""The auth role's, for sessions, links and passwords; commits when the endpoint returns."""

AuthSession = Annotated[Session, Depends(_auth_session, scope="function")]
"""The auth role's, for what is settled before an organization is known; never committed."""
