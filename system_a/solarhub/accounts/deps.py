"""The person who is asking, and what a request about their account brings along."""

from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import Depends, Request, Response

from solarhub.accounts.caller import Caller
from solarhub.accounts.desk import Desk, followed
from solarhub.accounts.lifetimes import lifetime
from solarhub.accounts.passwords import Passwords
from solarhub.accounts.person import Person
from solarhub.accounts.sessions import COOKIE, person_of
from solarhub.kit.db import Database, Databases, Session
from solarhub.kit.errors import Forbidden, Unauthenticated
from solarhub.kit.http import AuthWriting, Keys, PublicUrl, client_address, databases


def session_token(request: Request) -> str | None:
    """What the request's cookie says; it may be anything."""
    return request.cookies.get(COOKIE)


async def session_person(request: Request) -> Person | None:
    """Whose session the request's cookie opens; None for nobody's."""
    token = session_token(request)
    pools: Databases = request.app.state.databases
    return await person_of(pools.auth, token) if token else None


async def _signed_in(request: Request) -> Person:
    person = await session_person(request)
    if person is None:
        raise Unauthenticated("Sign in first.")
    return person


SignedIn = Annotated[Person, Depends(_signed_in, scope="function")]
"""Whoever signed in; 401 for nobody."""


async def _super_admin(person: SignedIn) -> Person:
    if not person.is_super_admin:
        raise Forbidden("This is for those who run the hub.")
    return person


SuperAdmin = Annotated[Person, Depends(_super_admin, scope="function")]
"""A super admin; 403 for others."""


async def _calling(request: Request) -> Caller:
    return Caller(
        address=client_address(request),
        user_agent=request.headers.get("user-agent"),
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
        token=request.cookies.get(COOKIE),
    )


Calling = Annotated[Caller, Depends(_calling, scope="function")]
"""From where the request comes, whoever sent it."""


async def _hashing(request: Request) -> Passwords:
    found: Passwords = request.app.state.passwords
    return found


Hashing = Annotated[Passwords, Depends(_hashing)]
"""What makes and checks hashes of passwords, a few at a time."""


async def _auth_database(pools: Annotated[Databases, Depends(databases)]) -> Database:
    return pools.auth


AuthDatabase = Annotated[Database, Depends(_auth_database)]
"""The auth role's pool, for what takes several short transactions."""


async def _at_desk(
    auth: AuthDatabase,
    passwords: Hashing,
    keyring: Keys,
    public_url: PublicUrl,
    caller: Calling,
) -> Desk:
    return Desk(auth, passwords, keyring, public_url, caller)


AtDesk = Annotated[Desk, Depends(_at_desk, scope="function")]
"""For what takes several short transactions: counting, hashing in between, and the act itself."""


async def _own(session: AuthWriting, caller: Calling, person: SignedIn) -> Session:
    return followed(session, caller, person.user_id)


OwnWriting = Annotated[Session, Depends(_own, scope="function")]
"""The auth role's session in which what the signed-in person does is recorded; commits when the endpoint returns."""


def give_cookie(response: Response, token: str, lasts: timedelta) -> None:
    """Puts a session's token into the browser: for this host alone, over HTTPS alone, out of reach of any script."""
    response.set_cookie(
        COOKIE, token, max_age=int(lasts.total_seconds()), path="/", secure=True, httponly=True, samesite="lax"
    )


def renew_cookie(response: Response, token: str, person: Person) -> None:
    """The new token of a session that goes on; when it ends is known to the hub."""
    give_cookie(response, token, lifetime(is_super_admin=person.is_super_admin).altogether)


def take_cookie(response: Response) -> None:
    """Takes it out again."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
