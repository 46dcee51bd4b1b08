"""Rows of one sheet: whose each is, when it was taken, and what it says; what cannot be taken is refused. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import NamedTuple
from zoneinfo import ZoneInfo

from solarhub.drivers.dialects.mapping import Field
from solarhub.metrics import Catalogue, Kind
from solarhub.telemetry.portals.cells import CellReader, Refused
from solarhub.telemetry.portals.clock import Clock, Gap, NoTime, day_ends
from solarhub.telemetry.portals.headers import spelled
from solarhub.telemetry.portals.heaps import Heap, LongHeap
from solarhub.telemetry.portals.maps import PLANT, Mark
from solarhub.telemetry.portals.roster import Device, Roster
from solarhub.telemetry.portals.shapes import Shape, named_field
from solarhub.telemetry.portals.sheets import Cell, joined
from solarhub.telemetry.portals.telling import DeviceTold, FileTold, Trouble
from solarhub.telemetry.sample import shown

EARLIEST = 946_684_800_000_000
"""The year 2000, in microseconds since 1970: what is before was written by a clock that had not been set."""


class Context(NamedTuple):
    """What rows are read with. `device`: all of them are that one's; `latest`: the last instant that may be."""

    roster: Roster
    catalogue: Catalogue
    nothing: frozenset[str]
    latest: int
    device: Device | None


@dataclass(slots=True)
class Clocks:
    """A clock for each zone in which devices stand."""

    zone: str
    formats: Sequence[str]
    endings: Sequence[str]
    known: dict[str, Clock] = field(default_factory=dict)

    def of(self, device: Device) -> Clock:
        name = device.zone if self.zone == PLANT else self.zone
        if name not in self.known:
            self.known[name] = Clock(self.formats, ZoneInfo(name), self.endings)
        return self.known[name]

    @property
    def ambiguous(self) -> int:
        return sum(clock.ambiguous for clock in self.known.values())


class Taker:
    """Takes the rows of one sheet."""

    def __init__(  # noqa: PLR0917 - what is read, by what, and where it goes
        self, reading: Context, shape: Shape, mark: Mark, clocks: Clocks, heap: Heap | LongHeap, told: FileTold
    ) -> None:
        self._reading = reading
        self._told = told
        self._shape = shape
        self._mark = mark
        self._clocks = clocks
        self._heap = heap
        self._readers = [(bound.place, bound.header, CellReader(bound.field, mark)) for bound in shape.columns]
        self._long: dict[tuple[str, str], tuple[str, CellReader] | str] = {}
        self._limits: dict[tuple[int, str], tuple[float, float]] = {}
        self._by_name: dict[str, Device | str] = {}
        self._daily = [reading.catalogue.parse_series(bound.series)[0].kind is Kind.DAILY for bound in shape.columns]

    def take(self, line: int, cells: Sequence[Cell]) -> None:
        """Refuses what cannot be taken, and takes the rest."""
        told, place = self._told, self._shape.sheet.place
        told.rows += 1
        device = self._device(cells)
        if not isinstance(device, Device):
            told.refuse(place, line, Trouble.UNKNOWN_DEVICE, device)
            return
        mine = told.of(device)
        mine.rows += 1
        cell = joined(cells, self._shape.time)
        try:
            instants = self._instants(cell, device)
        except Gap as error:
            told.refuse(place, line, Trouble.TIME_NEVER_WAS, f"{shown(str(cell))} {error}", mine)
            return
        except NoTime as error:
            told.refuse(place, line, Trouble.TIME, f"{shown(str(cell))} {error}", mine)
            return
        if isinstance(self._heap, LongHeap):
            self._take_long(line, cells, device, mine, instants[-1], self._heap)
            return
        values = self._values(line, cells, device, mine)
        if values is None:
            mine.empty += 1
        elif len(instants) == 1:
            self._heap.add(device, instants[0], values)
        else:
            # a counter of the day begins at zero: without it two equal days would look like one that stands still
            begins = [
                nan if isnan(value) or not daily else 0.0 for daily, value in zip(self._daily, values, strict=True)
            ]
            if any(value == 0.0 for value in begins):
                self._heap.add(device, instants[0], begins)
            self._heap.add(device, instants[1], values)

    def _check_time(self, at: int) -> None:
        """Raises NoTime."""
        if at > self._reading.latest:
            raise NoTime("lies in the future")
        if at < EARLIEST:
            raise NoTime("lies before the year 2000: the clock had not been set")

    def _instants(self, cell: Cell, device: Device) -> tuple[int, ...]:
        clock = self._clocks.of(device)
        if not self._shape.table.by_day:
            at = clock.read(cell, device.key)
            self._check_time(at)
            return (at,)
        begins, ends = day_ends(clock.written(cell).date(), clock.zone)
        if ends > self._reading.latest:
            raise NoTime("is a day that is not over yet")
        self._check_time(begins)
        return begins, ends

    def _values(self, line: int, cells: Sequence[Cell], device: Device, mine: DeviceTold) -> list[float] | None:
        """By column; None where none says anything."""
        values = [nan] * len(self._readers)
        count = len(cells)
        says = False
        for index, (place, header, reader) in enumerate(self._readers):
            if place >= count:
                continue
            value = reader.read(cells[place])
            if value.__class__ is float:
                if not isnan(value):
                    low, high = self._limits_of(device, self._shape.columns[index].series)
                    if low <= value <= high:
                        values[index] = value
                        says = True
                    else:
                        why = self._implausible(device, self._shape.columns[index].series)
                        self._refuse_value(line, header, cells[place], why, mine)
            else:
                self._refuse_value(line, header, cells[place], value, mine)  # type: ignore[arg-type]  # the other of the two
        return values if says else None

    def _limits_of(self, device: Device, series: str) -> tuple[float, float]:
        key = device.key, series
        found = self._limits.get(key)
        if found is None:
            metric, _ = self._reading.catalogue.parse_series(series)
            found = self._limits[key] = metric.limits(device.rated_kw)
        return found

    def _implausible(self, device: Device, series: str) -> Refused:
        metric, _ = self._reading.catalogue.parse_series(series)
        low, high = self._limits_of(device, series)
        allowed = f"is no plausible {metric.name}; allowed are {low:,.10g} to {high:,.10g} {metric.unit}"
        return Refused(Trouble.IMPLAUSIBLE, allowed)

    def _refuse_value(self, line: int, header: str, cell: Cell, why: Refused, mine: DeviceTold) -> None:
        self._told.refuse(
            self._shape.sheet.place,
            line,
            why.trouble,
            f"{shown(header)}: {shown(str(cell))} {why.reason}",
            mine,
            whole=False,
        )

    # ------------------------------------------------------------------------------------------------------- long form

    def _take_long(  # noqa: PLR0917 - a row's parts, and where they go
        self, line: int, cells: Sequence[Cell], device: Device, mine: DeviceTold, at: int, heap: LongHeap
    ) -> None:
        long = self._shape.long
        assert long is not None, "whoever calls has looked"  # noqa: S101 - for the type checker
        name, unit = _text(cells, long.metric), _text(cells, long.unit)
        found = self._long.get((name, unit))
        if found is None:
            found = self._long[name, unit] = self._reader_of(name, unit)
        if isinstance(found, str):
            self._told.refuse(self._shape.sheet.place, line, Trouble.UNKNOWN_METRIC, f"{shown(name)}: {found}", mine)
            return
        series, reader = found
        cell = cells[long.value] if long.value < len(cells) else None
        value = reader.read(cell)
        if not isinstance(value, float):
            self._refuse_value(line, name, cell, value, mine)
        elif value != value:  # noqa: PLR0124 - NaN alone differs from itself
            mine.empty += 1
        else:
            low, high = self._limits_of(device, series)
            if low <= value <= high:
                heap.add(device, at, series, value)
            else:
                self._refuse_value(line, name, cell, self._implausible(device, series), mine)

    def _reader_of(self, name: str, unit: str) -> tuple[str, CellReader] | str:
        table, catalogue = self._shape.table, self._reading.catalogue
        known: Mapping[str, Field] = table.long.fields if table.long is not None else {}
        field = known.get(spelled(name))
        why = "the map does not name it"
        if field is None and table.named:
            field, why = named_field(name, unit or None, catalogue, self._reading.nothing)
        series = field.series({}) if field is not None else None
        return why if field is None or series is None else (series, CellReader(field, self._mark))

    # --------------------------------------------------------------------------------------------------------- devices

    def _device(self, cells: Sequence[Cell]) -> Device | str:
        """Whose row it is, or why nobody's."""
        if self._reading.device is not None:
            return self._reading.device
        name = self._shape.named
        for place, pattern in self._shape.names:
            if place < len(cells) and cells[place] not in (None, ""):
                name = _name(cells[place])
                key = name if pattern is None else f"{name}\0{pattern}"
                if key not in self._by_name:
                    self._by_name[key] = self._reading.roster.find(name, pattern)
                return self._by_name[key]
        if name is None:
            return "the row names no device"
        if name not in self._by_name:
            self._by_name[name] = self._reading.roster.find(name)
        return self._by_name[name]


def _name(cell: Cell) -> str:
    """A serial number that a spreadsheet took for a quantity is written out."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15 else str(cell).strip()


def _text(cells: Sequence[Cell], place: int | None) -> str:
    cell = cells[place] if place is not None and place < len(cells) else None
    return "" if cell is None else str(cell).strip()
