"""Secrets of connections where they move, or their key changes; and how a driver comes by them."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from solarhub.devices import connection
from solarhub.devices.connection import ConnectionConfig
from solarhub.devices.models import Device
from solarhub.devices.queries import upkeep as queries
from solarhub.devices.secrets import Safe
from solarhub.kit.db import Session, as_machine
from solarhub.kit.errors import Conflict
from solarhub.kit.sealing import Keyring, Unsealable

log = structlog.get_logger(__name__)

START = UUID(int=0)
"""Where the first batch of `reseal_all` begins."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What one batch did. `last` is where the next one begins, None after the last."""

    last: UUID | None
    sealed: int
    unopened: int
    """So many devices have a secret that no key of this hub opens."""


def open_connection(keyring: Keyring, device: Device) -> ConnectionConfig:
    """How a driver reaches the device, secrets in clear. Raises Unsealable; `unreadable` names what cannot be read."""
    safe = Safe(keyring, device.organization_id, device.id)
    return connection.connection_config(device.protocol).from_stored(safe.opened(device.connection_config))


async def reseal_site(session: Session, keyring: Keyring, site_id: UUID, giver: UUID, receiver: UUID) -> None:
    """A plant changes hands: its devices' secrets are bound to the new organization; the session stands in both.

    Before or after the rows themselves move. Conflict, naming the device, for a secret that does not open.
    """
    for device in await queries.devices_at(session, site_id):
        try:
            device.connection_config = Safe(keyring, giver, device.id).resealed(
                device.connection_config, Safe(keyring, receiver, device.id)
            )
        except Unsealable:
            raise Conflict(
                f"The keys of this hub do not open the secrets of the device {device.name}: enter them anew, or take"
                " them out of its connection, and then hand the plant over."
            ) from None
    await session.flush()


async def reseal_all(session: Session, keyring: Keyring, *, after: UUID = START, limit: int = 500) -> Resealed:
    """One batch of all devices of the hub, as the worker: what is stored in clear, or sealed with an earlier key.

    Nobody's edit becomes stale by it; a device that is changed meanwhile is sealed by that.
    """
    await as_machine(session)
    rows = await queries.connections_with_secrets(session, after=after, limit=limit)
    sealed = unopened = 0
    for device_id, organization_id, found in rows:
        safe = Safe(keyring, organization_id, device_id)
        if safe.is_current(found):
            continue
        try:
            anew = safe.resealed(found)
        except Unsealable:
            unopened += 1
            log.warning("no key of this hub opens a device's secret", device=str(device_id))
            continue
        sealed += await queries.write_connection(session, device_id, found=found, sealed=anew)
    return Resealed(rows[-1].id if len(rows) == limit else None, sealed, unopened)
