"""A device is worked on: nobody is to be told of its silence until that ends."""

from solarhub.devices.models import Device
from solarhub.devices.queries import upkeep as queries
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict
from solarhub.sites.upkeep import Upkeep

_UPKEEP = Upkeep[Device](
    "device", DeviceStatus.MAINTENANCE, DeviceStatus.UNKNOWN, queries.devices_whose_maintenance_ended
)
start = _UPKEEP.start
end_due = _UPKEEP.end_due


async def end(session: Session, device: Device) -> None:
    """What it is like from now on, the hub hears by itself. Conflict for a device that is not in maintenance."""
    if device.status is not DeviceStatus.MAINTENANCE:
        raise Conflict("This device is not in maintenance.", state=device.status.value)
    await _UPKEEP.end(session, device)
