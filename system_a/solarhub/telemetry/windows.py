"""What people ask of the past: a series over a window, a day's energy."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from solarhub.devices.metadata import reporting_interval
from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.metrics import Metric
from solarhub.sites.models import Site
from solarhub.telemetry.buckets import MOST_RAW, Window, local_day, too_many_raw
from solarhub.telemetry.energy import BRIDGED_INTERVALS, LOOK_BACK_SECONDS, Produced, Reported, produced
from solarhub.telemetry.queries import reading as queries
from solarhub.telemetry.vocabulary import EnergyMethod


class Bucket(NamedTuple):
    """Of so many `values`; `mean` is None for a code, of which there is no mean."""

    start: datetime
    mean: float | None
    minimum: float
    maximum: float
    values: int


class DeviceEnergy(NamedTuple):
    """`energy` None: nothing was reported that tells."""

    device: Device
    energy: Produced | None


class SiteEnergy(NamedTuple):
    """A site's day, from local midnight to local midnight; `kwh` None: nothing was reported that tells."""

    start: datetime
    end: datetime
    kwh: float | None
    method: EnergyMethod | None
    devices: Sequence[DeviceEnergy]


async def raw_series(session: Session, device: Device, series: str, window: Window) -> list[tuple[datetime, float]]:
    """Every value of a series in a window. Invalid where they are too many."""
    window.check()
    rows = await queries.raw(session, device.device_key, series, window, limit=MOST_RAW + 1)
    if len(rows) > MOST_RAW:
        raise too_many_raw()
    return rows


async def bucketed_series(
    session: Session, device: Device, metric: Metric, series: str, window: Window
) -> list[Bucket]:
    """A series of `metric` in buckets, of which one without a value is left out. Invalid for a window too long."""
    window.check()
    timezone = await queries.timezone_of(session, device.site_id)
    rows = await queries.bucketed(session, device.device_key, series, window, timezone)
    has_mean = not metric.kind.is_code
    return [Bucket(start, mean if has_mean else None, low, high, count) for start, mean, low, high, count in rows]


async def energy_of_day(session: Session, site: Site, day: date) -> SiteEnergy:
    """What the site's inverters generated; where it has none, what all of its devices say they did."""
    start, end = local_day(day, ZoneInfo(site.timezone))
    devices = await queries.generators(session, site.id)
    bridged = max((BRIDGED_INTERVALS * reporting_interval(device.device_metadata) for device in devices), default=None)
    reported: dict[int, Reported] = {}
    if bridged is not None:
        look_back = max(timedelta(seconds=LOOK_BACK_SECONDS), bridged)
        keys = [device.device_key for device in devices]
        reported = dict(await queries.energy_readings(session, keys, start - look_back, end + bridged))
    told = [
        DeviceEnergy(
            device,
            produced(
                reported[device.device_key],
                start.timestamp(),
                end.timestamp(),
                reporting_interval(device.device_metadata).total_seconds(),
            )
            if device.device_key in reported
            else None,
        )
        for device in devices
    ]
    known = [each.energy for each in told if each.energy is not None]
    methods = {energy.method for energy in known}
    method = methods.pop() if len(methods) == 1 else EnergyMethod.MIXED if methods else None
    return SiteEnergy(start, end, sum(energy.kwh for energy in known) if known else None, method, told)
