"""A device leaves: nothing of its past is deleted, and nothing of it works any more."""

from collections.abc import Awaitable, Callable

from solarhub.audit.recording import acting
from solarhub.devices import credentials
from solarhub.devices.models import Device
from solarhub.devices.queries import claims as queries
from solarhub.devices.secrets import without_secrets
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.kit.clock import now
from solarhub.kit.db import Session

Leave = Callable[[Session, Device], Awaitable[None]]
"""Told of a device that leaves, in the transaction in which it does: what hangs on it ends with it."""

LEAVING: list[Leave] = []
"""Filled by `wiring`."""


async def remove(session: Session, device: Device, *, action: str = "device.remove") -> None:
    """Takes a device that is locked off the hub; its number is free, its tokens and its open claim end."""
    at = now()
    acting(session, action)
    device.removed_at = at
    device.serial_number = None
    device.connection_config = without_secrets(device.connection_config)
    if device.status is DeviceStatus.MAINTENANCE:
        device.status = DeviceStatus.UNKNOWN
        device.maintenance_until = None
    await credentials.revoke(session, device)
    claim = await queries.open_claim_of(session, device.id)
    if claim is not None:
        claim.state = "withdrawn"
        claim.settled_at = at
    await session.flush()
    for leave in LEAVING:
        await leave(session, device)
