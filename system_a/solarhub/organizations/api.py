"""Organizations over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, status

from solarhub.kit.errors import Conflict, Invalid, NotFound
from solarhub.kit.http import AuthSession, ReadingSession, WritingSession, describe, tag
from solarhub.kit.paging import Listing, Page
from solarhub.organizations import queries
from solarhub.organizations.access import enter, known_organizations
from solarhub.organizations.deps import OrganizationToRead
from solarhub.organizations.models import Organization
from solarhub.organizations.registration import register
from solarhub.organizations.schemas import OrganizationAnswer, OrganizationRegistration

router = APIRouter(prefix="/organizations", tags=["organizations"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=OrganizationAnswer,
    responses=describe(Conflict, Invalid),
)
async def register_organization(
    registration: OrganizationRegistration, session: WritingSession, response: Response
) -> Organization:
    """Enter a company with its owner, who is found by e-mail address or entered with it."""
    organization = await register(session, registration)
    response.headers["Location"] = f"/api/v1/organizations/{organization.id}"
    tag(response, organization.version)
    return organization


@router.get("", responses=describe(Invalid))
async def list_organizations(
    page: Annotated[Page, Query()], auth: AuthSession, session: ReadingSession
) -> Listing[OrganizationAnswer]:
    """Every company on this hub, by name."""
    await enter(session, [known.id for known in await known_organizations(auth)])
    rows, counted = await queries.organizations(session, page)
    return Listing.of([OrganizationAnswer.model_validate(row) for row in rows], counted, page)


@router.get("/{organization_id}", response_model=OrganizationAnswer, responses=describe(NotFound))
async def get_organization(organization: OrganizationToRead, response: Response) -> Organization:
    """One company."""
    tag(response, organization.version)
    return organization
