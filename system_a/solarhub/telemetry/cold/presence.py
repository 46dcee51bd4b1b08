"""Whether rows that arrive lie in blocks already: what was stored first stays, wherever it lies by now."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from solarhub.kit.clock import now
from solarhub.telemetry.batch import Int32s, Int64s
from solarhub.telemetry.cold import block
from solarhub.telemetry.cold.merging import DAY, Piece, named
from solarhub.telemetry.cold.moving_in import day_of
from solarhub.telemetry.queries import presence as queries

if TYPE_CHECKING:
    from solarhub.telemetry.queries.presence import Connection

_YOUNGEST = timedelta(days=2)
"""Younger days have no blocks: drop_telemetry_partition() sees to that, and imports keep to it."""


class Lying(NamedTuple):
    """A row of a block: its flags, and what it reports, by series."""

    flags: int
    readings: Mapping[str, float]


async def met(
    connection: "Connection", device_keys: Int32s, at: Int64s, partitions: Mapping[date, str]
) -> dict[int, Lying]:
    """Places of rows whose device has their instant in a block, and what lies there.

    Within the writer's transaction: the days that were looked into stay as they are until it ends, or it fails with
    UndefinedTableError because one of them was compressed just now.
    """
    young = (now() - _YOUNGEST).date()
    days = {day_of(number) for number in np.unique(at // DAY).tolist()}
    old = sorted(day for day in days if day <= young)
    if not old:
        return {}
    for day in old:
        await queries.hold(connection, partitions[day])
    cold = await queries.cold_days(connection, old)
    if not cold:
        return {}
    places = np.flatnonzero(np.isin(at // DAY, [(day - day_of(0)).days for day in cold]))
    pairs = np.unique(np.stack([device_keys[places], at[places] // DAY], axis=1), axis=0).tolist()
    blocks = await queries.blocks(connection, [key for key, _ in pairs], [day_of(number) for _, number in pairs])
    if not blocks:
        return {}
    return await asyncio.to_thread(_found, blocks, device_keys[places], at[places], places.tolist())


def _found(
    blocks: Iterable[tuple[int, Sequence[str], bytes]], device_keys: Int32s, at: Int64s, places: Sequence[int]
) -> dict[int, Lying]:
    wanted: dict[int, list[int]] = defaultdict(list)
    for number, key in enumerate(device_keys.tolist()):
        wanted[key].append(number)
    found: dict[int, Lying] = {}
    for key, series, written in blocks:
        mine = np.array(wanted[key])
        stored = Piece(tuple(series), block.decode(written))
        rows = np.searchsorted(stored.rows.at, at[mine])
        there = np.append(stored.rows.at, 0)[rows] == at[mine]
        for number, row in zip(mine[there].tolist(), rows[there].tolist(), strict=True):
            found[places[number]] = Lying(int(stored.rows.flags[row]), named(stored, row))
    return found
