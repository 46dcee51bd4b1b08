"""Whether a device is there: judged by its silence, in the hub's own time. Pure."""

from datetime import datetime, timedelta

from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.sites.daylight import is_daylight
from solarhub.sites.vocabulary import PlantKind

DEFAULT_INTERVAL = timedelta(seconds=60)
MISSED_INTERVALS = 3
"""So many reporting intervals without a word are silence."""


def is_silent(last_received_at: datetime, interval: timedelta, now: datetime) -> bool:
    return now - last_received_at > MISSED_INTERVALS * interval


def sleeps_at_night(device_type: DeviceType, plant_kind: str | None) -> bool:
    """Whether darkness switches it off: an inverter that lives on its panels alone, without a battery."""
    return device_type is DeviceType.INVERTER and plant_kind not in (PlantKind.HYBRID, PlantKind.OFF_GRID)


def is_asleep(
    device_type: DeviceType, plant_kind: str | None, latitude: float, longitude: float, now: datetime
) -> bool:
    """Whether its silence would mean nothing now: the sun at the site (degrees north and east) is under 10 degrees."""
    return sleeps_at_night(device_type, plant_kind) and not is_daylight(now, latitude, longitude)


def judge(
    present: DeviceStatus,
    *,
    last_received_at: datetime | None,
    interval: timedelta,
    asleep: bool,
    listening_since: datetime,
    now: datetime,
) -> DeviceStatus:
    """The status of a device whose status is `present`.

    Heard within three of its reporting intervals: online. Silent for longer: offline, but only once the hub itself has
    listened for as long, or our own outage would take everybody offline; and not while the device sleeps, when it keeps
    the status it had. One that was never heard stays unknown; maintenance is a person's word and stays.
    """
    if present is DeviceStatus.MAINTENANCE or last_received_at is None:
        return present
    if not is_silent(last_received_at, interval, now):
        return DeviceStatus.ONLINE
    if asleep or not is_silent(listening_since, interval, now):
        return present
    return DeviceStatus.OFFLINE
