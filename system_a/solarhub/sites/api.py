"""Sites over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from solarhub.kit.errors import Invalid, NotFound, PreconditionRequired, Stale
from solarhub.kit.http import IfMatch, ReadingSession, describe, tag
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.deps import TenantReading, TenantWriting
from solarhub.sites import queries, registry
from solarhub.sites.deps import SiteToChange, SiteToRead
from solarhub.sites.models import Disco, Site
from solarhub.sites.schemas import DiscoAnswer, SiteAnswer, SiteChange, SiteRegistration

router = APIRouter(prefix="/organizations/{organization_id}/sites", tags=["sites"])
discos = APIRouter(prefix="/discos", tags=["sites"])


@router.post("", status_code=status.HTTP_201_CREATED, response_model=SiteAnswer, responses=describe(NotFound, Invalid))
async def register_site(
    organization_id: UUID, registration: SiteRegistration, session: TenantWriting, response: Response
) -> Site:
    """Enter a plant."""
    site = await registry.register(session, organization_id, registration)
    response.headers["Location"] = f"/api/v1/organizations/{organization_id}/sites/{site.id}"
    tag(response, site.version)
    return site


@router.get("", responses=describe(NotFound, Invalid))
async def list_sites(page: Annotated[Page, Query()], session: TenantReading) -> Listing[SiteAnswer]:
    """The plants of an organization, by name."""
    rows, counted = await queries.sites(session, page)
    return Listing.of([SiteAnswer.model_validate(row) for row in rows], counted, page)


@router.get("/{site_id}", response_model=SiteAnswer, responses=describe(NotFound))
async def get_site(site: SiteToRead, response: Response) -> Site:
    """One plant; its ETag is what a change must name."""
    tag(response, site.version)
    return site


@router.patch(
    "/{site_id}",
    response_model=SiteAnswer,
    responses=describe(NotFound, Stale, Invalid, PreconditionRequired),
)
async def change_site(
    site: SiteToChange, wanted: SiteChange, expected: IfMatch, session: TenantWriting, response: Response
) -> Site:
    """Change what is named; `address` and `configuration` are replaced whole."""
    expected.check(site.version)
    await registry.change(session, site, wanted)
    tag(response, site.version)
    return site


@discos.get("", response_model=list[DiscoAnswer])
async def list_discos(session: ReadingSession) -> list[Disco]:
    """The distribution companies that a site may name; the operator adds one with `solarhub discos add`."""
    return list(await queries.discos(session))
