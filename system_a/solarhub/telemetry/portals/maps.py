"""A portal's export as its map describes it, checked and ready to read with. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from solarhub.drivers.dialects.mapping import Field
from solarhub.telemetry.portals.headers import Header

PLANT = "plant"
"""The zone of a time that names none: that of the device's plant."""


class Mark(StrEnum):
    """What parts whole numbers from their fractions."""

    AUTO = "auto"
    """Found out from the numbers of the file."""
    POINT = "point"
    COMMA = "comma"


class DateOrder(StrEnum):
    """How 03/04/2026 is meant, where a map allows both."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


class Kind(StrEnum):
    """What a file is."""

    CSV = "csv"
    XLSX = "xlsx"


class TimeColumns(NamedTuple):
    """Where a row's time stands: in one column, or its parts in several, and how it may be written.

    `parts`: for each column the headers that it may have. `endings` are words behind a time that say nothing more.
    """

    parts: Sequence[Sequence[Header]]
    formats: Sequence[str]
    endings: Sequence[str] = ()


class Naming(NamedTuple):
    """Where the device is named: in a column, in a line above the headers, or by the file's own name.

    `pattern` has the name as its group, or matches all of it.
    """

    columns: Sequence[Header] = ()
    line: str | None = None
    file_name: str | None = None
    pattern: str | None = None


class Column(NamedTuple):
    """A column of the file and what becomes of its cells."""

    header: Header
    field: Field


class Long(NamedTuple):
    """One value a row: columns that name the metric, its value, and the value's unit if there is one."""

    metric: Sequence[Header]
    value: Sequence[Header]
    unit: Sequence[Header]
    fields: Mapping[str, Field]
    """By what the portal calls the metric, as `headers.spelled` writes it."""


@dataclass(frozen=True, slots=True)
class TableMap:
    """One kind of table that a portal exports.

    `by_day`: a row is a day of the plant, and not a moment. `named`: columns, or metrics in long form, bear the
    catalogue's own names, perhaps with a unit in brackets.
    """

    name: str
    time: TimeColumns
    naming: Sequence[Naming]
    columns: Sequence[Column]
    sheet: str | None = None
    by_day: bool = False
    named: bool = False
    long: Long | None = None


@dataclass(frozen=True, slots=True)
class PortalMap:
    """One portal's exports. `verified`: it was tried on a real one."""

    name: str
    version: int
    title: str
    verified: bool
    zone: str
    kinds: frozenset[Kind]
    encodings: Sequence[str]
    mark: Mark
    nothing: frozenset[str]
    tables: Sequence[TableMap]
    source: str = ""
    hint: str = ""
    """How one gets such a file."""
