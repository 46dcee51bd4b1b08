"""A device is worked on: nobody is to be told of its silence until that ends."""

from datetime import datetime

from solarhub.audit.recording import Trail, acting, follow, record
from solarhub.devices.models import Device
from solarhub.devices.queries import upkeep as queries
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict
from solarhub.sites.ends import Reach, check_end

_BEGIN = "device.maintenance"
_END = "device.maintenance_end"


async def start(session: Session, device: Device, *, until: datetime | None, note: str | None) -> None:
    """Puts a device that is locked into maintenance, or moves the end of one that is in it. Invalid for the past."""
    check_end("until", until, Reach.A_YEAR, at=now())
    acting(session, _BEGIN)
    device.status = DeviceStatus.MAINTENANCE
    device.maintenance_until = until
    await session.flush()
    if note is not None:
        await record(session, _BEGIN, "device", device.id, organization_id=device.organization_id, after={"note": note})


async def end(session: Session, device: Device) -> None:
    """What it is like from now on, the hub hears by itself. Conflict for a device that is not in maintenance."""
    if device.status is not DeviceStatus.MAINTENANCE:
        raise Conflict("This device is not in maintenance.", state=device.status.value)
    acting(session, _END)
    _over(device)
    await session.flush()


async def end_due(session: Session, *, limit: int = 500) -> int:
    """Ends what was to end by now, as the worker and as the hub's own act; how many. Whoever is edited waits."""
    follow(session, Trail("hub"))
    acting(session, _END)
    due = await queries.devices_whose_maintenance_ended(session, limit=limit)
    for device in due:
        _over(device)
    await session.flush()
    return len(due)


def _over(device: Device) -> None:
    device.status = DeviceStatus.UNKNOWN
    device.maintenance_until = None
