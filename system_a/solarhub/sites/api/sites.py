"""Plants over HTTP."""

from typing import Annotated

from fastapi import Query, Response, status
from fastapi.responses import StreamingResponse

from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale
from solarhub.kit.http import IfMatch, ReadingSession, Router, describe, tag
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Asking, Here, TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.roles import Permission
from solarhub.sites import closing, maintenance, registry
from solarhub.sites.deps import SiteToChange, SiteToRead
from solarhub.sites.models import Disco, Site
from solarhub.sites.queries import sites as queries
from solarhub.sites.schemas import (
    Decommissioning,
    DiscoAnswer,
    SiteAnswer,
    SiteChange,
    SiteFilter,
    SiteMaintenance,
    SiteRegistration,
    SiteSelection,
)

router = Router(prefix="/organizations/{organization_id}/sites", tags=["sites"])
discos = Router(prefix="/discos", tags=["sites"])

_READING = needs(Permission.SITES_READ)
_CHANGING = needs(Permission.SITES_CHANGE)
_REMOVING = needs(Permission.SITES_REMOVE)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict, Invalid),
    openapi_extra=needs(Permission.SITES_CREATE),
)
async def register_site(registration: SiteRegistration, here: Here, session: TenantWriting, response: Response) -> Site:
    """Enter a plant."""
    site = await registry.register(session, here.organization.id, registration)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/sites/{site.id}"
    tag(response, site.version)
    return site


@router.get("", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_sites(wanted: Annotated[SiteFilter, Query()], here: Here, session: TenantReading) -> Listing[SiteAnswer]:
    """The plants of an organization."""
    rows, counted = await queries.sites(session, here.organization.id, wanted)
    return Listing.of([SiteAnswer.model_validate(row) for row in rows], counted, wanted)


class _Export(SiteSelection):
    format: Annotated[ExportFormat, FORMAT]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_READING,
)
async def export_sites(wanted: Annotated[_Export, Query()], here: Here, stream: TenantStream) -> StreamingResponse:
    """All of the selected plants as a file."""
    answers = answers_of(
        stream, lambda session: queries.every_site(session, here.organization.id, wanted), SiteAnswer.model_validate
    )
    return export("sites", answers, SiteAnswer, wanted.format)


@router.get("/{site_id}", response_model=SiteAnswer, responses=describe(NotFound), openapi_extra=_READING)
async def get_site(site: SiteToRead, response: Response) -> Site:
    """One plant, also one that was removed; its ETag is what a change must name."""
    tag(response, site.version)
    return site


@router.patch(
    "/{site_id}",
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict, Stale, Invalid, PreconditionRequired),
    openapi_extra=_CHANGING,
)
async def change_site(
    site: SiteToChange, wanted: SiteChange, expected: IfMatch, session: TenantWriting, response: Response
) -> Site:
    """Change what is named; `address` and `configuration` are replaced whole."""
    expected.check(site.version)
    await registry.change(session, site, wanted)
    tag(response, site.version)
    return site


@router.delete(
    "/{site_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound, Conflict, Stale, PreconditionRequired),
    openapi_extra=_REMOVING,
)
async def remove_site(site: SiteToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Take a plant off the hub; its history stays readable. 409, saying how many, while devices stand on it."""
    expected.check(site.version)
    await closing.remove(session, site)


@router.post(
    "/{site_id}/maintenance",
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict, Invalid),
    openapi_extra=_CHANGING,
)
async def begin_site_maintenance(
    site: SiteToChange, wanted: SiteMaintenance, session: TenantWriting, response: Response
) -> Site:
    """Put a plant into maintenance, or move the end of it. 409 for one that is decommissioned."""
    await maintenance.start(session, site, until=wanted.until, note=wanted.note)
    tag(response, site.version)
    return site


@router.post(
    "/{site_id}/maintenance/end",
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict),
    openapi_extra=_CHANGING,
)
async def end_site_maintenance(site: SiteToChange, session: TenantWriting, response: Response) -> Site:
    """Put a plant back to work. 409 for one that is not in maintenance."""
    await maintenance.end(session, site)
    tag(response, site.version)
    return site


@router.post(
    "/{site_id}/decommission",
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict, Invalid),
    openapi_extra=_REMOVING,
)
async def decommission_site(
    site: SiteToChange, wanted: Decommissioning, session: TenantWriting, response: Response
) -> Site:
    """The plant gives nothing any more: its open alerts end. 409 for one that is decommissioned."""
    await closing.decommission(session, site, note=wanted.note)
    tag(response, site.version)
    return site


@router.post(
    "/{site_id}/recommission",
    response_model=SiteAnswer,
    responses=describe(NotFound, Conflict),
    openapi_extra=_REMOVING,
)
async def recommission_site(site: SiteToChange, session: TenantWriting, response: Response) -> Site:
    """The plant works again. 409 for one that is not decommissioned."""
    await closing.recommission(session, site)
    tag(response, site.version)
    return site


@discos.get("", response_model=list[DiscoAnswer])
async def list_discos(_actor: Asking, session: ReadingSession) -> list[Disco]:
    """The distribution companies that a site may name; the operator adds one with `solarhub discos add`."""
    return list(await queries.discos(session))
