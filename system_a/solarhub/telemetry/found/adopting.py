"""What people decide about those who report without being known: it is a device, or nobody's business, or read anew."""

from datetime import datetime
from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.devices import registry
from solarhub.devices.models import Device
from solarhub.devices.schemas import DeviceRegistration
from solarhub.devices.vocabulary import DeviceType, ProtocolType
from solarhub.drivers.dialects import Dialects
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.metrics import Catalogue
from solarhub.telemetry.found.preview import Preview, previewed
from solarhub.telemetry.found.rereading import Reader
from solarhub.telemetry.found.roster import zone_of
from solarhub.telemetry.found.schemas import Adoption
from solarhub.telemetry.models import FoundSender
from solarhub.telemetry.queries import found as queries
from solarhub.telemetry.queries.found_worker import write_alone

_NO_DRIVER = "unknown"


async def find(session: Session, sender_id: UUID) -> FoundSender:
    """NotFound for one that is not there, or is somebody else's."""
    row = await queries.sender(session, sender_id)
    if row is None:
        raise NotFound
    return row


async def find_to_change(session: Session, organization_id: UUID, sender_id: UUID) -> FoundSender:
    """As `find`, and locked: nobody writes it down anew meanwhile."""
    await write_alone(session, organization_id)
    row = await queries.sender_to_change(session, sender_id)
    if row is None:
        raise NotFound
    return row


async def find_to_adopt(session: Session, organization_id: UUID, sender_id: UUID) -> FoundSender:
    """As `find_to_change`, but locked by `adopt` alone: after the device that it becomes (decision 19)."""
    await write_alone(session, organization_id)
    return await find(session, sender_id)


async def preview(session: Session, row: FoundSender, dialects: Dialects, catalogue: Catalogue) -> Preview:
    """What the present mapping reads of its newest messages."""
    said = await queries.announcements(session, row.organization_id, row.broker_key)
    place = row.device_id or row.gateway_id
    zone = row.time_zone or (await queries.time_zone_of(session, place) if place is not None else None)
    memory = dialects.remembering(said)
    return previewed(row.examples, Reader(dialects, memory, row.sender, zone_of(zone), catalogue, None))


def serial_number(row: FoundSender, wanted: Adoption) -> str | None:
    """That of the device that an adoption makes; None where it makes none."""
    if wanted.device_id is not None:
        return None
    return wanted.serial_number if "serial_number" in wanted.model_fields_set else row.facts.get("serial_number")


async def adopt(session: Session, keyring: Keyring, row: FoundSender, wanted: Adoption) -> Device:
    """The sender is a device from now on; what it sent before becomes samples of it.

    Conflict for one that is adopted; Invalid for a plant or device that is not there; SerialNumberTaken; NotFound for
    one that was forgotten at this moment.
    """
    if row.device_id is not None:
        raise Conflict("This sender is adopted already; let it go first.", state="adopted")
    if wanted.device_id is not None:
        device = await _present(session, wanted.device_id)
    else:
        device = await _new(session, keyring, row, wanted)
    if await queries.sender_to_change(session, row.id) is None:
        raise NotFound
    acting(session, "found_sender.adopt")
    row.device_id = device.id
    row.adopted_at = now()
    row.ignored_at = None
    row.time_zone = wanted.time_zone
    await session.flush()
    return device


async def _present(session: Session, device_id: UUID) -> Device:
    try:
        return await registry.find_to_change(session, device_id)
    except NotFound:
        line = FieldError(
            "device_id", str(device_id), "is no device of this organization", "the id of one of its devices"
        )
        raise Invalid([line]) from None


async def _new(session: Session, keyring: Keyring, row: FoundSender, wanted: Adoption) -> Device:
    named = wanted.model_fields_set
    gateway = await _gateway(session, row)
    site_id = wanted.site_id or (gateway.site_id if gateway is not None else None)
    if site_id is None:
        line = FieldError("site_id", None, "is required, or else a device_id", "the id of one of its sites")
        raise Invalid([line])

    def said(name: str) -> str | None:
        return getattr(wanted, name) if name in named else row.facts.get(name, "")[:100] or None

    registration = DeviceRegistration.parse(
        {
            "site_id": str(site_id),
            "name": said("name") or said("model") or _name(row),
            "device_type": wanted.device_type if "device_type" in named else _kind(row.facts.get("device_type")),
            "manufacturer": said("manufacturer"),
            "model": said("model"),
            "serial_number": serial_number(row, wanted),
            "firmware_version": row.facts.get("firmware_version", "")[:100] or None,
            "protocol": ProtocolType.CUSTOM,
            "connection_config": {
                "driver": row.dialect or _NO_DRIVER,
                "options": {"broker": row.broker_key, "sender": row.sender},
            },
            # a gateway speaks for devices of its own plant
            "gateway_id": str(gateway.id) if gateway is not None and gateway.site_id == site_id else None,
        }
    )
    return await registry.register(session, keyring, row.organization_id, registration)


async def _gateway(session: Session, row: FoundSender) -> Device | None:
    """The device below whose topics it was heard, if that is still there and speaks for others."""
    if row.gateway_id is None:
        return None
    try:
        device = await registry.find(session, row.gateway_id)
    except NotFound:
        return None
    return device if device.removed_at is None and device.device_type is DeviceType.GATEWAY else None


def _name(row: FoundSender) -> str:
    """Of a sender that says none."""
    plate = [row.facts[name] for name in ("manufacturer", "serial_number") if row.facts.get(name)]
    return (" ".join(plate) or row.sender.rpartition("/")[2] or row.sender)[:200]


def _kind(told: str | None) -> DeviceType:
    return DeviceType(told) if told in set(DeviceType) else DeviceType.INVERTER


async def ignore(session: Session, row: FoundSender) -> None:
    """Nothing more of it is kept. Conflict for one that is adopted or ignored."""
    if row.device_id is not None:
        raise Conflict("This sender is adopted; let it go first.", state="adopted")
    if row.ignored_at is not None:
        raise Conflict("This sender is ignored already.", state="ignored")
    acting(session, "found_sender.ignore")
    row.ignored_at = now()
    await session.flush()


async def release(session: Session, row: FoundSender) -> None:
    """An adopted or ignored one waits again; its device stays, with all that was stored. Conflict where it waits."""
    if row.device_id is None and row.ignored_at is None:
        raise Conflict("This sender waits already.", state="new")
    acting(session, "found_sender.release")
    row.device_id = row.adopted_at = row.ignored_at = None
    row.replay_asked_at = None
    await session.flush()


async def replay(session: Session, device: Device, since: datetime) -> list[UUID]:
    """Kept messages of a device are to be read anew, with the mapping of today; the senders that it is.

    Conflict for a device of which no messages are kept.
    """
    rows = await queries.senders_of(session, device.id)
    if not rows:
        raise Conflict("Of this device no messages are kept: it reports without a mapping.")
    acting(session, "found_sender.replay")
    for row in rows:
        row.replay_from = since
        row.replay_asked_at = now()
    await session.flush()
    return [row.id for row in rows]


async def let_go(session: Session, device: Device) -> None:
    """Of a device that leaves the hub: who it was waits again."""
    for row in await queries.senders_of(session, device.id):
        row.device_id = row.adopted_at = row.replay_asked_at = None
    await session.flush()
