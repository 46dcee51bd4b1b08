"""Energy of a day that may still be going on: what was rolled up, and what has come since."""

from asyncio import to_thread
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from math import isnan
from typing import NamedTuple

import numpy as np

from solarhub.devices.metadata import rated_kw, register_kwh, reporting_interval
from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.sites.models import Site
from solarhub.telemetry.history import Stretch, stretches
from solarhub.telemetry.queries import energy as queries
from solarhub.telemetry.rollups.calendar import QUARTER, Place, instant
from solarhub.telemetry.rollups.days import POWER, energy, in_days, in_hours
from solarhub.telemetry.rollups.energies import Facts, quarter_energies
from solarhub.telemetry.rollups.figures import gathered, summed_up, together
from solarhub.telemetry.rollups.vocabulary import Mark
from solarhub.telemetry.vocabulary import EnergyMethod

LOOK_BACK = timedelta(hours=12)
"""How old the last counter before a day may be to count from, where nothing was rolled up yet."""
_TELLING = ("energy_today", "energy_total", "power_output")


class Asked(NamedTuple):
    """A device of which somebody asks: its newest sample, and what `energy_total` shows in kWh, and since when."""

    facts: Facts
    newest: datetime | None
    total: tuple[datetime, float] | None


class DayEnergy(NamedTuple):
    """`kwh` counts; `measured_kwh` is what it was before a person's correction."""

    kwh: float
    measured_kwh: float | None
    method: EnergyMethod | None
    marks: Mark
    heard_seconds: float


def asked_of(device: Device, site: Site, state: DeviceState | None) -> Asked:
    metadata = device.device_metadata
    facts = Facts(
        reporting_interval(metadata).total_seconds(),
        Place(site.timezone, site.latitude, site.longitude),
        rated_kw(metadata),
        register_kwh(metadata),
    )
    total = state.latest.get("energy_total") if state is not None else None
    told = None if total is None else (datetime.fromisoformat(total["at"]), float(total["value"]))
    return Asked(facts, state.last_sample_at if state is not None else None, told)


async def day_energies(
    session: Session, asked: Mapping[int, Asked], start: datetime, end: datetime, *, exact: bool = False
) -> dict[int, DayEnergy]:
    """By device_key, of those of which anything tells, from `start` to `end`, which are midnights at their sites.

    `exact`: what no counter tells is read from raw rows up to now; else as far as it was rolled up.
    """
    rolled = {row.device_key: row for row in await queries.days_from(session, list(asked), start)}
    found: dict[int, DayEnergy] = {}
    raw: set[int] = set()
    for key, device in asked.items():
        row = rolled.get(key)
        came = device.newest is not None and start <= device.newest
        if row is None:
            raw |= {key} if came else set()
            continue
        known = _known(row)
        since = None if row.last_at is None else _grown_since(device, row, end)
        if since is not None and known is not None:
            known = known._replace(
                kwh=known.kwh + since,
                measured_kwh=None if known.measured_kwh is None else known.measured_kwh + since,
                heard_seconds=known.heard_seconds + (_newest(device, end) - row.last_at).total_seconds(),
            )
        elif exact and came and (row.last_at is None or _newest(device, end) > row.last_at):
            raw.add(key)
        if known is not None:
            found[key] = known
    counted = await _from_quarters(session, {key: asked[key] for key in raw - found.keys()}, start, end)
    return found | counted | await measured(session, {key: asked[key] for key in raw - counted.keys()}, start, end)


def _known(row: queries.Row) -> DayEnergy | None:
    if row.energy_kwh is None:
        return None
    method = None if row.energy_method is None else EnergyMethod(row.energy_method)
    heard = float(row.samples * row.interval_seconds)
    return DayEnergy(row.energy_kwh, row.measured_kwh, method, Mark(row.energy_marks), heard)


def _newest(device: Asked, end: datetime) -> datetime:
    return min(device.newest or end, end)


def _grown_since(device: Asked, row: queries.Row, end: datetime) -> float | None:
    """What the counter shows more than when the day was rolled up; None where it does not tell."""
    if row.energy_method != EnergyMethod.COUNTER.value or row.total_kwh is None or device.total is None:
        return None
    at, kwh = device.total
    if at <= row.last_at or at >= end:
        return None
    grown = kwh - row.total_kwh
    most = device.facts.rules(is_daily=False).most_kwh((at - row.last_at).total_seconds())
    return grown if grown >= 0 and (most is None or grown <= most) else None


async def _from_quarters(
    session: Session, asked: Mapping[int, Asked], start: datetime, end: datetime
) -> dict[int, DayEnergy]:
    """Of a day that has only begun: what counters show more than in the last quarter before it."""
    totals = {key: device.total for key, device in asked.items() if device.total and start <= device.total[0] < end}
    if not totals:
        return {}
    before = await queries.totals_before(session, list(totals), start, start - LOOK_BACK)
    found = {}
    for key, kwh in before.items():
        at, shown = totals[key]
        most = asked[key].facts.rules(is_daily=False).most_kwh((at - start + LOOK_BACK).total_seconds())
        if shown >= kwh and (most is None or shown - kwh <= most):
            heard = (at - start).total_seconds()
            found[key] = DayEnergy(shown - kwh, shown - kwh, EnergyMethod.COUNTER, Mark(0), heard)
    return found


async def measured(
    session: Session, asked: Mapping[int, Asked], start: datetime, end: datetime
) -> dict[int, DayEnergy]:
    """The same of raw rows alone, counting from what was told up to twelve hours before."""
    if not asked:
        return {}
    told = await stretches(session, list(asked), start - LOOK_BACK, end, _TELLING)
    return await to_thread(_measured, told, asked, instant(start), instant(end))


def _measured(told: list[Stretch], asked: Mapping[int, Asked], start: int, end: int) -> dict[int, DayEnergy]:
    facts = {key: device.facts for key, device in asked.items()}
    places = {key: device.facts.place for key, device in asked.items()}
    buckets, gaps = [], []
    for rows in gathered(told):
        rolled, found = quarter_energies(rows, {}, facts)
        gaps += found
        inside = (rolled.starts >= start) & (rolled.starts < end)
        buckets.append((rolled, np.where(inside, start, -1)))
    for bucket, begins in in_hours(gaps, places):
        buckets.append((bucket, np.where((begins >= start) & (begins < end), start, -1)))
    for shared in in_days(gaps, places).values():
        buckets += [(bucket, np.where(begins == start, start, -1)) for bucket, begins in shared]
    energies: dict[int, DayEnergy] = {}
    for part in together(buckets):
        sums = energy(part)
        for row, key in enumerate(part.device_keys.tolist()):
            if not np.isnan(sums.kwh[row]):
                kwh = float(sums.kwh[row])
                method = EnergyMethod.POWER if sums.method[row] == POWER else EnergyMethod.COUNTER
                heard = float(part.samples[row] * part.intervals[row])
                energies[key] = DayEnergy(kwh, kwh, method, Mark(int(sums.marks[row])), heard)
    return energies


async def courses(
    session: Session, asked: Mapping[int, Asked], start: datetime, end: datetime
) -> dict[int, list[float | None]]:
    """Mean power in kW of each quarter of an hour, of devices that told of it; None where one did not."""
    count = (end - start) // timedelta(microseconds=QUARTER)
    found: dict[int, list[float | None]] = {}
    reach: dict[int, datetime] = {}
    for key, starts, means, last_at in await queries.courses(session, list(asked), start, end):
        course = found.setdefault(key, [None] * count)
        for begins, mean in zip(starts, means, strict=True):
            if not isnan(mean):
                course[_place(instant(begins), start)] = mean
        reach[key] = last_at
    behind: dict[datetime, set[int]] = {}
    for key, device in asked.items():
        since = reach.get(key)
        if device.newest is not None and device.newest >= start and (since is None or device.newest > since):
            begins = start if since is None else since.replace(minute=since.minute // 15 * 15, second=0, microsecond=0)
            behind.setdefault(begins, set()).add(key)
    for begins, keys in behind.items():
        for key, place, mean in await _tails(session, keys, begins, end):
            course = found.setdefault(key, [None] * count)
            course[_place(place, start)] = mean
    return found


def _place(begins: int, start: datetime) -> int:
    return (begins - instant(start)) // QUARTER


async def _tails(
    session: Session, keys: Collection[int], start: datetime, end: datetime
) -> list[tuple[int, int, float]]:
    told = await stretches(session, keys, start, end, ["power_output"])
    means = []
    for rows in gathered(told):
        rolled = summed_up(rows, QUARTER)
        means += [
            (int(key), int(begins), float(mean))
            for key, begins, (mean,) in zip(rolled.device_keys, rolled.starts, rolled.mean, strict=True)
            if not np.isnan(mean)
        ]
    return means
