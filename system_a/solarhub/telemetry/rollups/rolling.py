"""Rolling up: marks are taken from the corridor, and what they stand for is worked out anew from raw rows.

Whatever was rolled before is replaced by what the rows say now, so that a step may be lost or repeated. Any number of
workers share the work out by shards of plants, one worker to a shard, because a quarter counts on from the one before.
"""

from asyncio import to_thread
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

import numpy as np

from solarhub.devices.metadata import rated_kw, register_kwh, reporting_interval
from solarhub.kit.aside import aside
from solarhub.kit.db import Session
from solarhub.metrics import Metric
from solarhub.telemetry.history import Stretch, stretches
from solarhub.telemetry.marks import MARKS_LOCK
from solarhub.telemetry.queries import energy_days, own_metrics, rolling
from solarhub.telemetry.queries import rollups as queries
from solarhub.telemetry.queries.energy_days import SiteDay
from solarhub.telemetry.queries.layouts import layout_ids
from solarhub.telemetry.rollups import days as of_days
from solarhub.telemetry.rollups.calendar import (
    DAY,
    HOUR,
    QUARTER,
    Place,
    day_bounds,
    day_number,
    day_of,
    instant,
    moment,
    quarters,
)
from solarhub.telemetry.rollups.energies import Facts, GapRow, energies_of_all
from solarhub.telemetry.rollups.figures import I, Rolled, gathered, own_names, together
from solarhub.telemetry.rollups.leaving import forget_emptied, may_lack_rows
from solarhub.telemetry.rollups.packing import Column
from solarhub.telemetry.rollups.standings import carries

PATIENCE = timedelta(minutes=1)
"""How long a mark waits at least: a device's next rows are rolled with these."""
LONGEST_PATIENCE = timedelta(hours=1)
_PATIENCE_PER_DEVICE = timedelta(seconds=0.5)
MOST_AT_ONCE = 800
"""Hours of devices in one transaction: some ten thousand rows, between which others get their turn."""
_FEW_DEVICES = 100
"""What is worked out within some ten milliseconds; more of them would keep senders waiting for the interpreter."""
_MONTHS_AT_ONCE = 2000
_MONTHS_WAIT = timedelta(hours=3)


class _Device(NamedTuple):
    organization_key: int
    site_id: UUID
    facts: Facts


_Devices = Mapping[int, _Device]
_Days = set[tuple[int, int]]
"""(device_key, day at the site since 1970)."""
_Hours = dict[int, set[int]]
"""Where hours of the site begin, by device_key."""


def patience(devices: int) -> timedelta:
    """About a minute for a few; an hour for a large fleet, whose hours are then read once."""
    return min(max(PATIENCE, devices * _PATIENCE_PER_DEVICE), LONGEST_PATIENCE)


async def take(session: Session, now: datetime, *, at_once: bool = False) -> int:
    """Takes the corridor's marks that have waited long enough, or all of them `at_once`; how many."""
    waits = timedelta(0) if at_once else patience(await rolling.fleet_size(session))
    await rolling.lock_marks(session, MARKS_LOCK)
    return await rolling.take_marks(session, now - waits)


async def roll(session: Session, now: datetime, *, most: int = MOST_AT_ONCE) -> int:
    """Works out what is due of shards that nobody else is at, in this one transaction; how many hours and days."""
    await rolling.list_clocks(session)
    claimed = await rolling.claim(session, most)
    keys = {key for key, _ in claimed.hours} | {key for key, _, _ in claimed.days}
    devices = await _devices(session, keys)
    touched: _Days = {(key, day_number(day)) for key, day, _ in claimed.days if key in devices}
    for window, hours in _windows([(key, instant(hour)) for key, hour in claimed.hours if key in devices]):
        days, parts = await _roll_window(session, devices, sorted(hours), window, now)
        touched |= days
        await forget_emptied(session, hours, parts, now)
    anew = {(key, day_number(day)) for key, day, from_quarters in claimed.days if from_quarters and key in devices}
    await _hours_anew(session, devices, anew)
    if touched:
        await _roll_days(session, devices, touched, now)
    return len(claimed.hours) + len(claimed.days)


async def roll_months(session: Session, now: datetime) -> int:
    """Puts months together from their days, as many as are due; how many."""
    claimed = await rolling.claim_months(session, now, _MONTHS_AT_ONCE)
    devices = await _devices(session, {key for key, _ in claimed})
    parts = []
    for (start, end), some in _by_bounds(devices, claimed).items():
        first = dict(some)
        found = await queries.rolled(session, "rollup_days", list(first), moment(start), moment(end))
        for part in together([(each, np.full(len(each.starts), start, np.int64)) for each in found]):
            months = np.array([day_number(first[int(key)]) for key in part.device_keys], np.int64)
            ends = np.full(len(months), end, np.int64)
            own = {"day": ("day", months), "start": ("instant", part.starts), "ends_at": ("instant", ends)}
            parts.append((part, own))
    await _bring(session, devices, parts)
    await queries.upsert_months(session)
    return len(claimed)


def _by_bounds(
    devices: _Devices, months: Collection[tuple[int, date]]
) -> dict[tuple[int, int], list[tuple[int, date]]]:
    """Months of devices by where they begin and end, with nobody in a group twice."""
    found: dict[tuple[int, int], list[tuple[int, date]]] = {}
    for key, month in months:
        if key in devices:
            zone = devices[key].facts.place.zone
            after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
            bounds = day_bounds(day_number(month), zone)[0], day_bounds(day_number(after), zone)[0]
            found.setdefault(bounds, []).append((key, month))
    return found


async def _devices(session: Session, keys: Collection[int]) -> _Devices:
    if not keys:
        return {}
    return {
        key: _Device(
            organization_key,
            site_id,
            Facts(
                reporting_interval(metadata).total_seconds(),
                Place(zone, latitude, longitude),
                rated_kw(metadata),
                register_kwh(metadata),
            ),
        )
        for key, organization_key, site_id, zone, latitude, longitude, metadata in await queries.devices(session, keys)
    }


def _windows(hours: Sequence[tuple[int, int]]) -> list[tuple[tuple[int, int], dict[int, list[int]]]]:
    """Hours of devices as stretches of one day in UTC, each with the hours that are due by device; the oldest first."""
    of_day: dict[tuple[int, int], list[int]] = {}
    for key, hour in hours:
        of_day.setdefault((key, hour // DAY), []).append(hour)
    windows: dict[tuple[int, int], dict[int, list[int]]] = {}
    for (key, _), due in of_day.items():
        windows.setdefault((min(due), max(due) + HOUR), {})[key] = due
    # a device has one window a day, so that its windows come one after another
    return sorted(windows.items(), key=itemgetter(0))


async def _roll_window(
    session: Session, devices: _Devices, keys: Sequence[int], window: tuple[int, int], now: datetime
) -> tuple[_Days, list[Rolled]]:
    """Quarters and hours of a stretch of time; the days that have to be put together anew, and the quarters."""
    facts = {key: devices[key].facts for key in keys}
    begins, ends = map(moment, window)
    told = await stretches(session, keys, begins, ends)
    rows = gathered(told, await _own_metrics(session, devices, told))
    known, heard = await carries(session, rows, begins)
    work = to_thread if len(keys) < _FEW_DEVICES else aside
    parts, gaps = await work(energies_of_all, rows, known, facts, heard)
    await _bring(session, devices, [(part, {"start": ("instant", part.starts)}) for part in parts], moved=True)
    changed = await queries.upsert_quarters(session)
    values = _gap_values(devices, gaps)
    aged = may_lack_rows(window[0], now)
    changed_gaps = await queries.replace_gaps(session, keys, (begins, ends), values, may_lack_rows=aged)
    touched, hours = _touched(devices, changed_gaps)
    newest: dict[int, int] = {}
    for part in parts:
        newest |= {int(key): int(at) for key, at in zip(part.device_keys, part.starts, strict=True)}
    other = sorted({key for key, at in changed if newest[key] == instant(at)})
    if other:
        await rolling.list_later(session, other, [ends] * len(other))
    for part in parts:
        touched |= _days_of(part, devices)
    await _roll_hours(session, devices, parts, hours)
    return touched, parts


async def _own_metrics(
    session: Session, devices: _Devices, told: Sequence[Stretch]
) -> Mapping[int, Mapping[str, Metric]]:
    """Of devices that report any: their organization's, by name."""
    reporting = {each.device_key for each in told if own_names(each.series)}
    owner_of = {key: devices[key].organization_key for key in reporting}
    named = await own_metrics.named(session, set(owner_of.values())) if owner_of else {}
    return {key: named.get(owner, {}) for key, owner in owner_of.items()}


def _days_of(part: Rolled, devices: _Devices) -> _Days:
    found: _Days = set()
    keys = part.device_keys
    zones = {devices[key].facts.place.zone for key in set(keys.tolist())}
    for zone in zones:
        these = np.array([devices[key].facts.place.zone == zone for key in keys.tolist()], bool)
        days = quarters(part.starts[these], zone).days
        found |= set(zip(keys[these].tolist(), days.tolist(), strict=True))
    return found


def _gap_values(devices: _Devices, gaps: Sequence[GapRow]) -> queries.GapValues:
    return queries.GapValues(
        [gap.device_key for gap in gaps],
        [gap.series for gap in gaps],
        [moment(gap.started) for gap in gaps],
        [moment(gap.ended) for gap in gaps],
        [devices[gap.device_key].organization_key for gap in gaps],
        [gap.kwh for gap in gaps],
        [gap.marks for gap in gaps],
    )


def _touched(devices: _Devices, gaps: Sequence[tuple[int, datetime, datetime]]) -> tuple[_Days, _Hours]:
    """The days, and single hours, that gaps touch."""
    days: _Days = set()
    hours: _Hours = {}
    for key, started, ended in gaps:
        zone = devices[key].facts.place.zone
        ends = np.array([instant(started), instant(ended) - 1], np.int64) // QUARTER * QUARTER
        of = quarters(ends, zone)
        first, last = of.days.tolist()
        days |= {(key, day) for day in range(first, last + 1)}
        if of.hours[0] == of.hours[1]:
            hours.setdefault(key, set()).add(int(of.hours[0]))
    return days, hours


async def _roll_hours(session: Session, devices: _Devices, parts: Sequence[Rolled], more: _Hours) -> None:
    """The site's hours that these quarters lie in and some more, out of all of their quarters."""
    hours_of = {key: set(hours) for key, hours in more.items()}
    for part in parts:
        for zone, some in _by_zone(part.device_keys, devices).items():
            begins = quarters(part.starts[some], zone).hours
            for key, hour in zip(part.device_keys[some].tolist(), begins.tolist(), strict=True):
                hours_of.setdefault(key, set()).add(hour)
    stretches_of: dict[tuple[int, int], list[int]] = {}
    for key, hours in hours_of.items():
        stretches_of.setdefault((min(hours), max(hours) + HOUR + HOUR // 2), []).append(key)
    for (start, end), keys in sorted(stretches_of.items()):
        await _hours(session, devices, keys, (start, end), {key: hours_of[key] for key in keys})


def _by_zone(keys: I, devices: _Devices) -> dict[str, I]:
    zones = [devices[key].facts.place.zone for key in keys.tolist()]
    return {zone: np.flatnonzero(np.array([each == zone for each in zones], bool)) for zone in set(zones)}


async def _hours(
    session: Session,
    devices: _Devices,
    keys: Sequence[int],
    window: tuple[int, int],
    wanted: Mapping[int, Collection[int]] | None,
) -> None:
    """Hours in a window, those that are wanted or all."""
    start, end = window
    found = await queries.rolled(session, "rollup_quarters", keys, moment(start), moment(end))
    places = {key: devices[key].facts.place for key in keys}
    gaps = [GapRow(*_told(row)) for row in await queries.gaps(session, keys, moment(start), moment(end))]
    beside = []
    for part in found:
        begins = np.empty(len(part.starts), np.int64)
        for zone, some in _by_zone(part.device_keys, devices).items():
            begins[some] = quarters(part.starts[some], zone).hours
        beside.append((part, begins))
    buckets = [*of_days.in_hours(gaps, places), *beside]
    if wanted is not None:
        buckets = [(part, _kept(part, begins, wanted)) for part, begins in buckets]
    parts = []
    for part in together(buckets):
        ends = _hour_ends(part, devices)
        parts.append((part, {"start": ("instant", part.starts), "ends_at": ("instant", ends)}))
    await _bring(session, devices, parts)
    await queries.upsert_hours(session)


def _told(row: Sequence[object]) -> tuple[int, str, int, int, float, int]:
    key, series, started, ended, kwh, marks = row
    return int(key), str(series), instant(started), instant(ended), float(kwh), int(marks)  # type: ignore[arg-type, call-overload]  # columns of the table


def _kept(part: Rolled, begins: I, wanted: Mapping[int, Collection[int]]) -> I:
    kept = [hour in wanted[key] for key, hour in zip(part.device_keys.tolist(), begins.tolist(), strict=True)]
    return np.where(np.array(kept, bool), begins, -1)


def _hour_ends(part: Rolled, devices: _Devices) -> I:
    """The next place where the site's clocks begin an hour."""
    ends = np.empty(len(part.starts), np.int64)
    for zone, some in _by_zone(part.device_keys, devices).items():
        starts = part.starts[some]
        ahead = np.stack([starts + step * QUARTER for step in range(1, 8)])
        hours = np.stack([quarters(each, zone).hours for each in ahead])
        ends[some] = np.take_along_axis(ahead, np.argmax(hours > starts, axis=0)[None, :], axis=0)[0]
    return ends


async def _hours_anew(session: Session, devices: _Devices, days: _Days) -> None:
    """By other clocks than they were rolled by: what begins in these days goes, and is put together from quarters."""
    for key, day in sorted(days):
        window = day_bounds(day, devices[key].facts.place.zone)
        await queries.forget(session, key, day_of(day), *map(moment, window))
        await _hours(session, devices, [key], window, None)


async def _roll_days(session: Session, devices: _Devices, touched: _Days, now: datetime) -> None:
    """Days of devices out of their hours and gaps, corrections on top, then the days of their plants."""
    alike: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for key, day in touched:
        alike.setdefault(day_bounds(day, devices[key].facts.place.zone), []).append((key, day))
    parts = []
    for (start, end), some in sorted(alike.items()):
        day_of_key = dict(some)
        keys = list(day_of_key)
        found = await queries.rolled(session, "rollup_hours", keys, moment(start), moment(end))
        places = {key: devices[key].facts.place for key in keys}
        gaps = [GapRow(*_told(row)) for row in await queries.gaps(session, keys, moment(start), moment(end))]
        shared = of_days.in_days(gaps, places)
        buckets = [bucket for each in some for bucket in shared.get(each, ())]
        buckets += [(each, np.full(len(each.starts), start, np.int64)) for each in found]
        parts += [(part, _day_columns(part, devices, day_of_key, end)) for part in together(buckets)]
    await _bring(session, devices, parts)
    await queries.upsert_days(session)
    dates = {(key, day_of(day)) for key, day in touched}
    plants = await energy_days.sites_of(session, dates)
    # a day that nothing is left of is the plant's all the same
    plants |= {SiteDay(devices[key].site_id, day) for key, day in dates}
    plants |= await _correct(session, devices, {key for key, _ in touched})
    await energy_days.add_up(session, plants)
    await rolling.list_months(session, dates, now + _MONTHS_WAIT)


def _day_columns(part: Rolled, devices: _Devices, day_of_key: Mapping[int, int], end: int) -> dict[str, Column]:
    keys = part.device_keys.tolist()
    told = of_days.energy(part)
    sites = np.frombuffer(b"".join(devices[key].site_id.bytes for key in keys), "V16")
    return {
        "start": ("instant", part.starts),
        "ends_at": ("instant", np.full(len(keys), end, np.int64)),
        "day": ("day", np.array([day_of_key[key] for key in keys], np.int64)),
        "site_id": ("uuid", sites),
        "energy_kwh": ("double", told.kwh),
        "energy_method": ("integer", told.method),
        "energy_marks": ("integer", told.marks),
    }


async def _correct(session: Session, devices: _Devices, keys: Collection[int]) -> set[SiteDay]:
    layouts = await layout_ids(session, {(devices[key].organization_key, ()) for key in keys})
    of_key = {key: layouts[devices[key].organization_key, ()] for key in keys}
    return await energy_days.correct(session, keys, of_key)


async def _bring(
    session: Session, devices: _Devices, parts: Sequence[tuple[Rolled, Mapping[str, Column]]], *, moved: bool = False
) -> None:
    """Adds what every roll-up has: whose it is, its layout, and how far apart its rows should be."""
    owners = [np.array([devices[key].organization_key for key in part.device_keys.tolist()]) for part, _ in parts]
    wanted = {(int(key), part.series) for (part, _), keys in zip(parts, owners, strict=True) for key in np.unique(keys)}
    layouts = await layout_ids(session, wanted)
    told = []
    for (part, own), keys in zip(parts, owners, strict=True):
        said = [round(devices[key].facts.interval_seconds) for key in part.device_keys.tolist()]
        columns: dict[str, Column] = {
            "device_key": ("integer", part.device_keys),
            "last_at": ("instant", part.last_at),
            "organization_key": ("integer", keys),
            "layout_id": ("integer", np.array([layouts[int(key), part.series] for key in keys])),
            "samples": ("integer", part.samples),
            "interval_seconds": ("integer", np.where(part.intervals > 0, part.intervals, said)),
        }
        told.append((part, columns | dict(own)))
    await queries.bring(session, told, moved=moved)
