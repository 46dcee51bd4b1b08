"""Which of a map's tables a sheet holds, where its headers are, and which column goes where. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, time
from itertools import islice
from typing import NamedTuple

from solarhub.drivers.dialects import units
from solarhub.drivers.dialects.mapping import Field
from solarhub.drivers.dialects.topics import Template
from solarhub.kit.errors import Unreadable
from solarhub.metrics import Catalogue, UnknownMetric
from solarhub.telemetry.portals.clock import Clock, NoTime
from solarhub.telemetry.portals.headers import Header, with_unit
from solarhub.telemetry.portals.maps import Naming, PortalMap, TableMap
from solarhub.telemetry.portals.sheets import BadLine, Book, Cell, Opened, Rows, Sheet, joined

LOOKED_AT = 60
"""Lines in which headers are looked for."""
MOST_SERIES = 500
_MOST_TOLD = 60
_TRIED = 5
"""Lines behind headers whose times are tried."""


class Bound(NamedTuple):
    """The cell at `place` of each row goes to `series`, as `field` says."""

    place: int
    header: str
    series: str
    field: Field


class LongPlaces(NamedTuple):
    """Where the cells of a row in long form stand."""

    metric: int
    value: int
    unit: int | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A sheet that is understood. `header_line`: that of its headers; rows follow it.

    `names` are the cells that name the device, `named` what is said of it above the headers or by the file's name.
    """

    sheet: Sheet
    table: TableMap
    header_line: int
    time: Sequence[int]
    names: Sequence[tuple[int, str | None]]
    named: str | None
    columns: Sequence[Bound]
    long: LongPlaces | None
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Headers that nothing is taken from, and why."""


class _Guess(NamedTuple):
    score: int
    line: int
    table: TableMap
    headers: Sequence[str]


def shapes(file: Opened, portal: PortalMap, catalogue: Catalogue) -> list[Shape]:
    """What of a file is understood. Raises Unreadable where that is nothing, saying what was looked for."""
    guesses = [(sheet, _best(sheet, portal, catalogue)) for sheet in file.sheets]
    understood = [(sheet, guess) for sheet, guess in guesses if guess is not None]
    if not understood:
        raise Unreadable(_not_understood(file, portal))
    if not isinstance(file, Book):  # one table, whose cells are parted in one way
        understood = [max(understood, key=lambda each: each[1].score)]
    return [_shape(sheet, guess, portal, catalogue) for sheet, guess in understood]


def _best(sheet: Sheet, portal: PortalMap, catalogue: Catalogue) -> _Guess | None:
    tables = [each for each in portal.tables if each.sheet is None or re.search(each.sheet, sheet.name)]
    best: _Guess | None = None
    lines = list(_first(sheet.open(), LOOKED_AT + _TRIED))
    for number, (line, cells) in enumerate(lines[:LOOKED_AT]):
        headers = [_text(cell) for cell in cells]
        for table in tables:
            score = 2 * _score(table, headers, catalogue, portal.nothing)
            if score and (best is None or score >= best.score):
                behind = [row for _, row in lines[number + 1 : number + 1 + _TRIED]]
                score += _has_times(table, headers, behind)
                if best is None or score > best.score:
                    best = _Guess(score, line, table, headers)
    return best


def _has_times(table: TableMap, headers: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bool:
    """Whether the rows behind the headers have times as the table's: of two tables alike it is the other if not."""
    places = [place for part in table.time.parts if (place := _place(part, headers)) is not None]
    clock = Clock(table.time.formats, UTC, table.time.endings)
    times = [cell for row in rows if (cell := joined(row, places)) not in (None, "")]
    try:
        found = [clock.written(cell) for cell in times]
    except NoTime:
        return False
    return bool(found) and all(not table.by_day or at.time() == time() for at in found)


def _first(rows: Rows, count: int) -> Iterable[tuple[int, Sequence[Cell]]]:
    for _ in range(count):
        try:
            found = next(rows, None)
        except BadLine:
            continue
        if found is None:
            return
        yield found


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ""


def _score(table: TableMap, headers: Sequence[str], catalogue: Catalogue, nothing: frozenset[str]) -> int:
    """How many columns are known; 0 where the time is missing, or everything beside it."""
    if any(_place(part, headers) is None for part in table.time.parts):
        return 0
    if table.long is not None:
        return (
            2 if _place(table.long.metric, headers) is not None and _place(table.long.value, headers) is not None else 0
        )
    return len(_bound(table, headers, catalogue, nothing, {}))


def _place(wanted: Iterable[Header], headers: Sequence[str]) -> int | None:
    """Of the first header in the order of the map's that is there."""
    for header in wanted:
        for place, text in enumerate(headers):
            if text and header.match(text) is not None:
                return place
    return None


def _bound(
    table: TableMap,
    headers: Sequence[str],
    catalogue: Catalogue,
    nothing: frozenset[str],
    left_out: dict[str, str],
) -> list[Bound]:
    found: list[Bound] = []
    taken: dict[str, str] = {}
    for column in table.columns:
        for place, header in enumerate(headers):
            levels = column.header.match(header) if header else None
            series = column.field.series(levels) if levels is not None else None
            if series is None:
                continue
            if series in taken:
                if taken[series] != header:
                    left_out[header] = f"{series} is read from {taken[series]}"
                continue
            taken[series] = header
            found.append(Bound(place, header, series, column.field))
    if table.named:
        places = {bound.place for bound in found}
        for place, header in enumerate(headers):
            if header and place not in places:
                field, why = named_field(header, None, catalogue, nothing)
                if field is None:
                    left_out[header] = why
                elif (series := field.series({})) is not None and series not in taken:
                    taken[series] = header
                    found.append(Bound(place, header, series, field))
    return found


def named_field(
    header: str, unit: str | None, catalogue: Catalogue, nothing: frozenset[str]
) -> tuple[Field | None, str]:
    """What a header in the catalogue's own words means, or why it means nothing."""
    name, told = (header, unit) if unit else with_unit(header)
    try:
        metric, channel = catalogue.parse_series("_".join(name.strip().lower().split()))
        catalogue.metric(metric.name)  # and not one that was removed
    except (UnknownMetric, ValueError) as error:
        return None, str(error)
    try:
        scale = units.scale(told, metric.unit) if told else units.Scale()
    except KeyError:
        allowed = ", ".join(units.convertible_to(metric.unit))
        return None, f"{told} cannot be turned into {metric.unit}; allowed: {allowed}"
    return Field(metric.name, Template(channel) if channel else None, scale, {}, nothing, ()), ""


def _shape(sheet: Sheet, guess: _Guess, portal: PortalMap, catalogue: Catalogue) -> Shape:
    table, headers = guess.table, guess.headers
    left_out: dict[str, str] = {}
    columns = _bound(table, headers, catalogue, portal.nothing, left_out) if table.long is None else []
    if len(columns) > MOST_SERIES:
        raise Unreadable(f"{sheet.place} has {len(columns)} series; at most {MOST_SERIES} are read.")
    time = [place for part in table.time.parts if (place := _place(part, headers)) is not None]
    names, named = _names(sheet, table, guess)
    long = None
    if table.long is not None:
        metric, value = _place(table.long.metric, headers), _place(table.long.value, headers)
        assert metric is not None, "it was found before"  # noqa: S101 - for the type checker
        assert value is not None, "it was found before"  # noqa: S101 - the same
        long = LongPlaces(metric, value, _place(table.long.unit, headers))
    known = {bound.header for bound in columns} | {headers[place] for place in time}
    known |= {headers[place] for place, _ in names} | left_out.keys()
    if long is None:
        left_out |= {header: "the map does not name it" for header in headers if header and header not in known}
    return Shape(
        sheet, table, guess.line, time, names, named, columns, long,
        dict(islice(left_out.items(), _MOST_TOLD)),
    )  # fmt: skip


def _names(sheet: Sheet, table: TableMap, guess: _Guess) -> tuple[list[tuple[int, str | None]], str | None]:
    """The columns that name the device, and what is said of it elsewhere; what the map has first comes first."""
    names: list[tuple[int, str | None]] = []
    for naming in table.naming:
        if naming.columns:
            place = _place(naming.columns, guess.headers)
            if place is not None:
                names.append((place, naming.pattern))
        elif named := _named(sheet, naming, guess.line):
            return names, named
    return names, None


def _named(sheet: Sheet, naming: Naming, header_line: int) -> str | None:
    """The device's name above the headers, or in the file's own."""
    if naming.file_name is not None:
        found = re.search(naming.file_name, sheet.file)
        return str(found[1]).strip() if found else None
    for line, cells in _first(sheet.open(), LOOKED_AT):
        if line >= header_line:
            break
        found = re.search(naming.line or "", " ".join(filter(None, map(_text, cells))))
        if found:
            return str(found[1]).strip()
    return None


def _not_understood(file: Opened, portal: PortalMap) -> str:
    """What was looked for, and what the likeliest headers were."""
    fullest: Sequence[str] = ()
    for sheet in file.sheets:
        for _, cells in _first(sheet.open(), LOOKED_AT):
            headers = [text for cell in cells if (text := _text(cell))]
            if len(headers) > len(fullest):
                fullest = headers
    times = sorted({header.text for table in portal.tables for part in table.time.parts for header in part})
    known = [column.header.text for table in portal.tables for column in table.columns]
    seen = f" It has {', '.join(repr(each) for each in fullest[:12])}." if fullest else " It is empty."
    wanted = f"a time ({', '.join(times)}) and at least one more" + (
        f", such as {', '.join(known[:6])}" if known else ""
    )
    return (
        f"{file.sheets[0].file} is no export that the map {portal.name} knows: no line among the first {LOOKED_AT} has"
        f" headers of its tables, {wanted}.{seen}"
    )
