"""Energy over days, months and years, as people ask for it; and one day of a plant, device by device."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.errors import FieldError, Invalid
from solarhub.sites.models import Site
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.queries import energy as queries
from solarhub.telemetry.rollups.live import DayEnergy, asked_of, day_energies
from solarhub.telemetry.rollups.vocabulary import Mark
from solarhub.telemetry.vocabulary import EnergyMethod, Period

LONGEST_DAYS = {Period.DAY: 400, Period.MONTH: 3700, Period.YEAR: 14_700}
_USUAL_DAYS = {Period.DAY: 29, Period.MONTH: 365, Period.YEAR: 3650}
MOST_FIGURES = 60_000


class Stretch(NamedTuple):
    """Days from `first` to `last`, both included, told by `by`."""

    first: date
    last: date
    by: Period

    @classmethod
    def of(cls, first: date | None, last: date | None, by: Period, today: date) -> "Stretch":
        """What is left out is what is usually meant. Raises Invalid."""
        end = last or today
        stretch = cls(first or end - timedelta(days=_USUAL_DAYS[by]), end, by)
        stretch.check()
        return stretch

    def check(self) -> None:
        """Raises Invalid for one that ends before it begins, or is too long to be told so finely."""
        days = (self.last - self.first).days
        if days < 0:
            refused = FieldError("to", self.last.isoformat(), "is before from", "from, or a day after it")
            raise Invalid([refused])
        if days >= LONGEST_DAYS[self.by]:
            reach = [f"{by} up to {longest} days" for by, longest in LONGEST_DAYS.items()]
            raise Invalid([FieldError("by", self.by.value, f"is too fine for {days + 1} days", reach)])

    def check_width(self, sites: int) -> None:
        """Raises Invalid for more figures than one answer holds."""
        length = {Period.DAY: 1, Period.MONTH: 28, Period.YEAR: 365}[self.by]
        if sites * ((self.last - self.first).days // length + 1) > MOST_FIGURES:
            allowed = f"fewer plants a page, or fewer days: at most {MOST_FIGURES:,} figures"
            raise Invalid([FieldError("limit", sites, "would answer with too many figures", allowed)])


class DeviceDay(NamedTuple):
    """`energy` None: nothing was reported that tells."""

    device: Device
    energy: DayEnergy | None


class SiteDay(NamedTuple):
    """A site's day, from local midnight to local midnight; `kwh` None: nothing was reported that tells."""

    start: datetime
    end: datetime
    kwh: float | None
    method: EnergyMethod | None
    marks: Mark
    coverage_percent: float | None
    devices: Sequence[DeviceDay]


async def energy_of_day(session: Session, site: Site, day: date, now: datetime) -> SiteDay:
    """What the site's inverters generated up to now; where it has none, what all of its devices say they did."""
    start, end = local_day(day, ZoneInfo(site.timezone))
    devices = await queries.generators(session, site.id)
    asked = {device.device_key: asked_of(device, site, state) for device, state in devices}
    found = await day_energies(session, asked, start, end, exact=True)
    told = [DeviceDay(device, found.get(device.device_key)) for device, _ in devices]
    known = [each.energy for each in told if each.energy is not None]
    methods = {each.method for each in known if each.method is not None}
    method = methods.pop() if len(methods) == 1 else EnergyMethod.MIXED if methods else None
    marks = Mark(0)
    for each in known:
        marks |= each.marks
    present = [device for device, _ in devices if _was_there(device, end) or device.device_key in found]
    elapsed = (min(end, now) - start).total_seconds() * len(present)
    heard = sum(min(each.heard_seconds, (end - start).total_seconds()) for each in known)
    return SiteDay(
        start,
        end,
        sum(each.kwh for each in known) if known else None,
        method,
        marks,
        percent(heard, elapsed),
        told,
    )


def _was_there(device: Device, end: datetime) -> bool:
    return device.created_at < end and (device.removed_at is None or device.removed_at >= end)


def percent(heard_seconds: float, expected_seconds: float) -> float | None:
    """Of how much of the time something was heard; None where nothing was to be heard yet."""
    return None if expected_seconds <= 0 else min(100.0, round(100 * heard_seconds / expected_seconds, 1))


def percents(heard_seconds: Sequence[float], expected_seconds: Sequence[float]) -> list[float | None]:
    """The same of many."""
    heard, expected = np.array(heard_seconds, np.float64), np.array(expected_seconds, np.float64)
    known = expected > 0
    shares: list[float | None] = np.minimum(100.0, np.round(100 * heard / np.where(known, expected, 1.0), 1)).tolist()
    if known.all():
        return shares
    return [share if is_known else None for share, is_known in zip(shares, known.tolist(), strict=True)]
