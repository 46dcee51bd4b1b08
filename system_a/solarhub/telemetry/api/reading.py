"""What people read of what devices measured."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from solarhub.devices.deps import DeviceToRead
from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.kit.http.plain import listing_as_it_is
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.deps import TenantLook, TenantReading, needs
from solarhub.organizations.roles import Permission
from solarhub.sites import registry
from solarhub.telemetry import windows
from solarhub.telemetry.deps import MetricsHere
from solarhub.telemetry.queries import reading as queries
from solarhub.telemetry.schemas import (
    BucketPoint,
    LatestAnswer,
    RawPoint,
    SeriesAnswer,
    SeriesWanted,
    latest_told,
)
from solarhub.telemetry.vocabulary import Resolution

_READING = needs(Permission.TELEMETRY_READ)

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@router.get("/devices/{device_id}/latest", openapi_extra=_READING, responses=describe(NotFound))
async def get_latest_of_device(device: DeviceToRead, session: TenantReading, known: MetricsHere) -> LatestAnswer:
    """The newest value of each of a device's series."""
    return LatestAnswer.of(device, await queries.state(session, device.id), known)


@router.get(
    "/sites/{site_id}/latest",
    openapi_extra=_READING,
    responses=describe(NotFound, Invalid),
    response_model=Listing[LatestAnswer],
)
async def list_latest_of_site(
    site_id: UUID, page: Annotated[Page, Query()], look: TenantLook, known: MetricsHere
) -> Response:
    """The newest values of a site's devices, by their names."""
    devices, counted = await queries.latest_of_site(look, site_id, page)
    if not counted:
        async with look.open_session() as session:
            await registry.find(session, site_id)
    return listing_as_it_is([latest_told(each, known) for each in devices], counted, page)


@router.get("/devices/{device_id}/series", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def get_series(
    device: DeviceToRead, wanted: Annotated[SeriesWanted, Query()], session: TenantReading, known: MetricsHere
) -> SeriesAnswer:
    """A series over a window: as it was stored, or in buckets with mean, least, greatest and number of its values."""
    metric, series = wanted.series(known)
    window = wanted.window(now())
    points: list[RawPoint] | list[BucketPoint]
    if window.resolution is Resolution.RAW:
        points = [
            RawPoint(at=at, value=value) for at, value in await windows.raw_series(session, device, series, window)
        ]
    else:
        points = [
            BucketPoint(at=each.start, mean=each.mean, min=each.minimum, max=each.maximum, count=each.values)
            for each in await windows.bucketed_series(session, device, metric, series, window)
        ]
    return SeriesAnswer(
        device_id=device.id,
        metric=metric.name,
        channel=wanted.channel,
        unit=metric.unit,
        bucket=window.resolution,
        start=window.start,
        to=window.end,
        points=points,
    )
