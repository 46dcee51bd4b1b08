"""The energy of quarters of an hour, for many devices at once: what `counters` says of one, by array where it is plain.

Nearly every counter does nothing but rise, by what its device can give and without a gap: then its growth is the
difference of its ends. Where anything else happens, that device's counter is walked reading by reading.
"""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.rollups.calendar import QUARTER, SECOND, Place, day_bounds, quarters
from solarhub.telemetry.rollups.counters import (
    BRIDGED_INTERVALS,
    HEADROOM,
    RESOLUTION_KWH,
    Rules,
    Standing,
    Walked,
    walk,
)
from solarhub.telemetry.rollups.figures import F, I, Rolled, Rows, summed_up
from solarhub.telemetry.rollups.spacing import NEVER, Heard, intervals
from solarhub.telemetry.rollups.vocabulary import Mark


class Facts(NamedTuple):
    """How often it says it reports (s), where it is, its rated power (kW), where its counters' registers end (kWh)."""

    interval_seconds: float
    place: Place
    rated_kw: float | None = None
    register_kwh: float | None = None

    def rules(self, *, is_daily: bool) -> Rules:
        ceiling = None if self.rated_kw is None else HEADROOM * self.rated_kw
        return Rules(self.interval_seconds, ceiling, None if is_daily else self.register_kwh, is_daily)


class Carry(NamedTuple):
    """The last value of a series before a time: when its quarter ended, and since when a counter stands (seconds)."""

    value: float
    at: float
    moved_at: float


class Carried(NamedTuple):
    """The same of many devices, in the order of their keys."""

    device_keys: I
    values: F
    at: F
    moved_at: F


Carries = Mapping[str, Carried]
"""By series."""


def carries_of(told: Mapping[tuple[int, str], Carry]) -> dict[str, Carried]:
    """Of single ones, by device_key and series."""
    by_series: dict[str, list[tuple[int, Carry]]] = {}
    for (key, name), carry in sorted(told.items()):
        by_series.setdefault(name, []).append((key, carry))
    return {
        name: Carried(
            np.array([key for key, _ in some], np.int64),
            *np.array([carry for _, carry in some], np.float64).reshape(-1, 3).T,
        )
        for name, some in by_series.items()
    }


class GapRow(NamedTuple):
    """Energy in kWh of a series, booked to the time from `started` to `ended` (microseconds since 1970)."""

    device_key: int
    series: str
    started: int
    ended: int
    kwh: float
    marks: int


class _Cut(NamedTuple):
    """Where devices (d) and their quarters (q) begin among rows, and which of them each row and quarter belongs to."""

    seconds: F
    first_rows: I
    row_device: I
    first_quarters: I
    quarter_device: I
    row_quarter: I
    quarter_rows: I
    """Where the rows of each quarter begin."""
    intervals: F
    """What silence before each row is judged by (s)."""


def energies_of_all(
    groups: Sequence[Rows], carries: Carries, facts: Mapping[int, Facts], heard: Heard = NEVER
) -> tuple[list[Rolled], list[GapRow]]:
    """As `quarter_energies`, of rows under several layouts."""
    told = [quarter_energies(rows, carries, facts, heard) for rows in groups]
    return [rolled for rolled, _ in told], [gap for _, gaps in told for gap in gaps]


def quarter_energies(
    rows: Rows, carries: Carries, facts: Mapping[int, Facts], heard: Heard = NEVER
) -> tuple[Rolled, list[GapRow]]:
    """Figures and energies of the rows' quarters, and the gaps that end in them."""
    rolled = summed_up(rows, QUARTER)
    roles = rows.roles
    gaps: list[GapRow] = []
    cut = _cut(rows, rolled)
    told = [facts[key] for key in rows.device_keys[cut.first_rows].tolist()]
    said = np.array([each.interval_seconds for each in told])[cut.row_device]
    cut = cut._replace(intervals=intervals(rows.at, rows.device_keys, said, heard))
    rolled.intervals[:] = np.rint(cut.intervals[cut.quarter_rows])
    if not roles.tell_energy:
        return rolled, gaps
    if roles.counters:
        gaps = _counted(rows, rolled, cut, carries, told)
    if roles.power is not None:
        rolled.kwh[:, roles.power] = _area(rows, roles.power, cut, carries)
    return rolled, gaps


def _cut(rows: Rows, rolled: Rolled) -> _Cut:
    first_rows = _firsts(rows.device_keys)
    first_quarters = _firsts(rolled.device_keys)
    sizes = np.diff(np.append(first_rows, len(rows.at)))
    counts = np.diff(np.append(first_quarters, len(rolled.starts)))
    devices = np.arange(len(first_rows))
    return _Cut(
        rows.at / SECOND,
        first_rows,
        np.repeat(devices, sizes),
        first_quarters,
        np.repeat(devices, counts),
        np.repeat(np.arange(len(rolled.starts)), rolled.samples),
        np.cumsum(rolled.samples) - rolled.samples,
        np.empty(0),
    )


def _firsts(keys: I) -> I:
    return np.append(0, np.flatnonzero(keys[1:] != keys[:-1]) + 1)


def _carried(rows: Rows, cut: _Cut, carries: Carries, places: Sequence[int]) -> tuple[F, F, F]:
    """Value, time and last movement of each device's series before the first of its rows; NaN: none is known."""
    keys = rows.device_keys[cut.first_rows]
    found = np.full((3, len(keys), len(places)), np.nan)
    for column, place in enumerate(places):
        told = carries.get(rows.series[place])
        if told is not None and len(told.device_keys):
            at = np.minimum(np.searchsorted(told.device_keys, keys), len(told.device_keys) - 1)
            known = told.device_keys[at] == keys
            for row, values in enumerate((told.values, told.at, told.moved_at)):
                found[row, known, column] = values[at[known]]
    return found[0], found[1], found[2]


def _counted(rows: Rows, rolled: Rolled, cut: _Cut, carries: Carries, told: Sequence[Facts]) -> list[GapRow]:
    roles = rows.roles
    places = list(roles.counters)
    value, at, moved = _carried(rows, cut, carries, places)
    values = rows.readings[:, places]
    # a total that nothing is known of yet counts from its first reading on; a daily counter has counted since midnight
    fresh = np.isnan(value) & ~np.array(roles.daily, bool)
    value = np.where(fresh, values[cut.first_rows], value)
    first_at = cut.seconds[cut.first_rows, None]
    at, moved = np.where(fresh, first_at, at), np.where(fresh, first_at, moved)
    rising = _rising(values, (value, at), np.array(roles.daily, bool), cut, told)
    plain = np.logical_and.reduceat(rising, cut.first_rows, axis=0)
    plain_quarters = np.logical_and.reduceat(rising, cut.quarter_rows, axis=0)
    ends = rolled.last[:, places]
    base = np.empty_like(ends)
    base[1:] = ends[:-1]
    base[cut.first_quarters] = value
    grown = ends - base
    alone = rolled.samples[cut.first_quarters, None] == 1
    grown[cut.first_quarters] = np.where(fresh & alone, np.nan, grown[cut.first_quarters])
    stood = _stood(grown, moved, cut, rolled)
    rolled.kwh[:, places] = np.where(plain[cut.quarter_device], grown, np.nan)
    rolled.moved[:, places] = np.where(plain[cut.quarter_device], stood, np.nan)
    unreported = np.logical_and.reduceat(np.isnan(values), cut.first_rows, axis=0)
    gaps: list[GapRow] = []
    for device, column in zip(*np.nonzero(~plain & ~unreported), strict=True):
        known = None
        if not (fresh[device, column] or np.isnan(value[device, column])):
            known = Standing(*(each[device, column] for each in (value, at, moved)))
        rules = told[device].rules(is_daily=roles.daily[column])
        counter = _Counter(int(device), places[column], rules, plain_quarters[:, column])
        gaps += _walked(rows, rolled, cut, counter, known, told[device].place.zone)
    return gaps


def _rising(
    values: F, carried: tuple[F, F], daily: NDArray[np.bool_], cut: _Cut, told: Sequence[Facts]
) -> NDArray[np.bool_]:
    """By row and counter: whether it is told, and did nothing but rise as it should since the row before.

    One that begins again each day may show after a silence what it showed before, and have counted it anew.
    """
    before = np.empty_like(values)
    before[1:] = values[:-1]
    before[cut.first_rows], before_at = carried[0], np.empty_like(values)
    before_at[1:] = cut.seconds[:-1, None]
    before_at[cut.first_rows] = carried[1]
    passed = cut.seconds[:, None] - before_at
    bridged = BRIDGED_INTERVALS * cut.intervals[:, None]
    ceiling = np.array([np.inf if each.rated_kw is None else HEADROOM * each.rated_kw for each in told])
    grown = values - before
    with np.errstate(invalid="ignore"):
        most = ceiling[cut.row_device, None] * passed / 3600 + RESOLUTION_KWH
        heard = passed <= bridged
        fine: NDArray[np.bool_] = ((grown == 0) & (heard | ~daily)) | ((grown > 0) & heard & (grown <= most))
    return fine


def _stood(grown: F, moved: F, cut: _Cut, rolled: Rolled) -> F:
    """Since when a counter stands that did not move in a quarter, nor began in it; NaN where it did."""
    stood = np.full_like(grown, np.nan)
    rank = np.arange(len(grown)) - cut.first_quarters[cut.quarter_device]
    before = moved.copy()
    for place in range(int(rank.max()) + 1):
        these = np.flatnonzero(rank == place)
        devices = cut.quarter_device[these]
        still = (grown[these] == 0) & (before[devices] < rolled.starts[these, None] / SECOND)
        stood[these] = np.where(still, before[devices], np.nan)
        before[devices] = np.where(still, before[devices], rolled.last_at[these, None] / SECOND)
    return stood


class _Counter(NamedTuple):
    """Of the device at that place in a cut, the series at that place in its rows; in which quarters it only rises."""

    device: int
    place: int
    rules: Rules
    plain_quarters: NDArray[np.bool_]


def _walked(  # noqa: PLR0917 - what is read, what is filled in, and by what
    rows: Rows, rolled: Rolled, cut: _Cut, counter: _Counter, before: Standing | None, zone: str
) -> list[GapRow]:
    """One counter of one device, reading by reading where it does more than rise; the gaps that end in it."""
    device, place = counter.device, counter.place
    gaps = []
    mine = np.flatnonzero(cut.quarter_device == device)
    days = quarters(rolled.starts[mine], zone).days.tolist()
    for quarter, day in zip(mine.tolist(), days, strict=True):
        first = int(cut.quarter_rows[quarter])
        these = slice(first, first + int(rolled.samples[quarter]))
        readings = [
            (at, kwh)
            for at, kwh in zip(cut.seconds[these].tolist(), rows.readings[these, place].tolist(), strict=True)
            if not isnan(kwh)
        ]
        start = int(rolled.starts[quarter])
        if not readings:
            continue
        goes_on = first == cut.first_rows[device] or (before and before.kwh == rows.readings[first - 1, place])
        if before and goes_on and counter.plain_quarters[quarter]:
            found = _risen(readings, before)
        else:
            rules = counter.rules._replace(interval_seconds=float(cut.intervals[first]))
            found = walk(readings, before, start / SECOND, day_bounds(day, zone)[0] / SECOND, rules)
        standing = found.standing or Standing(readings[-1][1], *(readings[-1][0],) * 2)
        rolled.kwh[quarter, place] = np.nan if found.kwh is None else found.kwh
        rolled.marks[quarter, place] = found.marks
        rolled.last[quarter, place] = standing.kwh
        stands = standing.moved_at < start / SECOND
        rolled.moved[quarter, place] = standing.moved_at if stands else np.nan
        ended = rolled.last_at[quarter] / SECOND
        before = Standing(standing.kwh, ended, standing.moved_at if stands else ended)
        gaps += [
            GapRow(
                int(rolled.device_keys[quarter]),
                rows.series[place],
                round(gap.started * SECOND),
                round(gap.ended * SECOND),
                gap.kwh,
                int(gap.marks),
            )
            for gap in found.gaps
        ]
    return gaps


def _risen(readings: Sequence[tuple[float, float]], before: Standing) -> Walked:
    """What the walk says of a quarter in which a counter did nothing but rise, from where it stood."""
    at, kwh = readings[-1]
    moved_at = before.moved_at if kwh == before.kwh else at
    return Walked(kwh - before.kwh, [], Mark(0), Standing(kwh, at, moved_at))


def _area(rows: Rows, place: int, cut: _Cut, carries: Carries) -> F:
    """kWh under straight lines between readings in kW, each piece in the quarter in which it ends.

    Nothing is made up for gaps. Below zero counts as below zero: a plant draws at night.
    """
    value, at, _ = _carried(rows, cut, carries, [place])
    power = rows.readings[:, place]
    reported = np.flatnonzero(~np.isnan(power))
    device, seconds, power = cut.row_device[reported], cut.seconds[reported], power[reported]
    before, before_at = np.empty_like(power), np.empty_like(power)
    before[1:], before_at[1:] = power[:-1], seconds[:-1]
    firsts = _firsts(device) if len(device) else np.empty(0, np.int64)
    before[firsts], before_at[firsts] = value[device[firsts], 0], at[device[firsts], 0]
    passed = seconds - before_at
    bridged = BRIDGED_INTERVALS * cut.intervals[reported]
    piece = np.where(passed <= bridged, passed * (power + before) / 7200, np.nan)
    quarter = cut.row_quarter[reported]
    count = len(cut.quarter_device)
    area = np.bincount(quarter, np.nan_to_num(piece), count)
    return np.where(np.bincount(quarter, ~np.isnan(piece), count) > 0, area, np.nan)
