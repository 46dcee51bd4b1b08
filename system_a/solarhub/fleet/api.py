"""The fleet over HTTP: the schema document's three views."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from solarhub.fleet import queries
from solarhub.fleet.schemas import ActiveAlertsSummary, DeviceStatusSummary, SiteCapacity
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.deps import TenantReading

router = APIRouter(prefix="/organizations/{organization_id}", tags=["fleet"])


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
