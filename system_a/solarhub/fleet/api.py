"""The fleet over HTTP: the page, and the schema document's three views."""

import secrets
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from solarhub.fleet import page as pages
from solarhub.fleet import queries
from solarhub.fleet.overview import overview
from solarhub.fleet.schemas import ActiveAlertsSummary, DeviceStatusSummary, SiteCapacity
from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import AuthSession, ReadingSession, describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.access import known_organizations
from solarhub.organizations.deps import TenantReading

router = APIRouter(prefix="/organizations/{organization_id}", tags=["fleet"])
page = APIRouter()


@router.get("/active-alerts-summary", responses=describe(NotFound))
async def get_active_alerts_summary(organization_id: UUID, session: TenantReading) -> ActiveAlertsSummary:
    """How many alerts are open."""
    row = await queries.active_alerts_summary(session, organization_id)
    if row is None:
        return ActiveAlertsSummary(organization_id=organization_id)
    return ActiveAlertsSummary.model_validate(row)


@router.get("/device-status-summary", responses=describe(NotFound, Invalid))
async def list_device_status_summary(
    organization_id: UUID, page: Annotated[Page, Query()], session: TenantReading
) -> Listing[DeviceStatusSummary]:
    """How the devices of each site stand, by the site's name."""
    rows, counted = await queries.device_status_summary(session, organization_id, page)
    return Listing.of([DeviceStatusSummary.model_validate(row) for row in rows], counted, page)


@router.get("/site-capacity", responses=describe(NotFound, Invalid))
async def list_site_capacity(
    organization_id: UUID, page: Annotated[Page, Query()], session: TenantReading
) -> Listing[SiteCapacity]:
    """What is installed at each site, by its name."""
    rows, counted = await queries.site_capacity(session, organization_id, page)
    return Listing.of([SiteCapacity.model_validate(row) for row in rows], counted, page)


@page.get("/", include_in_schema=False)
async def get_page(auth: AuthSession, session: ReadingSession) -> HTMLResponse:
    """The plants of every organization, for whoever sits at this machine."""
    nonce, at = secrets.token_urlsafe(16), now()
    text = pages.render(await overview(session, await known_organizations(auth), at), at, nonce)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self';"
        " img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, headers={"Content-Security-Policy": policy})
