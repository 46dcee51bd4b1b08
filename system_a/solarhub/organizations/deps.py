"""Sessions that already stand in the organization of the path, as far as the route's right reaches.

Every route under an organization names the right it needs: `openapi_extra=needs(Permission.SITES_READ)`. Whoever asks
is known by a session cookie or an API key; an organization that is not there, or not theirs, is 404; one in which they
lack the right is 403.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts

from solarhub.accounts.deps import session_person, session_token
from solarhub.audit.recording import Trail, follow
from solarhub.kit.db import Database, Databases, Session
from solarhub.kit.errors import NotFound, Unauthenticated
from solarhub.kit.http import (
    ReadingSession,
    WritingSession,
    bearer_token,
    client_address,
    databases,
)
from solarhub.kit.http.rates import Rates
from solarhub.kit.http.routing import once
from solarhub.kit.http.sessions import looking, snapshot
from solarhub.organizations import access, api_keys, queries
from solarhub.organizations.access import Look, Standing
from solarhub.organizations.actor import Actor
from solarhub.organizations.models import Organization
from solarhub.organizations.roles import Permission

_RIGHT = "x-permission"
_NOBODY = "Sign in first, or send an API key as a bearer token."


def needs(permission: Permission) -> dict[str, Any]:
    """The `openapi_extra` of a route: the right without which it answers 403."""
    return {_RIGHT: permission.value}


class MissingRight(Exception):  # noqa: N818 - says what is the matter with the route
    """A route under an organization names no right: nobody could say who may call it."""


def right_of(route: Any) -> Permission:
    """The right that a route needs. Raises MissingRight."""
    right = (route.openapi_extra or {}).get(_RIGHT)
    if right is None:
        raise MissingRight(f"{route.path} names no right")
    return Permission(right)


def check_rights(app: FastAPI) -> None:
    """Raises MissingRight for a hub with a route under an organization that everybody could call."""
    for context in iter_route_contexts(app.routes):
        if "{organization_id}" in (context.path or ""):
            right_of(context.original_route)


def _auth(request: Request) -> Database:
    # straight from the application: each dependency that FastAPI resolves costs as much as a small query
    pools: Databases = request.app.state.databases
    return pools.auth


async def _asking(request: Request) -> Actor:
    token = bearer_token(request)
    if token is not None:
        actor = await api_keys.identify(_auth(request), token)
    else:
        person = await session_person(request)
        if person is None:
            raise Unauthenticated(_NOBODY)
        actor = Actor(person.user_id, is_super_admin=person.is_super_admin, second_factor=person.second_factor)
    _rates(request).spend("actor", actor.api_key_id or actor.user_id)
    return actor


Asking = Annotated[Actor, Depends(_asking, scope="function")]
"""Whoever asks, by session or API key; 401 for nobody."""


async def _here(organization_id: UUID, request: Request, actor: Asking) -> Standing:
    return await _standing(request, actor, organization_id, right_of(request.scope["route"]))


async def _standing(request: Request, actor: Actor, organization_id: UUID, permission: Permission) -> Standing:
    return _checked(request, await access.standing_of(_auth(request), actor, organization_id), permission)


def _checked(request: Request, standing: Standing, permission: Permission) -> Standing:
    here = standing.for_right(permission)
    here.check_second_factor()
    _rates(request).spend("organization", here.organization.id)
    return here


Here = Annotated[Standing, Depends(_here, scope="function")]
"""How whoever asks stands in the path's organization; `site_ids` are those of the route's right."""


async def _reading(request: Request, standing: Here, session: ReadingSession) -> Session:
    await access.enter(session, standing, right_of(request.scope["route"]))
    return session


async def _changing(request: Request, standing: Here, session: WritingSession) -> Session:
    standing.check_writable()
    await access.enter(session, standing, right_of(request.scope["route"]))
    follow(session, trail_of(request, standing.actor))
    if request.scope["route"].status_code == HTTPStatus.CREATED:
        await once(request, session, standing.actor.id)
    return session


TenantReading = Annotated[Session, Depends(_reading, scope="function")]
"""A read-only session in the path's organization."""

TenantWriting = Annotated[Session, Depends(_changing, scope="function")]
"""A session in the path's organization that commits before the answer leaves; 403 while that is suspended."""


Opener = Callable[[], AbstractAsyncContextManager[Session]]


async def _stream(request: Request, standing: Here, pools: Annotated[Databases, Depends(databases)]) -> Opener:
    return _opener(pools, standing, right_of(request.scope["route"]))


def _opener(pools: Databases, standing: Standing, permission: Permission) -> Opener:
    @asynccontextmanager
    async def open_session() -> AsyncIterator[Session]:
        async with snapshot(pools) as session:
            await access.enter(session, standing, permission)
            yield session

    return open_session


TenantStream = Annotated[Opener, Depends(_stream, scope="function")]
"""Opens a read-only session in the path's organization: for an answer that is still read while it is sent."""


async def _look(
    request: Request, standing: Here, pools: Annotated[Databases, Depends(databases)]
) -> AsyncIterator[Look]:
    async with _looking(pools, standing, right_of(request.scope["route"])) as look:
        yield look


TenantLook = Annotated[Look, Depends(_look, scope="function")]
"""Read-only in the path's organization, to be asked of the driver: for what dashboards ask again and again."""


@asynccontextmanager
async def look_straight(request: Request, organization_id: UUID, permission: Permission) -> AsyncIterator[Look]:
    """What TenantLook is to a route, for what is answered past the routes."""
    pools: Databases = request.app.state.databases
    async with _looking(pools, await _standing_straight(request, organization_id, permission), permission) as look:
        yield look


@asynccontextmanager
async def _looking(pools: Databases, standing: Standing, permission: Permission) -> AsyncIterator[Look]:
    here = standing.for_right(permission)
    async with looking(pools, access.tenancy(here)) as driver:
        yield Look(driver, here, _opener(pools, standing, permission))


async def _standing_straight(request: Request, organization_id: UUID, permission: Permission) -> Standing:
    """As `_asking` and `_standing`; a session is looked for together with what it opens."""
    token = session_token(request)
    if bearer_token(request) is not None or token is None:
        return await _standing(request, await _asking(request), organization_id, permission)
    entered = await access.standing_by_session(_auth(request), token, organization_id)
    if entered is None:
        raise Unauthenticated(_NOBODY)
    actor, standing = entered
    _rates(request).spend("actor", actor.user_id)
    if standing is None:
        raise NotFound
    return _checked(request, standing, permission)


async def _organization_to_read(organization_id: UUID, session: TenantReading) -> Organization:
    return await queries.one_organization(session, organization_id)


OrganizationToRead = Annotated[Organization, Depends(_organization_to_read, scope="function")]


def trail_of(request: Request, actor: Actor) -> Trail:
    """Who does what this request does, for the audit log."""
    return Trail(
        "api_key" if actor.key is not None else "person",
        actor.user_id,
        actor.api_key_id,
        client_address(request) or None,
        structlog.contextvars.get_contextvars().get("request_id"),
    )


def _rates(request: Request) -> Rates:
    found: Rates = request.app.state.rates
    return found
