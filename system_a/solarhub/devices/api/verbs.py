"""What people do with a device besides changing it: work on it, replace it."""

from typing import Annotated

from fastapi import Body, Response, status

from solarhub.devices import credentials, maintenance, replacement
from solarhub.devices.api.devices import Pools
from solarhub.devices.api.tokens import latest
from solarhub.devices.deps import DeviceToChange, ShownOne
from solarhub.devices.schemas import DeviceAnswer, DeviceMaintenance, Replacement, ReplacementAnswer
from solarhub.devices.serials import asking
from solarhub.kit.errors import Conflict, Invalid, NotFound, TooManyRequests
from solarhub.kit.http import Keys, Router, describe
from solarhub.organizations.deps import Here, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/devices/{device_id}", tags=["devices"])

_CHANGING = needs(Permission.DEVICES_CHANGE)


@router.post("/maintenance", responses=describe(NotFound, Conflict, Invalid), openapi_extra=_CHANGING)
async def begin_device_maintenance(
    device: DeviceToChange,
    session: TenantWriting,
    show: ShownOne,
    wanted: Annotated[DeviceMaintenance, Body(default_factory=DeviceMaintenance)],
) -> DeviceAnswer:
    """Put a device into maintenance, until a moment or until somebody ends it; again, to move that moment."""
    await maintenance.start(session, device, until=wanted.until, note=wanted.note)
    return await show(session, device.id)


@router.post("/maintenance/end", responses=describe(NotFound, Conflict), openapi_extra=_CHANGING)
async def end_device_maintenance(device: DeviceToChange, session: TenantWriting, show: ShownOne) -> DeviceAnswer:
    """The work is done: from now on the device's silence counts again. 409 for one that is not in maintenance."""
    await maintenance.end(session, device)
    return await show(session, device.id)


@router.post(
    "/replace",
    status_code=status.HTTP_201_CREATED,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CHANGING,
)
async def replace_device(
    *,
    device: DeviceToChange,
    wanted: Replacement,
    session: TenantWriting,
    keyring: Keys,
    pools: Pools,
    here: Here,
    show: ShownOne,
    response: Response,
) -> ReplacementAnswer:
    """Put a new device in the place of one that is taken away.

    The new one stands at the same plant with the same settings, and reports with a token of its own. The old one is
    removed: its history stays under its id, its open alerts are closed.
    """
    number = wanted.serial_number if wanted.serial_number != device.serial_number else None
    async with asking(pools.auth, device.organization_id, number):
        new = await replacement.replace(session, keyring, device, wanted)
    token = None
    if here.can(Permission.DEVICES_CREDENTIALS, new.site_id):
        text = await credentials.issue(session, new)
        token = await latest(session, new, text)
    response.headers["Location"] = f"/api/v1/organizations/{new.organization_id}/devices/{new.id}"
    replaced = await show(session, device.id)
    return ReplacementAnswer(replaced=replaced, device=await show(session, new.id), token=token)
