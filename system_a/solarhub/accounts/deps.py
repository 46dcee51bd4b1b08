"""The person who is asking."""

from typing import Annotated

from fastapi import Depends, Request

from solarhub.accounts.person import Person
from solarhub.accounts.sessions import COOKIE, person_of
from solarhub.kit.db import Databases
from solarhub.kit.errors import Forbidden, Unauthenticated


async def session_person(request: Request) -> Person | None:
    """Whose session the request's cookie opens; None for nobody's."""
    token = request.cookies.get(COOKIE)
    databases: Databases = request.app.state.databases
    return await person_of(databases.auth, token) if token else None


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
