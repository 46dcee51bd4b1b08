"""Rows of one device from several places, as one: what was stored first stays, series by series. Pure."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.block import IMPORTED, MOST_ROWS, Rows
from solarhub.telemetry.layout import WIDEST, Series

K = TypeVar("K")

DAY = 86_400_000_000
"""Microseconds."""


class Piece(NamedTuple):
    """Rows of one device under one layout; the columns of `rows.readings` are named by `series`."""

    series: Series
    rows: Rows

    def chosen(self, places: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Piece":
        """Those of its rows alone, in that order."""
        return Piece(self.series, Rows(self.rows.at[places], self.rows.flags[places], self.rows.readings[places]))


class Packed(NamedTuple):
    """A block on its way into the table; `readings` counts the values in it."""

    series: Series
    first: int
    last: int
    rows: int
    imported: int
    readings: int
    block: bytes


class Unlike(RuntimeError):  # noqa: N818  reads as what happened: `except Unlike`
    """A block does not give back what was put into it: it must not take the place of its rows."""


def merged(pieces: Sequence[Piece]) -> list[Piece]:
    """All rows in the order of time, no instant twice: of each series the value of the earlier piece that has one.

    As few layouts as hold them; the rows of a piece are in the order of time, those of several in any.

    A device that keeps inventing channels has more series than one layout takes: then it gets several.
    """
    kept = _one_of_each_instant([piece for piece in pieces if len(piece.rows.at)])
    groups: list[tuple[set[str], list[Piece]]] = []
    for piece in kept:
        for series, members in groups:
            if len(series.union(piece.series)) <= WIDEST:
                series.update(piece.series)
                members.append(piece)
                break
        else:
            groups.append((set(piece.series), [piece]))
    return [_under(tuple(sorted(series)), members) for series, members in groups]


def _one_of_each_instant(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in pieces:
        fresh = piece
        for number, earlier in enumerate(list(kept)):
            mine, theirs = _common(fresh.rows.at, earlier.rows.at)
            if not len(mine):
                continue
            grown, whole = _completed(earlier.chosen(theirs), fresh.chosen(mine))
            if grown.any():
                kept[number] = earlier.chosen(np.delete(np.arange(len(earlier.rows.at)), theirs[grown]))
                kept.append(whole.chosen(grown))
            fresh = fresh.chosen(np.delete(np.arange(len(fresh.rows.at)), mine))
        kept.append(fresh)
    return [piece for piece in kept if len(piece.rows.at)]


def _completed(old: Piece, new: Piece) -> tuple[NDArray[np.bool_], Piece]:
    """Rows of the same instants as one: which of the old ones grew by it, and all of them with what they lacked.

    What came from a file stays as it was, and adds nothing: it may be taken out again, whole.
    """
    ours = (old.rows.flags & IMPORTED) | (new.rows.flags & IMPORTED) == 0
    both = _under(tuple(sorted({*old.series, *new.series})), [old])
    readings = both.rows.readings.copy()
    places = {name: place for place, name in enumerate(both.series)}
    grown = np.zeros(len(old.rows.at), np.bool_)
    for column, name in enumerate(new.series):
        lacks = np.isnan(readings[:, places[name]]) & ~np.isnan(new.rows.readings[:, column]) & ours
        readings[lacks, places[name]] = new.rows.readings[lacks, column]
        grown |= lacks
    return grown, Piece(both.series, Rows(both.rows.at, both.rows.flags, readings))


def _under(series: Series, pieces: Sequence[Piece]) -> Piece:
    """Rows of several layouts under one that has all their series, in the order of time."""
    if len(pieces) == 1 and pieces[0].series == series:
        whole = pieces[0]
    else:
        places = {name: place for place, name in enumerate(series)}
        at = np.concatenate([piece.rows.at for piece in pieces])
        readings = np.full((len(at), len(series)), np.nan)
        start = 0
        for piece in pieces:
            end = start + len(piece.rows.at)
            readings[start:end, [places[name] for name in piece.series]] = piece.rows.readings
            start = end
        whole = Piece(series, Rows(at, np.concatenate([piece.rows.flags for piece in pieces]), readings))
    if (whole.rows.at[1:] > whole.rows.at[:-1]).all():
        return whole
    return whole.chosen(np.argsort(whole.rows.at, kind="stable"))


def blocks(pieces: Mapping[K, Sequence[Piece]]) -> dict[K, list[Packed]]:
    """Of each place, as a device and its day, what it holds, as merged() has it."""
    return {place: packed(merged(theirs)) for place, theirs in pieces.items()}


def packed(pieces: Sequence[Piece]) -> list[Packed]:
    """Blocks of pieces whose rows are in the order of time, all of one day; each is read back before it counts."""
    found: list[Packed] = []
    for series, rows in pieces:
        for start in range(0, len(rows.at), MOST_ROWS):
            end = start + MOST_ROWS
            part = Rows(rows.at[start:end], rows.flags[start:end], rows.readings[start:end])
            written = block.encode(part)
            if not _same(part, block.decode(written)):
                raise Unlike(f"a block of {len(part.at)} rows and {len(series)} series does not read as it was written")
            imported = int(np.count_nonzero(part.flags & IMPORTED))
            values = int(np.count_nonzero(~np.isnan(part.readings)))
            found.append(Packed(series, int(part.at[0]), int(part.at[-1]), len(part.at), imported, values, written))
    return found


def _same(written: Rows, read: Rows) -> bool:
    missing = np.isnan(written.readings)
    patterns = [np.ascontiguousarray(rows.readings).view(np.int64) for rows in (written, read)]
    return (
        np.array_equal(written.at, read.at)
        and np.array_equal(written.flags, read.flags)
        and bool(((patterns[0] == patterns[1]) | (missing & np.isnan(read.readings))).all())
    )


# --------------------------------------------------------------------------------------- what was there already


class Met(NamedTuple):
    """Which rows of a piece were there already (`known`), and how many of those said something else."""

    known: NDArray[np.bool_]
    conflicts: int


def met(piece: Piece, stored: Sequence[Piece]) -> Met:
    """Holds rows against those that are stored. One that says no more than the stored one is a mere repetition."""
    known = np.zeros(len(piece.rows.at), np.bool_)
    conflicts = 0
    for other in stored:
        mine, theirs = _common(piece.rows.at, other.rows.at)
        known[mine] = True
        conflicts += int(_differ(piece.chosen(mine), other.chosen(theirs)).sum())
    return Met(known, conflicts)


def _common(mine: NDArray[np.int64], theirs: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of instants that stand in both; each is in the order of time."""
    places = np.searchsorted(theirs, mine)
    found = np.flatnonzero(np.append(theirs, np.iinfo(np.int64).min)[places] == mine)
    return found, places[found]


def _differ(new: Piece, old: Piece) -> NDArray[np.bool_]:
    """For each row, whether the new one reports anything that the old one does not say."""
    differ = np.zeros(len(new.rows.at), np.bool_)
    places = {name: place for place, name in enumerate(old.series)}
    for column, name in enumerate(new.series):
        values = new.rows.readings[:, column]
        told = old.rows.readings[:, places[name]] if name in places else np.full(len(values), np.nan)
        differ |= ~np.isnan(values) & (values != told)
    return differ


def named(piece: Piece, row: int) -> Mapping[str, float]:
    """What one row reports, by series."""
    values = piece.rows.readings[row].tolist()
    return {name: value for name, value in zip(piece.series, values, strict=True) if not isnan(value)}


def by_day(piece: Piece) -> dict[int, Piece]:
    """Its rows by UTC day, counted from 1970; they are in the order of time."""
    days = piece.rows.at // DAY
    found, starts = np.unique(days, return_index=True)
    ends = [*starts[1:].tolist(), len(days)]
    return {
        int(day): piece.chosen(slice(start, end))
        for day, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True)
    }
