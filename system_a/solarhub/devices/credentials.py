"""How a device proves who it is: a token, of which the hub keeps hashes alone.

It opens the HTTP door, and is the device's password at the hub's own MQTT broker, where its user name is its id.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from solarhub.devices.models import Device, DeviceToken
from solarhub.devices.queries import tokens as queries
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound
from solarhub.kit.mosquitto.passwords import hashed
from solarhub.kit.tokens import DEVICE, new_token, sha256_of

OVERLAP = timedelta(hours=24)
"""How long the token before stays valid, unless somebody says otherwise."""


async def issue(session: Session, device: Device, overlap: timedelta = OVERLAP) -> str:
    """A new token for a device that is locked; it can be shown now and never again.

    The one before stays valid for `overlap`, or for less where it was ending anyway; any other is revoked, so that
    there are never more than two.
    """
    at = now()
    earlier = await queries.tokens_in_force(session, device.id)
    for number, row in enumerate(earlier):
        if number == 0 and overlap:
            row.expires_at = min(at + overlap, row.expires_at or at + overlap)
        else:
            row.revoked_at = at
    token = new_token(DEVICE)
    session.add(
        DeviceToken(
            organization_id=device.organization_id,
            device_id=device.id,
            token_sha256=sha256_of(token),
            broker_hash=hashed(token),
        )
    )
    await session.flush()
    return token


async def in_force(session: Session, device: Device) -> Sequence[DeviceToken]:
    """The tokens that open the door now, the present one first: two at most."""
    return await queries.tokens_in_force(session, device.id)


async def revoke(session: Session, device: Device, token_id: UUID | None = None) -> None:
    """Ends one token, or all; at most ten seconds later it opens nothing. NotFound for one that is not in force."""
    ended = [row for row in await queries.tokens_in_force(session, device.id) if token_id is None or row.id == token_id]
    if token_id is not None and not ended:
        raise NotFound
    for row in ended:
        row.revoked_at = now()
    await session.flush()
