"""Telemetry over HTTP: the door for devices, and what people read."""

import asyncio
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Query, Request, Response

from solarhub.devices.deps import DeviceToRead
from solarhub.kit.clock import now
from solarhub.kit.errors import Forbidden, Invalid, NotFound, TooLarge, Unauthenticated, Unavailable, Unreadable
from solarhub.kit.http import describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.deps import TenantReading, needs
from solarhub.organizations.roles import Permission
from solarhub.sites.deps import SiteToRead
from solarhub.telemetry import windows
from solarhub.telemetry.decode import decode
from solarhub.telemetry.deps import Corridor, Sender
from solarhub.telemetry.queries import reading as queries
from solarhub.telemetry.sample import Sifted, sift
from solarhub.telemetry.schemas import (
    TELEMETRY_BODY,
    BucketPoint,
    DeviceEnergyAnswer,
    EnergyAnswer,
    LatestAnswer,
    RawPoint,
    SeriesAnswer,
    SeriesWanted,
    TelemetryAnswer,
)
from solarhub.telemetry.vocabulary import Resolution

_LARGE_BYTES = 64 * 1024
_READING = needs(Permission.TELEMETRY_READ)

door = APIRouter(tags=["telemetry"])
router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@door.post(
    "/telemetry",
    response_model=TelemetryAnswer,
    openapi_extra={"requestBody": TELEMETRY_BODY},
    responses=describe(Unreadable, Unauthenticated, Forbidden, TooLarge, Invalid, Unavailable),
)
async def take_telemetry(request: Request, device: Sender, ingest: Corridor) -> Response:
    """Take a device's samples, one or up to 10,000; answered once they are on disk.

    What cannot be stored as a reading is quarantined with a reason, and its neighbours are stored.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Unreadable(f"The body is encoded as {encoding[:40]!a}; send the JSON as it is.")
    body = await request.body()
    arrived_at = now()
    if len(body) < _LARGE_BYTES:
        sifted = _read(body, arrived_at)
    else:  # other senders must not wait while this one is read
        sifted = await asyncio.to_thread(_read, body, arrived_at)
    receipt = await ingest.take(device, sifted.accepted, sifted.quarantined)
    quarantined = sorted((*sifted.quarantined, *receipt.refused), key=lambda entry: entry.position)
    answer = {
        "stored": receipt.stored,
        "duplicates": receipt.duplicates,
        "quarantined": [
            {"index": entry.position, "metric": entry.metric, "reason": entry.reason, "detail": entry.detail}
            for entry in quarantined
        ],
    }
    return Response(msgspec.json.encode(answer), media_type="application/json")


def _read(body: bytes, arrived_at: datetime) -> Sifted:
    samples, misshapen = decode(body)
    accepted, quarantined = sift(samples, arrived_at)
    return Sifted(accepted, misshapen + quarantined)


@router.get("/devices/{device_id}/latest", openapi_extra=_READING, responses=describe(NotFound))
async def get_latest_of_device(device: DeviceToRead, session: TenantReading) -> LatestAnswer:
    """The newest value of each of a device's series."""
    return LatestAnswer.of(device, await queries.state(session, device.id))


@router.get("/sites/{site_id}/latest", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def list_latest_of_site(
    site: SiteToRead, page: Annotated[Page, Query()], session: TenantReading
) -> Listing[LatestAnswer]:
    """The newest values of a site's devices, by their names."""
    rows, counted = await queries.states_of_site(session, site.id, page)
    return Listing.of([LatestAnswer.of(device, state) for device, state in rows], counted, page)


@router.get("/devices/{device_id}/series", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def get_series(
    device: DeviceToRead, wanted: Annotated[SeriesWanted, Query()], session: TenantReading
) -> SeriesAnswer:
    """A series over a window: as it was stored, or in buckets with mean, least, greatest and number of its values."""
    metric, series = wanted.series()
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


@router.get("/sites/{site_id}/energy", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def get_energy_of_day(
    site: SiteToRead,
    session: TenantReading,
    day: Annotated[
        date | None,
        Query(
            ge=date(2000, 1, 1),
            lt=date(2200, 1, 1),
            title="Day at the plant",
            description="Default: today there",
            examples=["2026-06-21"],
        ),
    ] = None,
) -> EnergyAnswer:
    """What a site generated on one of its days, in kWh, and how that is known."""
    wanted = day or now().astimezone(ZoneInfo(site.timezone)).date()
    told = await windows.energy_of_day(session, site, wanted)
    return EnergyAnswer(
        site_id=site.id,
        day=wanted,
        timezone=site.timezone,
        start=told.start,
        to=told.end,
        kwh=told.kwh,
        method=told.method,
        devices=[
            DeviceEnergyAnswer(
                device_id=device.id,
                name=device.name,
                kwh=energy.kwh if energy else None,
                method=energy.method if energy else None,
            )
            for device, energy in told.devices
        ],
    )
