"""Raw rows of the past, as arrays, whether they lie in blocks already or not.

Whoever needs more than the latest values reads them here, and nowhere else.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.db import Session
from solarhub.telemetry import arrays
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.block import Rows
from solarhub.telemetry.cold.merging import Piece, merged
from solarhub.telemetry.layout import Series
from solarhub.telemetry.queries import history as queries

_DEVICES_AT_ONCE = 100
_BLOCKS_IN_PASSING = 8
"""More of them are decoded in a thread: a block of a day takes about a millisecond."""


class Stretch(NamedTuple):
    """Rows of one device in the order of time, no instant twice: `at` in microseconds since 1970 (UTC).

    `readings[i, j]` is the value of `series[j]` at `at[i]` in its catalogue unit, NaN where it was not reported. A
    device whose rows have more than one layout has as many stretches, and their times may interleave.
    """

    device_key: int
    series: Series
    at: NDArray[np.int64]
    readings: NDArray[np.float64]


async def stretches(
    session: Session,
    device_keys: Collection[int],
    start: datetime,
    end: datetime,
    wanted: Collection[str] | None = None,
) -> list[Stretch]:
    """Rows from `start` to before `end`, by device and first instant; `wanted`: of these series alone.

    `session` is the app's or the worker's. A device without rows has no stretch; a caller keeps the window, or the
    number of its devices, to what fits into memory: 8 bytes a value, and 8 a row.
    """
    keys = sorted(set(device_keys))
    found: list[Stretch] = []
    for first in range(0, len(keys), _DEVICES_AT_ONCE):
        some = keys[first : first + _DEVICES_AT_ONCE]
        # raw rows first: should a day be compressed between the two looks, its rows are seen twice, and not never
        raw = await queries.packed(session, some, start, end, wanted)
        blocks = await queries.blocks(session, some, start, end, wanted)
        found += await stretches_of(raw, blocks, (start, end), wanted)
    return sorted(found, key=lambda stretch: (stretch.device_key, stretch.at[0], stretch.series))


async def stretches_of(
    raw: Sequence[queries.Packed],
    blocks: Sequence[queries.Block],
    window: tuple[datetime, datetime],
    wanted: Collection[str] | None,
) -> list[Stretch]:
    """What raw rows and blocks of some devices hold in a window, in any order."""
    unpacked = [_unpacked(rows, wanted) for rows in raw]
    start, end = map(microseconds, window)
    if len(blocks) > _BLOCKS_IN_PASSING:
        cold = await asyncio.to_thread(_decoded, blocks, (start, end), wanted)
    else:
        cold = _decoded(blocks, (start, end), wanted)
    return _as_one(cold, unpacked)


def _unpacked(rows: queries.Packed, wanted: Collection[str] | None) -> Stretch:
    at = arrays.instants(rows.at)
    series, readings = tuple(rows.series), arrays.table(rows.readings, len(at))
    if wanted is not None:
        series, readings = _only(series, readings, set(wanted))
    return _in_order(Stretch(rows.device_key, series, at, readings))


def _only(series: Series, readings: NDArray[np.float64], wanted: Collection[str]) -> tuple[Series, NDArray[np.float64]]:
    """The wanted columns in which anything was reported."""
    places = [place for place, name in enumerate(series) if name in wanted and not np.isnan(readings[:, place]).all()]
    return tuple(series[place] for place in places), readings[:, places]


def _decoded(blocks: Iterable[queries.Block], window: tuple[int, int], wanted: Collection[str] | None) -> list[Stretch]:
    """Rows of blocks that lie in the window (microseconds since 1970, the second excluded)."""
    found = []
    for device_key, names, written in blocks:
        series = tuple(names)
        places = [place for place, name in enumerate(series) if wanted is None or name in wanted]
        at, _, readings = block.decode(written, places)
        inside = slice(*np.searchsorted(at, window).tolist())
        chosen = tuple(series[place] for place in places)
        found.append(Stretch(device_key, chosen, at[inside], readings[inside]))
    return found


def _as_one(cold: Sequence[Stretch], raw: Sequence[Stretch]) -> list[Stretch]:
    """Rows of one device and series together; where both have an instant, the block's values came first and stay."""
    by_device: dict[int, list[Stretch]] = defaultdict(list)
    places: dict[int, list[NDArray[np.int64]]] = defaultdict(list)
    for stretch in cold:
        places[stretch.device_key].append(stretch.at)
    twice = {
        stretch.device_key
        for stretch in raw
        if stretch.device_key in places and np.isin(stretch.at, np.concatenate(places[stretch.device_key])).any()
    }
    for stretch in (*cold, *raw):
        if stretch.series and len(stretch.at):
            by_device[stretch.device_key].append(stretch)
    found: list[Stretch] = []
    for key, theirs in by_device.items():
        found += _with_what_was_added(key, theirs) if key in twice else _together(theirs)
    return found


def _with_what_was_added(device_key: int, stretches: Sequence[Stretch]) -> list[Stretch]:
    """Raw rows of instants that lie in blocks may say more than these."""
    pieces = [Piece(each.series, Rows(each.at, np.zeros(len(each.at), np.uint8), each.readings)) for each in stretches]
    return [Stretch(device_key, series, rows.at, rows.readings) for series, rows in merged(pieces)]


def _together(stretches: Sequence[Stretch]) -> list[Stretch]:
    by_series: dict[Series, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        by_series[stretch.series].append(stretch)
    return [_joined(parts) for parts in by_series.values()]


def _joined(parts: Sequence[Stretch]) -> Stretch:
    """Of one device and series, each in the order of time; nearly always there is but one, and nothing is copied."""
    if len(parts) == 1:
        return parts[0]
    at, readings = np.concatenate([part.at for part in parts]), np.concatenate([part.readings for part in parts])
    return _in_order(parts[0]._replace(at=at, readings=readings))


def _in_order(stretch: Stretch) -> Stretch:
    if (stretch.at[1:] > stretch.at[:-1]).all():
        return stretch
    order = np.argsort(stretch.at, kind="stable")
    return stretch._replace(at=stretch.at[order], readings=stretch.readings[order])
