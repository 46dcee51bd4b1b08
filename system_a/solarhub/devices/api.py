"""Devices over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from solarhub.devices import credentials, queries, registry
from solarhub.devices.deps import DeviceToChange, DeviceToRead
from solarhub.devices.schemas import (
    DeviceAnswer,
    DeviceChange,
    DeviceFilter,
    DeviceRegistration,
    DeviceTokenAnswer,
)
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale
from solarhub.kit.http import IfMatch, describe, tag
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import TenantReading, TenantWriting

router = APIRouter(prefix="/organizations/{organization_id}/devices", tags=["devices"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=describe(NotFound, Conflict, Invalid))
async def register_device(
    organization_id: UUID, registration: DeviceRegistration, session: TenantWriting, response: Response
) -> DeviceAnswer:
    """Enter a device. It reports with a token: ask for one afterwards."""
    device = await registry.register(session, organization_id, registration)
    response.headers["Location"] = f"/api/v1/organizations/{organization_id}/devices/{device.id}"
    return await _answer(session, device.id, response)


@router.get("", responses=describe(NotFound, Invalid))
async def list_devices(
    organization_id: UUID, wanted: Annotated[DeviceFilter, Query()], session: TenantReading
) -> Listing[DeviceAnswer]:
    """The devices of an organization, or of one of its sites, by name."""
    rows, counted = await queries.standings(session, organization_id, wanted)
    return Listing.of([_shown(row) for row in rows], counted, wanted)


@router.get("/{device_id}", responses=describe(NotFound))
async def get_device(device: DeviceToRead, session: TenantReading, response: Response) -> DeviceAnswer:
    """One device; its ETag is what a change must name."""
    return await _answer(session, device.id, response)


@router.patch("/{device_id}", responses=describe(NotFound, Conflict, Stale, Invalid, PreconditionRequired))
async def change_device(
    device: DeviceToChange, wanted: DeviceChange, expected: IfMatch, session: TenantWriting, response: Response
) -> DeviceAnswer:
    """Change what is named; `connection_config` and `metadata` are replaced whole."""
    expected.check(device.version)
    await registry.change(session, device, wanted)
    return await _answer(session, device.id, response)


@router.post("/{device_id}/tokens", status_code=status.HTTP_201_CREATED, responses=describe(NotFound))
async def issue_device_token(device: DeviceToChange, session: TenantWriting) -> DeviceTokenAnswer:
    """A new token for `POST /api/v1/telemetry`, valid beside earlier ones; it is shown this once."""
    return DeviceTokenAnswer(token=await credentials.issue(session, device))


async def _answer(session: Session, device_id: UUID, response: Response) -> DeviceAnswer:
    row = await queries.standing(session, device_id)
    if row is None:
        raise NotFound
    tag(response, row[0].version)
    return _shown(row)


def _shown(row: queries.Standing) -> DeviceAnswer:
    device, last_received_at, plant_kind, latitude, longitude = row
    return DeviceAnswer.of(
        device,
        last_received_at=last_received_at,
        plant_kind=plant_kind,
        latitude=latitude,
        longitude=longitude,
        now=now(),
    )
