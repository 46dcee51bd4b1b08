"""The tokens that a device reports with, over HTTP."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Body, status

from solarhub.devices import credentials
from solarhub.devices.deps import DeviceToChange, DeviceToRead
from solarhub.devices.models import Device
from solarhub.devices.schemas import DeviceTokenAnswer, DeviceTokenStanding, Rotation
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, Invalid, NotFound
from solarhub.kit.http import Router, describe
from solarhub.organizations.deps import TenantReading, TenantWriting, needs
from solarhub.organizations.roles import Permission

router = Router(prefix="/organizations/{organization_id}/devices/{device_id}/tokens", tags=["devices"])

_CREDENTIALS = needs(Permission.DEVICES_CREDENTIALS)


@router.get("", responses=describe(NotFound), openapi_extra=_CREDENTIALS)
async def list_device_tokens(device: DeviceToRead, session: TenantReading) -> list[DeviceTokenStanding]:
    """The tokens that open the door now: the present one, and the one before while it lasts."""
    return [DeviceTokenStanding.model_validate(row) for row in await credentials.in_force(session, device)]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=describe(NotFound, Conflict, Invalid),
    openapi_extra=_CREDENTIALS,
)
async def issue_device_token(
    device: DeviceToChange,
    session: TenantWriting,
    wanted: Annotated[Rotation, Body(default_factory=Rotation)],
) -> DeviceTokenAnswer:
    """A new token for `POST /api/v1/telemetry`, and for the hub's own MQTT broker; it is shown this once.

    The one before stays valid for `overlap_hours`, so that the device can be given the new one meanwhile; any older
    one ends now. There are never more than two. MQTT knows one password for a device: there the new one counts at once.
    """
    token = await credentials.issue(session, device, timedelta(hours=wanted.overlap_hours))
    return await latest(session, device, token)


@router.delete(
    "", status_code=status.HTTP_204_NO_CONTENT, responses=describe(NotFound, Conflict), openapi_extra=_CREDENTIALS
)
async def revoke_device_tokens(device: DeviceToChange, session: TenantWriting) -> None:
    """End all of a device's tokens. Where one was used just now it may be taken for another ten seconds."""
    await credentials.revoke(session, device)


@router.delete(
    "/{token_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound, Conflict),
    openapi_extra=_CREDENTIALS,
)
async def revoke_device_token(token_id: UUID, device: DeviceToChange, session: TenantWriting) -> None:
    """End one token. Where it was used just now it may be taken for another ten seconds."""
    await credentials.revoke(session, device, token_id)


async def latest(session: Session, device: Device, token: str) -> DeviceTokenAnswer:
    """The token that was just issued, with what is known of it."""
    row = (await credentials.in_force(session, device))[0]
    return DeviceTokenAnswer(id=row.id, created_at=row.created_at, expires_at=row.expires_at, token=token)
