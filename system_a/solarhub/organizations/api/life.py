"""Suspending, taking back and closing organizations over HTTP: for those who run the hub."""

from typing import Annotated

from fastapi import Depends, Request, Response

from solarhub.audit.recording import follow
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, Forbidden, NotFound
from solarhub.kit.http import Router, WritingSession, describe, tag
from solarhub.organizations import access, life
from solarhub.organizations.deps import Here, needs, trail_of
from solarhub.organizations.models import Organization
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.organizations import OrganizationAnswer

_RIGHT = Permission.ORGANIZATION_TRANSFER
_NEEDS = needs(_RIGHT)
_RESPONSES = describe(NotFound, Conflict)

router = Router(prefix="/organizations/{organization_id}", tags=["organizations"])


async def _run_by(request: Request, here: Here, session: WritingSession) -> Session:
    """Stands in the organization whatever its state; 403 for whoever does not run the hub."""
    if not here.actor.is_super_admin or here.actor.key is not None:
        raise Forbidden("This is for those who run the hub.")
    await access.enter(session, here, _RIGHT)
    follow(session, trail_of(request, here.actor))
    return session


_Session = Annotated[Session, Depends(_run_by, scope="function")]


@router.post("/suspend", response_model=OrganizationAnswer, openapi_extra=_NEEDS, responses=_RESPONSES)
async def suspend_organization(here: Here, session: _Session, response: Response) -> Organization:
    """Let an organization be read and not changed. For those who run the hub; 409, with the present `state`, for one
    that is not active."""
    return await _move(session, here, response, "suspend")


@router.post("/reactivate", response_model=OrganizationAnswer, openapi_extra=_NEEDS, responses=_RESPONSES)
async def reactivate_organization(here: Here, session: _Session, response: Response) -> Organization:
    """Take back an organization that was suspended or closed. For those who run the hub; 409, with the present `state`,
    for one that is active."""
    return await _move(session, here, response, "reactivate")


@router.post("/close", response_model=OrganizationAnswer, openapi_extra=_NEEDS, responses=_RESPONSES)
async def close_organization(here: Here, session: _Session, response: Response) -> Organization:
    """End the time of an organization on this hub: it can be read, and not changed. For those who run the hub; 409,
    with the present `state`, for one that is closed."""
    return await _move(session, here, response, "close")


async def _move(session: Session, here: Here, response: Response, verb: str) -> Organization:
    organization = await life.find_to_change(session, here.organization.id)
    await life.move(session, organization, verb)
    tag(response, organization.version)
    return organization
