"""From the strips of many requests to the arrays of one batch: each value is believed, or picked out to be explained.

Pure. All rows of a batch are judged at once; what of them is odd goes back to its request, sample by sample.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from solarhub.devices.identity import KnownDevice
from solarhub.telemetry.batch import Flags, Floats, Int32s, Int64s, microseconds
from solarhub.telemetry.corridor.plan import Plan
from solarhub.telemetry.corridor.strip import Entry, Load, Odd, Strip, Time
from solarhub.telemetry.sample import FURTHEST_AHEAD, MILLISECONDS_FROM, OLDEST

Chosen = npt.NDArray[np.intp] | Flags | slice

_SURELY_NO_TIME = 1e15
"""Milliseconds: far beyond what a calendar holds, and still exact as a double."""


class Source(NamedTuple):
    """A strip, and which of the batch's requests it came with."""

    load: int
    strip: Strip


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Rows of a batch that report the same series, a place of each array for each row.

    `at` counts microseconds since 1970. NaN: not reported. `load` is the number of the request; `origin` leads back to
    what was sent.
    """

    series: tuple[str, ...]
    organization_keys: Int32s
    device_keys: Int32s
    at: Int64s
    readings: Floats
    load: Int32s
    origin: Int64s
    sources: "Sources"

    def __len__(self) -> int:
        return len(self.at)

    def chosen(self, rows: Chosen) -> "Sheet":
        """Those of its rows alone, in that order."""
        return replace(
            self,
            organization_keys=self.organization_keys[rows],
            device_keys=self.device_keys[rows],
            at=self.at[rows],
            readings=self.readings[rows],
            load=self.load[rows],
            origin=self.origin[rows],
        )


class Sources:
    """Finds what a row of a sheet was before."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources
        self._starts: list[int] = []

    def __getitem__(self, origin: int) -> tuple[Source, int]:
        """The strip, and the row of it."""
        if not self._starts:
            self._starts = [0, *np.cumsum([len(source.strip.times) for source in self._sources]).tolist()]
        place = bisect_right(self._starts, origin) - 1
        return self._sources[place], origin - self._starts[place]


class Batch(NamedTuple):
    """What is written in one transaction: rows, and what goes to quarantine; for that, the numbers of the requests."""

    sheets: Sequence[Sheet]
    entries: Sequence[Entry] = ()
    entry_loads: Sequence[int] = ()

    @property
    def rows(self) -> int:
        return sum(map(len, self.sheets))

    @property
    def items(self) -> int:
        return self.rows + len(self.entries)

    def halves(self) -> tuple["Batch", "Batch"]:
        """Two that hold the same, by devices and their time; what goes to quarantine apart from what does not."""
        if self.rows and self.entries:
            return Batch(self.sheets), Batch([], self.entries, self.entry_loads)
        if self.entries:
            half = len(self.entries) // 2
            first, second = slice(half), slice(half, None)
            return (
                Batch([], self.entries[first], self.entry_loads[first]),
                Batch([], self.entries[second], self.entry_loads[second]),
            )
        order = np.lexsort((self._joined("at"), self._joined("device_keys")))
        in_first = np.zeros(self.rows, np.bool_)
        in_first[order[: self.rows // 2]] = True
        parts = np.split(in_first, np.cumsum([len(sheet) for sheet in self.sheets])[:-1])
        pairs = list(zip(self.sheets, parts, strict=True))
        return (
            Batch([sheet.chosen(part) for sheet, part in pairs if part.any()]),
            Batch([sheet.chosen(~part) for sheet, part in pairs if not part.all()]),
        )

    def _joined(self, name: str) -> npt.NDArray[np.int64]:
        return np.concatenate([getattr(sheet, name) for sheet in self.sheets])


def laid_out(loads: Sequence[Load]) -> tuple[list[Sheet], list[tuple[int, Odd]]]:
    """The rows of these requests, and those of their samples that are to be explained, with their requests' numbers."""
    by_plan: dict[Plan, list[Source]] = defaultdict(list)
    for number, load in enumerate(loads):
        for strip in load.strips:
            by_plan[strip.plan].append(Source(number, strip))
    if not by_plan:
        return [], []
    # whoever came while the batch gathered is held to the strictest clock, and if that says no, to its own
    latest = microseconds(min(load.arrived_at for load in loads) + FURTHEST_AHEAD)
    earliest = microseconds(max(load.arrived_at for load in loads) - OLDEST)
    sheets: list[Sheet] = []
    odd: list[tuple[int, Odd]] = []
    for plan, sources in by_plan.items():
        sheet, bad = _sheet(plan, sources, earliest, latest)
        if bad.any():
            for origin in np.flatnonzero(bad).tolist():
                source, row = sheet.sources[origin]
                odd.append((source.load, source.strip.odd(row)))
            sheet = sheet.chosen(~bad)
        if len(sheet):
            sheets.append(sheet)
    return sheets, odd


def explained(loads: Sequence[Load], odd: Iterable[tuple[int, Odd]]) -> list[Sheet]:
    """Tells each request what is wrong with its odd samples; the rows of what can be stored of them all the same."""
    by_load: dict[int, list[Odd]] = defaultdict(list)
    for number, each in odd:
        by_load[number].append(each)
    by_plan: dict[Plan, list[Source]] = defaultdict(list)
    for number, theirs in by_load.items():
        rest = Load(loads[number].arrived_at, loads[number].catalogue)
        rest.judge(theirs)
        loads[number].entries += rest.entries
        for strip in rest.strips:
            by_plan[strip.plan].append(Source(number, strip))
    return [_sheet(plan, sources, None, None)[0] for plan, sources in by_plan.items()]


def _sheet(plan: Plan, sources: Sequence[Source], earliest: int | None, latest: int | None) -> tuple[Sheet, Flags]:
    """Rows and which of them cannot be stored as they are; without limits all can."""
    strips = [source.strip for source in sources]
    sizes = [len(strip.times) for strip in strips]
    rows = sum(sizes)
    readings = np.frombuffer(b"".join([strip.packed for strip in strips]), np.float64).reshape(rows, len(plan.series))
    if plan.order is not None:
        readings = readings[:, plan.order]
    devices, counts = _devices(strips)
    sheet = Sheet(
        series=plan.series,
        organization_keys=_each([device.organization_key for device in devices], counts),
        device_keys=_each([device.device_key for device in devices], counts),
        at=times(list(chain.from_iterable(strip.times for strip in strips))),
        readings=readings,
        load=_each([source.load for source in sources], sizes),
        origin=np.arange(rows, dtype=np.int64),
        sources=Sources(sources),
    )
    if earliest is None or latest is None:
        return sheet, np.zeros(rows, np.bool_)
    rated = np.zeros(0)
    if len(plan.relative):
        rated = np.array([np.nan if device.rated_kw is None else device.rated_kw for device in devices])
        rated = rated if counts is None else np.repeat(rated, counts)
    bad = (sheet.at < earliest) | (sheet.at > latest) | plan.implausible(readings, rated)
    # samples that were judged one by one were held to their own clock
    return sheet, bad & np.repeat([bool(strip.told) for strip in strips], sizes)


def _devices(strips: Sequence[Strip]) -> tuple[list[KnownDevice], list[int] | None]:
    """Whose rows these are, and how many each has in turn; None: one each."""
    devices: list[KnownDevice] = []
    counts: list[int] = []
    for strip in strips:
        if isinstance(strip.devices, KnownDevice):
            devices.append(strip.devices)
            counts.append(len(strip.times))
        else:
            devices += strip.devices
            counts += [1] * len(strip.devices)
    return devices, None if len(devices) == sum(counts) else counts


def _each(values: Sequence[int], counts: Sequence[int] | None) -> Int32s:
    """A place for each row; `counts`: how many rows have each value."""
    array = np.array(values, np.int32)
    return array if counts is None else np.repeat(array, counts)


def times(told: Sequence[Time]) -> Int64s:
    """As microseconds since 1970; what is no time at all lies long before it."""
    kinds = set(map(type, told))
    if kinds == {datetime}:
        # exact: a double holds the microseconds of a few thousand years
        dated = cast("Sequence[datetime]", told)
        return np.rint(np.array([datetime.timestamp(each) for each in dated]) * 1e6).astype(np.int64)
    if datetime not in kinds:
        return _of_numbers(np.array(told, np.float64))
    at = np.empty(len(told), np.int64)
    for row, each in enumerate(told):
        at[row] = microseconds(each) if isinstance(each, datetime) else _of_numbers(np.array([each], np.float64))[0]
    return at


def _of_numbers(told: Floats) -> Int64s:
    """Seconds or milliseconds, by their size; rounded to microseconds as `timedelta` does it."""
    milliseconds = np.where(np.abs(told) >= MILLISECONDS_FROM, told, told * 1000)
    is_time = np.abs(milliseconds) < _SURELY_NO_TIME
    whole = np.trunc(np.where(is_time, milliseconds, -_SURELY_NO_TIME))
    rest = np.where(is_time, milliseconds - whole, 0)
    at: Int64s = whole.astype(np.int64) * 1000 + np.rint(rest * 1000).astype(np.int64)
    return at
