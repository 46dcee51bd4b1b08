"""Devices over HTTP: entered, looked at, changed, removed."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from fastapi.responses import StreamingResponse

from solarhub.devices import registry, removal
from solarhub.devices.deps import DeviceToChange, DeviceToRead, Shown, ShownOne
from solarhub.devices.queries import devices as queries
from solarhub.devices.schemas import (
    DeviceAnswer,
    DeviceChange,
    DeviceFilter,
    DeviceRegistration,
    DeviceSelection,
)
from solarhub.devices.serials import asking
from solarhub.kit.db import Databases
from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, TooManyRequests
from solarhub.kit.http import IfMatch, Keys, Router, databases, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/devices", tags=["devices"])

_READING = needs(Permission.DEVICES_READ)
_CHANGING = needs(Permission.DEVICES_CHANGE)
Pools = Annotated[Databases, Depends(databases)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CHANGING,
)
async def register_device(
    *,
    organization_id: UUID,
    registration: DeviceRegistration,
    session: TenantWriting,
    keyring: Keys,
    pools: Pools,
    show: ShownOne,
    response: Response,
) -> DeviceAnswer:
    """Enter a device. It reports with a token: ask for one afterwards.

    A serial number that is taken, wherever on the hub that may be, is 409: if it is on yours, claim it.
    """
    async with asking(pools.auth, organization_id, registration.serial_number):
        device = await registry.register(session, keyring, organization_id, registration)
    response.headers["Location"] = f"/api/v1/organizations/{organization_id}/devices/{device.id}"
    return await show(session, device.id)


@router.get("", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_devices(
    organization_id: UUID, wanted: Annotated[DeviceFilter, Query()], session: TenantReading, show: Shown
) -> Listing[DeviceAnswer]:
    """The devices of an organization, or of one of its plants, by name unless asked otherwise."""
    rows, counted = await queries.standings(session, organization_id, wanted)
    return Listing.of([show(row) for row in rows], counted, wanted)


class DeviceExport(DeviceSelection):
    """Query parameters of the export of devices."""

    format: Annotated[ExportFormat, FORMAT]


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_READING,
)
async def export_devices(
    organization_id: UUID, wanted: Annotated[DeviceExport, Query()], stream: TenantStream, show: Shown
) -> StreamingResponse:
    """All devices that the conditions leave, as a file."""
    answers = answers_of(stream, lambda session: queries.every_standing(session, organization_id, wanted), show)
    return export("devices", answers, DeviceAnswer, wanted.format)


@router.get("/{device_id}", responses=describe(NotFound), openapi_extra=_READING)
async def get_device(device: DeviceToRead, session: TenantReading, show: ShownOne) -> DeviceAnswer:
    """One device, also one that was removed; its ETag is what a change must name."""
    return await show(session, device.id)


@router.patch(
    "/{device_id}",
    responses=describe(NotFound, Conflict, Stale, Invalid, PreconditionRequired, TooManyRequests),
    openapi_extra=_CHANGING,
)
async def change_device(
    *,
    device: DeviceToChange,
    wanted: DeviceChange,
    expected: IfMatch,
    session: TenantWriting,
    keyring: Keys,
    pools: Pools,
    show: ShownOne,
) -> DeviceAnswer:
    """Change what is named; `connection_config` and `metadata` are replaced whole.

    A secret of the connection that comes back as `{"set": true}` stays what it is; left out or null, it is removed.
    """
    expected.check(device.version)
    number = wanted.serial_number if wanted.serial_number != device.serial_number else None
    async with asking(pools.auth, device.organization_id, number):
        await registry.change(session, keyring, device, wanted)
    return await show(session, device.id)


@router.delete(
    "/{device_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound, Conflict, Stale, PreconditionRequired),
    openapi_extra=needs(Permission.DEVICES_REMOVE),
)
async def remove_device(device: DeviceToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Take a device off the hub. Its history stays; its number is free, its tokens end, its secrets are forgotten."""
    expected.check(device.version)
    await removal.remove(session, device)
