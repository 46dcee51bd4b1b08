"""How a device comes onto the hub, and how what is known of it changes."""

from typing import Any
from uuid import UUID

from solarhub.devices import connection, metadata
from solarhub.devices.models import Device
from solarhub.devices.queries import devices as queries
from solarhub.devices.schemas import DeviceChange, DeviceFilter, DeviceRegistration
from solarhub.devices.secrets import Safe
from solarhub.devices.serials import SerialNumberTaken
from solarhub.devices.vocabulary import DeviceStatus, ProtocolType
from solarhub.kit.db import ForeignKeyViolated, Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.ids import uuid7
from solarhub.kit.sealing import Keyring


async def register(
    session: Session, keyring: Keyring, organization_id: UUID, registration: DeviceRegistration
) -> Device:
    """A new device of the organization that the session stands in.

    Invalid for a connection that is not its protocol's, or a site or gateway that is not there; SerialNumberTaken
    wherever on the hub the number may stand.
    """
    metadata.check(registration.metadata)
    device_id = uuid7()
    device = Device(
        id=device_id,
        organization_id=organization_id,
        site_id=registration.site_id,
        name=registration.name,
        description=registration.description,
        device_type=registration.device_type,
        manufacturer=registration.manufacturer,
        model=registration.model,
        serial_number=registration.serial_number,
        firmware_version=registration.firmware_version,
        protocol=registration.protocol,
        connection_config=judged(
            Safe(keyring, organization_id, device_id), registration.protocol, registration.connection_config, {}
        ),
        device_metadata=registration.metadata,
        gateway_id=registration.gateway_id,
    )
    session.add(device)
    await _find_site(session, device)
    await _find_gateway(session, device)
    await store(session, device)
    return device


async def change(session: Session, keyring: Keyring, device: Device, wanted: DeviceChange) -> Device:
    """Sets what the request named, on a device that is locked; errors as for `register`."""
    named = wanted.model_fields_set
    stood_on = device.site_id
    safe = Safe(keyring, device.organization_id, device.id)
    if "protocol" in named and wanted.protocol is not device.protocol:
        document = wanted.connection_config if "connection_config" in named else None
        device.connection_config = judged(safe, wanted.protocol, document, device.connection_config)
        device.protocol = wanted.protocol
    elif "connection_config" in named:
        device.connection_config = judged(safe, device.protocol, wanted.connection_config, device.connection_config)
    if "metadata" in named:
        metadata.check(wanted.metadata)
        device.device_metadata = wanted.metadata
    if "status" in named:
        device.status = DeviceStatus(wanted.status)
        device.maintenance_until = None
    for name in named - {"protocol", "connection_config", "metadata", "status"}:
        setattr(device, name, getattr(wanted, name))
    if device.site_id != stood_on:  # where it stood is held already
        await _find_site(session, device)
    if "gateway_id" in named:
        await _find_gateway(session, device)
    await store(session, device)
    return device


async def every(session: Session, organization_id: UUID, wanted: DeviceFilter) -> list[Device]:
    """A page of the organization's devices, for whoever looks at them from the machine itself."""
    rows, _ = await queries.standings(session, organization_id, wanted)
    return [row[0] for row in rows]


async def find(session: Session, device_id: UUID) -> Device:
    """Also one that was removed, for its history. NotFound for one that is not there, or is somebody else's."""
    device = await queries.device(session, device_id)
    if device is None:
        raise NotFound
    return device


async def find_to_change(session: Session, device_id: UUID) -> Device:
    """Locked. NotFound as for `find`; Conflict for one that was removed, or moved to another plant at this moment."""
    # the plant before its device, as a handover takes them: in any other order the two would wait for each other
    site_id = await queries.hold_site_of(session, device_id)
    device = await queries.device_to_change(session, device_id)
    if device is None:
        raise NotFound
    if device.removed_at is not None:
        raise Conflict("This device was removed: its history can be read, and nothing of it can be changed.")
    if device.site_id != site_id:
        raise Conflict("This device was moved to another plant at this moment: look at it again.")
    return device


def judged(
    safe: Safe, protocol: ProtocolType, document: dict[str, Any] | None, present: dict[str, Any]
) -> dict[str, Any]:
    """What is stored of a connection that somebody handed in; `present` is what its kept secrets are taken from."""
    if document is None and protocol is ProtocolType.HTTP:
        document = {"push": True}
    return safe.stored(connection.parse(protocol, safe.merged(document or {}, present)))


async def _find_site(session: Session, device: Device) -> None:
    with session.no_autoflush:
        found = await queries.site_to_stand_on(session, device.site_id)
    if found is None:
        raise _unknown_site(device)


async def _find_gateway(session: Session, device: Device) -> None:
    if device.gateway_id is None:
        return
    with session.no_autoflush:
        found = await queries.gateway_to_report_through(session, device.gateway_id)
    if found is None or found == device.id:
        message = "is no gateway of this organization that could speak for it"
        allowed = "the id of another device of the organization, of the type gateway"
        raise Invalid([FieldError("gateway_id", str(device.gateway_id), message, allowed)])


async def store(session: Session, device: Device) -> None:
    """Writes the device; Invalid for a site that is not there, SerialNumberTaken."""
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        # whose it is stays untold: the number may belong to a stranger
        raise SerialNumberTaken from None
    except ForeignKeyViolated:
        raise _unknown_site(device) from None


def _unknown_site(device: Device) -> Invalid:
    allowed = "the id of one of its sites"
    return Invalid([FieldError("site_id", str(device.site_id), "is no site of this organization", allowed)])
