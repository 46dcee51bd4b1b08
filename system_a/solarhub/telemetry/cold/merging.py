"""Rows of one device from several places, as one: what was stored first stays. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.block import IMPORTED, MOST_ROWS, Rows
from solarhub.telemetry.layout import WIDEST, Series

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
    """All rows in the order of time, of two at one instant that of the earlier piece; as few layouts as hold them.

    A device that keeps inventing channels has more series than one layout takes: then it gets several.
    """
    kept = _first_of_each_instant([piece for piece in pieces if len(piece.rows.at)])
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


def _first_of_each_instant(pieces: list[Piece]) -> list[Piece]:
    if len(pieces) < 2:
        return pieces
    at = np.concatenate([piece.rows.at for piece in pieces])
    # stable: of equal instants the one that stands first in the list
    order = np.argsort(at, kind="stable")
    repeats = np.zeros(len(at), np.bool_)
    repeats[order[1:]] = at[order[1:]] == at[order[:-1]]
    if not repeats.any():
        return pieces
    ends = np.cumsum([len(piece.rows.at) for piece in pieces])
    parts = np.split(~repeats, ends[:-1])
    return [piece.chosen(part) for piece, part in zip(pieces, parts, strict=True) if part.any()]


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


def packed(pieces: Sequence[Piece]) -> list[Packed]:
    """Blocks of pieces whose rows are in the order of time, all of one day; each is read back before it counts."""
    blocks: list[Packed] = []
    for series, rows in pieces:
        for start in range(0, len(rows.at), MOST_ROWS):
            end = start + MOST_ROWS
            part = Rows(rows.at[start:end], rows.flags[start:end], rows.readings[start:end])
            written = block.encode(part)
            if not _same(part, block.decode(written)):
                raise Unlike(f"a block of {len(part.at)} rows and {len(series)} series does not read as it was written")
            imported = int(np.count_nonzero(part.flags & IMPORTED))
            values = int(np.count_nonzero(~np.isnan(part.readings)))
            blocks.append(Packed(series, int(part.at[0]), int(part.at[-1]), len(part.at), imported, values, written))
    return blocks


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
    return {name: value for name, value in zip(piece.series, values, strict=True) if value == value}  # noqa: PLR0124  not NaN


def by_day(piece: Piece) -> dict[int, Piece]:
    """Its rows by UTC day, counted from 1970; they are in the order of time."""
    days = piece.rows.at // DAY
    found, starts = np.unique(days, return_index=True)
    ends = [*starts[1:].tolist(), len(days)]
    return {
        int(day): piece.chosen(slice(start, end))
        for day, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True)
    }
