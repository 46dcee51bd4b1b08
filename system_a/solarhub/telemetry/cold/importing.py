"""Rows that are brought along from the past: into blocks, however old; never judged, and what stood first stays.

Days that are not over for long enough have no blocks yet: their rows are stored raw, marked as imported.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.db import Session
from solarhub.telemetry.cold.block import IMPORTED, LATE, Rows
from solarhub.telemetry.cold.compaction import COLD_AFTER
from solarhub.telemetry.cold.merging import Piece, by_day, merged, met
from solarhub.telemetry.cold.moving_in import day_of, put, raw_piece, stored_pieces
from solarhub.telemetry.history import Stretch
from solarhub.telemetry.queries import cold as queries
from solarhub.telemetry.queries.layouts import layout_ids

_HOUR = 3_600_000_000
_DAYS_AT_ONCE = 31


class Merged(NamedTuple):
    """What became of rows: `conflicts` are those of the `duplicates` that say something else than what stays."""

    stored: int
    duplicates: int
    conflicts: int


async def merge(
    session: Session,
    device_key: int,
    brought: Sequence[Stretch],
    now: datetime,
    *,
    stored_at: list[NDArray[np.int64]] | None = None,
) -> Merged:
    """Adds rows of one device, as the worker, in the caller's transaction; of any age, also before what is kept live.

    Whoever holds the device's blocks at the moment is waited for. The hours touched are marked for the roll-ups.
    `stored_at` is given the instants of the rows that are new, for whoever may want to take them out again.
    """
    await queries.lock_devices(session, [device_key])
    keepers = await queries.keepers(session, [device_key])
    total = Merged(0, 0, 0)
    marks: set[int] = set()
    days = _days(brought)
    open_from = (now - COLD_AFTER).date()
    for first in range(0, len(days), _DAYS_AT_ONCE):
        some = dict(list(days.items())[first : first + _DAYS_AT_ONCE])
        blocks = await stored_pieces(session, [device_key], some)
        pieces: dict[tuple[int, date], list[Piece]] = {}
        for day, rows in some.items():
            stored = [*blocks.get((device_key, day), ()), *await _raw(session, device_key, day)]
            fresh, counted = _new(rows, stored)
            at = [piece.rows.at for piece in fresh]
            if fresh and day >= open_from:
                at = [await _store_raw(session, keepers[device_key], device_key, day, fresh)]
                met_meanwhile = counted.stored - len(at[0])
                counted = counted._replace(stored=len(at[0]), duplicates=counted.duplicates + met_meanwhile)
            elif fresh:
                pieces[device_key, day] = [*blocks.get((device_key, day), ()), *fresh]
            if stored_at is not None:
                stored_at += at
            total = _sum(total, counted)
            marks.update(hour for piece in fresh for hour in np.unique(piece.rows.at // _HOUR * 3600).tolist())
        if pieces:
            await put(session, pieces, keepers)
            await queries.note_cold(session, [day for _, day in pieces])
    await queries.mark(session, {device_key: marks})
    return total


async def compare(session: Session, device_key: int, brought: Sequence[Stretch]) -> Merged:
    """What `merge` would make of these rows at the moment; nothing is written. App and worker alike."""
    total = Merged(0, 0, 0)
    days = _days(brought)
    for first in range(0, len(days), _DAYS_AT_ONCE):
        some = dict(list(days.items())[first : first + _DAYS_AT_ONCE])
        blocks = await stored_pieces(session, [device_key], some)
        for day, rows in some.items():
            stored = [*blocks.get((device_key, day), ()), *await _raw(session, device_key, day)]
            total = _sum(total, _new(rows, stored)[1])
    return total


def _sum(one: Merged, other: Merged) -> Merged:
    return Merged(*(mine + more for mine, more in zip(one, other, strict=True)))


def _days(brought: Iterable[Stretch]) -> Mapping[date, list[Piece]]:
    """What is brought, by day; of two rows at one instant the first."""
    flags = IMPORTED | LATE
    pieces = [
        Piece(stretch.series, Rows(stretch.at, np.full(len(stretch.at), flags, np.uint8), stretch.readings))
        for stretch in brought
    ]
    days: dict[date, list[Piece]] = defaultdict(list)
    for piece in pieces:
        for number, part in by_day(piece).items():
            days[day_of(number)].append(part)
    return dict(sorted(days.items()))


def _new(rows: Sequence[Piece], stored: Sequence[Piece]) -> tuple[list[Piece], Merged]:
    """Rows that are not there yet, and the counts."""
    given = sum(len(piece.rows.at) for piece in rows)
    seen: list[Piece] = list(stored)
    fresh: list[Piece] = []
    conflicts = 0
    for piece in rows:
        known, differing = met(piece, seen)
        conflicts += differing
        new = piece.chosen(~known)
        if len(new.rows.at):
            fresh.append(new)
            seen.append(new)
    kept = sum(len(piece.rows.at) for piece in fresh)
    return merged(fresh), Merged(kept, given - kept, conflicts)


async def _raw(session: Session, device_key: int, day: date) -> list[Piece]:
    return [raw_piece(rows) for rows in await queries.raw_rows(session, [device_key], day)]


async def _store_raw(
    session: Session, organization_key: int, device_key: int, day: date, pieces: Sequence[Piece]
) -> NDArray[np.int64]:
    """The instants of those that were not there."""
    await queries.ensure_partition(session, day)
    stored: set[int] = set()
    for series, rows in pieces:
        layouts = await layout_ids(session, [(organization_key, series)])
        layout_id = layouts[organization_key, series]
        readings = _listed(rows.readings)
        keys = organization_key, device_key, layout_id
        stored |= await queries.insert_raw(session, keys, rows.at.tolist(), readings)
    return np.array(sorted(stored), np.int64)


def _listed(readings: NDArray[np.float64]) -> list[list[float | None]]:
    return [[None if value != value else value for value in row] for row in readings.tolist()]  # noqa: PLR0124  NaN alone
