"""What a file holds, and what of it could not be taken: counted in full, told by line as far as anybody reads. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.portals.roster import Device
from solarhub.telemetry.portals.shapes import Shape

MOST_TOLD = 100
"""Refusals that are told one by one."""
_TOLD_OF_A_KIND = 20
_DAY = 86_400_000_000
_GAPS = 5_000


class Trouble(StrEnum):
    """Why a row or a cell is refused."""

    UNREADABLE = "unreadable"
    """A line that cannot be taken apart into cells."""
    UNKNOWN_DEVICE = "unknown_device"
    TIME = "time"
    TIME_NEVER_WAS = "time_never_was"
    """In the hour that the clocks of its zone jump over: the file's zone is another one."""
    NOT_A_NUMBER = "not_a_number"
    UNKNOWN_WORD = "unknown_word"
    UNKNOWN_METRIC = "unknown_metric"
    IMPLAUSIBLE = "implausible"


class Refusal(NamedTuple):
    """One line, or one cell of it."""

    place: str
    line: int
    trouble: Trouble
    reason: str


@dataclass(slots=True)
class SeriesTold:
    """In the catalogue's unit."""

    values: int = 0
    minimum: float = np.inf
    maximum: float = -np.inf

    def see(self, values: NDArray[np.float64]) -> None:
        self.values += len(values)
        self.minimum = min(self.minimum, float(values.min()))
        self.maximum = max(self.maximum, float(values.max()))


@dataclass(slots=True)
class DeviceTold:
    """What a file says of one device. `rows` of the file; `duplicates` and `conflicts` among themselves."""

    device: Device
    rows: int = 0
    empty: int = 0
    refused: int = 0
    refused_values: int = 0
    duplicates: int = 0
    conflicts: int = 0
    first: int | None = None
    last: int | None = None
    series: dict[str, SeriesTold] = field(default_factory=dict)
    days: set[int] = field(default_factory=set)
    """UTC days with rows, since 1970."""
    gaps: list[int] = field(default_factory=list)

    def see(self, at: NDArray[np.int64]) -> None:
        """Instants in the order of time."""
        first, last = int(at[0]), int(at[-1])
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)
        self.days.update(np.unique(at // _DAY).tolist())
        if len(self.gaps) < _GAPS:
            self.gaps += np.diff(at[: _GAPS + 1]).tolist()

    @property
    def interval_seconds(self) -> float | None:
        """How far apart its rows usually are."""
        return float(np.median(self.gaps)) / 1_000_000 if self.gaps else None


class TableTold(NamedTuple):
    """A table of the file, and how it was understood."""

    place: str
    table: str
    header_line: int
    columns: dict[str, str]
    left_out: dict[str, str]


@dataclass(slots=True)
class FileTold:
    """What is known of a file as far as it was read."""

    rows: int = 0
    refused: int = 0
    refused_values: int = 0
    ambiguous_times: int = 0
    order_is_open: bool = False
    """Every date of it could have the day first as well as the month."""
    troubles: Counter[Trouble] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)
    devices: dict[int, DeviceTold] = field(default_factory=dict)
    tables: list[TableTold] = field(default_factory=list)

    def enter(self, shape: Shape) -> None:
        columns = {bound.header: bound.series for bound in shape.columns}
        sheet = shape.sheet.place
        self.tables.append(TableTold(sheet, shape.table.name, shape.header_line, columns, dict(shape.left_out)))

    def of(self, device: Device) -> DeviceTold:
        found = self.devices.get(device.key)
        if found is None:
            found = self.devices[device.key] = DeviceTold(device)
        return found

    def refuse(
        self,
        place: str,
        line: int,
        trouble: Trouble,
        reason: str,
        mine: DeviceTold | None = None,
        *,
        whole: bool = True,
    ) -> None:
        """`whole`: nothing of the line is taken."""
        self.troubles[trouble] += 1
        if whole:
            self.refused += 1
        else:
            self.refused_values += 1
        if mine is not None:
            mine.refused += whole
            mine.refused_values += not whole
        if trouble is Trouble.UNKNOWN_DEVICE and (reason in self.strangers or len(self.strangers) < MOST_TOLD):
            self.strangers[reason] += 1
        if len(self.refusals) < MOST_TOLD and self.troubles[trouble] <= _TOLD_OF_A_KIND:
            self.refusals.append(Refusal(place, line, trouble, reason))
