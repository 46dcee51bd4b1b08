"""How a device comes onto the hub, and how what is known of it changes."""

from typing import Any
from uuid import UUID

from solarhub.devices import connection, metadata, queries
from solarhub.devices.models import Device
from solarhub.devices.schemas import DeviceChange, DeviceRegistration
from solarhub.devices.vocabulary import DeviceStatus, ProtocolType
from solarhub.kit.db import ForeignKeyViolated, Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound


async def register(session: Session, organization_id: UUID, registration: DeviceRegistration) -> Device:
    """A new device of the organization that the session stands in.

    Invalid for a connection that is not its protocol's, or a site that is not there; Conflict for a serial number that
    is taken, wherever that may be.
    """
    metadata.check(registration.metadata)
    device = Device(
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
        connection_config=_connection(registration.protocol, registration.connection_config),
        device_metadata=registration.metadata,
    )
    session.add(device)
    await _store(session, device)
    return device


async def change(session: Session, device: Device, wanted: DeviceChange) -> Device:
    """Sets what the request named, on a device that is locked; errors as for `register`."""
    named = wanted.model_fields_set
    if "protocol" in named and wanted.protocol is not device.protocol:
        document = wanted.connection_config if "connection_config" in named else None
        device.connection_config = _connection(wanted.protocol, document)
        device.protocol = wanted.protocol
    elif "connection_config" in named:
        device.connection_config = _connection(device.protocol, wanted.connection_config)
    if "metadata" in named:
        metadata.check(wanted.metadata)
        device.device_metadata = wanted.metadata
    if "status" in named:
        device.status = DeviceStatus(wanted.status)
    for name in named - {"protocol", "connection_config", "metadata", "status"}:
        setattr(device, name, getattr(wanted, name))
    await _store(session, device)
    return device


async def find(session: Session, device_id: UUID) -> Device:
    """NotFound for one that is not there, was removed, or is somebody else's."""
    device = await queries.device(session, device_id)
    if device is None:
        raise NotFound
    return device


async def find_to_change(session: Session, device_id: UUID) -> Device:
    """As `find`, and locked."""
    device = await queries.device_to_change(session, device_id)
    if device is None:
        raise NotFound
    return device


def _connection(protocol: ProtocolType, document: dict[str, Any] | None) -> dict[str, Any]:
    if document is None and protocol is ProtocolType.HTTP:
        document = {"push": True}
    return connection.parse(protocol, document or {}).to_stored()


async def _store(session: Session, device: Device) -> None:
    with session.no_autoflush:
        site_is_there = await queries.has_site(session, device.site_id)
    if not site_is_there:
        raise _unknown_site(device)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        # whose it is stays untold: the number may belong to a stranger
        raise Conflict("A device with that serial number exists already.") from None
    except ForeignKeyViolated:
        raise _unknown_site(device) from None


def _unknown_site(device: Device) -> Invalid:
    allowed = "the id of one of its sites"
    return Invalid([FieldError("site_id", str(device.site_id), "is no site of this organization", allowed)])
