"""The schema document's three views over HTTP, each also as a file."""

from collections.abc import AsyncIterator
from typing import Annotated, TypeVar

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from solarhub.fleet.queries import views
from solarhub.fleet.schemas.views import (
    ActiveAlertsSummary,
    DeviceStatusSummary,
    SiteCapacity,
    SiteFilter,
    SiteSelection,
)
from solarhub.kit.answers import Answer
from solarhub.kit.db import Session
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import Router, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, export
from solarhub.kit.paging import Listing
from solarhub.organizations.access import Standing
from solarhub.organizations.deps import Here, Opener, TenantReading, TenantStream, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}", tags=["fleet"])

A = TypeVar("A", bound=Answer)

_ALERTS = needs(Permission.ALERTS_READ)
_DEVICES = needs(Permission.DEVICES_READ)
_SITES = needs(Permission.SITES_READ)
_LIST = describe(NotFound, Invalid)
_FILE = AS_FILE | describe(NotFound, Invalid)


class _OneRow(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Annotated[ExportFormat, FORMAT]


class _Rows(SiteSelection):
    format: Annotated[ExportFormat, FORMAT]


@router.get("/active-alerts-summary", responses=describe(NotFound), openapi_extra=_ALERTS)
async def get_active_alerts_summary(here: Here, session: TenantReading) -> ActiveAlertsSummary:
    """How many alerts are open."""
    return await _summary(session, here)


@router.get("/active-alerts-summary/export", response_class=StreamingResponse, responses=_FILE, openapi_extra=_ALERTS)
async def export_active_alerts_summary(
    wanted: Annotated[_OneRow, Query()], here: Here, stream: TenantStream
) -> StreamingResponse:
    """How many alerts are open, as a file with one row."""

    async def answers() -> AsyncIterator[ActiveAlertsSummary]:
        async with stream() as session:
            yield await _summary(session, here)

    return export("active-alerts-summary", answers(), ActiveAlertsSummary, wanted.format)


@router.get("/device-status-summary", responses=_LIST, openapi_extra=_DEVICES)
async def list_device_status_summary(
    wanted: Annotated[SiteFilter, Query()], here: Here, session: TenantReading
) -> Listing[DeviceStatusSummary]:
    """How the devices of each plant stand, by the plant's name."""
    return await _page(session, here, DeviceStatusSummary, wanted)


@router.get("/device-status-summary/export", response_class=StreamingResponse, responses=_FILE, openapi_extra=_DEVICES)
async def export_device_status_summary(
    wanted: Annotated[_Rows, Query()], here: Here, stream: TenantStream
) -> StreamingResponse:
    """All of the selected rows, by the plant's name, as a file."""
    answers = _every(stream, here, DeviceStatusSummary, wanted)
    return export("device-status-summary", answers, DeviceStatusSummary, wanted.format)


@router.get("/site-capacity", responses=_LIST, openapi_extra=_SITES)
async def list_site_capacity(
    wanted: Annotated[SiteFilter, Query()], here: Here, session: TenantReading
) -> Listing[SiteCapacity]:
    """What is installed at each plant, by its name."""
    return await _page(session, here, SiteCapacity, wanted)


@router.get("/site-capacity/export", response_class=StreamingResponse, responses=_FILE, openapi_extra=_SITES)
async def export_site_capacity(
    wanted: Annotated[_Rows, Query()], here: Here, stream: TenantStream
) -> StreamingResponse:
    """All of the selected rows, by the plant's name, as a file."""
    return export("site-capacity", _every(stream, here, SiteCapacity, wanted), SiteCapacity, wanted.format)


async def _summary(session: Session, here: Standing) -> ActiveAlertsSummary:
    row = await views.active_alerts_summary(session, here)
    if row is None:
        return ActiveAlertsSummary(organization_id=here.organization.id)
    return ActiveAlertsSummary.model_validate(row)


async def _page(session: Session, here: Standing, answer: type[A], wanted: SiteFilter) -> Listing[A]:
    rows, counted = await views.page_by_site(session, here, answer, wanted)
    return Listing[A].of([answer.model_validate(row) for row in rows], counted, wanted)


async def _every(stream: Opener, here: Standing, answer: type[A], wanted: SiteSelection) -> AsyncIterator[A]:
    async with stream() as session:
        async for row in views.every_site(session, here, answer, wanted):
            yield answer.model_validate(row)
