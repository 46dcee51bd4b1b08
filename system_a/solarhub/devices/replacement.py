"""A device breaks and another takes its place: the plant goes on, and both keep what they measured."""

from solarhub.audit.recording import acting
from solarhub.devices import metadata
from solarhub.devices.models import Device
from solarhub.devices.queries import devices as queries
from solarhub.devices.registry import judged, store
from solarhub.devices.removal import remove
from solarhub.devices.schemas import Replacement
from solarhub.devices.secrets import Safe
from solarhub.kit.db import Session
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring, Unsealable

_ACTION = "device.replace"


async def replace(session: Session, keyring: Keyring, old: Device, wanted: Replacement) -> Device:
    """The device that stands where `old` stood, which is locked and removed by this.

    Invalid for a connection that is not its protocol's, or secrets that cannot be taken over; SerialNumberTaken.
    """
    named = wanted.model_fields_set
    if "metadata" in named:
        metadata.check(wanted.metadata)
    new = Device(
        id=uuid7(),
        organization_id=old.organization_id,
        site_id=old.site_id,
        device_type=old.device_type,
        protocol=old.protocol,
        serial_number=wanted.serial_number,
        firmware_version=wanted.firmware_version,
        device_metadata=wanted.metadata if "metadata" in named else old.device_metadata,
        replaces=old.id,
        gateway_id=old.gateway_id,
        **{
            name: getattr(wanted if name in named else old, name)
            for name in ("name", "description", "manufacturer", "model")
        },
    )
    here, there = (Safe(keyring, each.organization_id, each.id) for each in (old, new))
    if "connection_config" in named:
        merged = here.merged(wanted.connection_config, old.connection_config)
        new.connection_config = judged(there, old.protocol, merged, {})
    else:
        try:
            new.connection_config = here.resealed(old.connection_config, there)
        except Unsealable:
            message = "cannot be taken over: the keys of this hub do not open its secrets any more"
            raise Invalid(
                [FieldError("connection_config", None, message, "the connection, with its secrets")]
            ) from None
    # the old one first: it may hold the very number that the new one gets, when only its inside was replaced
    await remove(session, old, action=_ACTION)
    acting(session, _ACTION)
    session.add(new)
    await store(session, new)
    for child in await queries.children(session, old.id):
        child.gateway_id = new.id
    await session.flush()
    return new
