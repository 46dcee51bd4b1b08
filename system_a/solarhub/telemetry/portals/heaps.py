"""Rows on their way from a file into arrays, small and in the order of time. Pure."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.errors import TooLarge
from solarhub.telemetry.history import Stretch
from solarhub.telemetry.portals.roster import Device
from solarhub.telemetry.portals.telling import FileTold, SeriesTold

MOST_LONG_VALUES = 6_000_000
"""Values of a file in long form, which are all in memory before any row is whole: 18 bytes each."""


class Piece(NamedTuple):
    """Rows of one device, in the order of time, no instant twice."""

    device: Device
    stretch: Stretch


@dataclass(slots=True)
class _Pile:
    """`values` are those of row after row, one for each series."""

    device: Device
    at: "array[int]" = field(default_factory=lambda: array("q"))
    values: "array[float]" = field(default_factory=lambda: array("d"))


class Heap:
    """Rows of all devices of a sheet whose columns are series."""

    def __init__(self, series: Sequence[str]) -> None:
        self._series = tuple(series)
        self._piles: dict[int, _Pile] = {}
        self.rows = 0

    def add(self, device: Device, at: int, values: Sequence[float]) -> None:
        """A row: `at` in microseconds since 1970, a value for each series, NaN for none."""
        pile = self._piles.get(device.key)
        if pile is None:
            pile = self._piles[device.key] = _Pile(device)
        pile.at.append(at)
        pile.values.extend(values)
        self.rows += 1

    def taken(self, told: FileTold, *, last: bool = False) -> list[Piece]:
        """What lies here, which then is gone. `last`: nothing more is coming."""
        del last
        piles, self._piles, self.rows = self._piles, {}, 0
        pieces = []
        for pile in piles.values():
            at = np.frombuffer(pile.at, np.int64)
            readings = np.frombuffer(pile.values, np.float64).reshape(len(at), len(self._series))
            pieces.append(_piece(pile.device, self._series, at, readings, told))
        return pieces


class LongHeap:
    """Values one by one, which become rows when the file has ended: those of one instant may stand anywhere in it."""

    def __init__(self) -> None:
        self.rows = 0  # none is whole before the end
        self._numbers: dict[str, int] = {}
        self._values: dict[int, tuple[Device, array[int], array[int], array[float]]] = {}
        self._count = 0

    def add(self, device: Device, at: int, series: str, value: float) -> None:
        """A value: `at` in microseconds since 1970. Raises TooLarge."""
        self._count += 1
        if self._count > MOST_LONG_VALUES:
            raise TooLarge(f"A file with a value a row may have {MOST_LONG_VALUES:,} of them: split it.")
        found = self._values.get(device.key)
        if found is None:
            found = self._values[device.key] = (device, array("q"), array("h"), array("d"))
        found[1].append(at)
        found[2].append(self._numbers.setdefault(series, len(self._numbers)))
        found[3].append(value)

    def taken(self, told: FileTold, *, last: bool = False) -> list[Piece]:
        if not last:
            return []
        names = list(self._numbers)
        pieces = []
        for device, instants, columns, values in self._values.values():
            at, place = np.unique(np.frombuffer(instants, np.int64), return_inverse=True)
            column, value = np.frombuffer(columns, np.int16), np.frombuffer(values, np.float64)
            readings = np.full((len(at), len(names)), np.nan)
            # of values that are told twice the first stays: it is written last
            readings[place[::-1], column[::-1]] = value[::-1]
            again = value != readings[place, column]
            told.of(device).conflicts += int(again.sum())
            pieces.append(_piece(device, tuple(names), at, readings, told))
        self._values = {}
        return pieces


def _piece(
    device: Device, series: tuple[str, ...], at: NDArray[np.int64], readings: NDArray[np.float64], told: FileTold
) -> Piece:
    """In the order of time; of two rows at one instant the first of the file. Series by name, those alone that say
    anything."""
    mine = told.of(device)
    order = np.argsort(at, kind="stable")
    at, readings = at[order], readings[order]
    again = np.flatnonzero(at[1:] == at[:-1]) + 1
    if len(again):
        firsts = np.searchsorted(at, at[again])
        differ = (~np.isnan(readings[again]) & (readings[again] != readings[firsts])).any(axis=1)
        mine.duplicates += len(again)
        mine.conflicts += int(differ.sum())
        kept = np.ones(len(at), np.bool_)
        kept[again] = False
        at, readings = at[kept], readings[kept]
    says = ~np.isnan(readings)
    places = [place for place in sorted(range(len(series)), key=series.__getitem__) if says[:, place].any()]
    for place in places:
        mine.series.setdefault(series[place], SeriesTold()).see(readings[says[:, place], place])
    mine.see(at)
    chosen = tuple(series[place] for place in places)
    return Piece(device, Stretch(device.key, chosen, at, np.ascontiguousarray(readings[:, places])))
