"""From raw rows into blocks, and from blocks back to rows: what compaction, imports and retention have in common."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from solarhub.kit.aside import aside
from solarhub.kit.db import Session
from solarhub.telemetry import arrays
from solarhub.telemetry.cold import block, merging
from solarhub.telemetry.cold.block import Rows
from solarhub.telemetry.cold.merging import Packed, Piece
from solarhub.telemetry.queries import cold as queries
from solarhub.telemetry.queries.layouts import layout_ids

Pieces = Mapping[tuple[int, date], Sequence[Piece]]
"""Rows by device and day; of one instant the values of the earlier piece count, and what a later one adds."""

EPOCH = date(1970, 1, 1)
_FEW_BLOCKS = 8
_FEW_ROWS = 5_000
"""What is done within some ten milliseconds: a process of its own would cost more than it spares."""


def day_of(number: int) -> date:
    """A day by how many lie between it and the first of 1970."""
    return EPOCH + timedelta(days=number)


def raw_piece(rows: queries.RawRows) -> Piece:
    """In the order of time."""
    at = arrays.instants(rows.at)
    readings = arrays.table(rows.readings, len(at))[:, : len(rows.series)]
    piece = Piece(tuple(rows.series), Rows(at, arrays.integers(rows.flags).astype(np.uint8), readings))
    return piece if (at[1:] > at[:-1]).all() else piece.chosen(np.argsort(at, kind="stable"))


def stored_piece(stored: queries.StoredBlock) -> Piece:
    return Piece(tuple(stored.series), block.decode(stored.block))


async def stored_pieces(
    session: Session, device_keys: Sequence[int], days: Iterable[date]
) -> dict[tuple[int, date], list[Piece]]:
    """What already lies in blocks, by device and day."""
    found: dict[tuple[int, date], list[Piece]] = defaultdict(list)
    blocks = await queries.blocks_of(session, device_keys, list(days))
    for stored, piece in zip(blocks, await asyncio.to_thread(_all, blocks), strict=True):
        found[stored.device_key, stored.day].append(piece)
    return found


def _all(blocks: Sequence[queries.StoredBlock]) -> list[Piece]:
    return [stored_piece(stored) for stored in blocks]


async def put(session: Session, pieces: Pieces, keepers: Mapping[int, int]) -> int:
    """Blocks of these rows in the place of all that these devices had in these days; how many.

    The devices are locked. `keepers`: the organization's key for each; the layouts become that organization's.
    """
    packed = await _packed(pieces)
    wanted = {(keepers[key], one.series) for (key, _), blocks in packed.items() for one in blocks}
    layouts = await layout_ids(session, wanted)
    by_days: dict[tuple[date, ...], list[int]] = defaultdict(list)
    for key in sorted({key for key, _ in packed}):
        by_days[tuple(sorted(day for other, day in packed if other == key))].append(key)
    new = [
        queries.NewBlock(
            organization_key=keepers[key],
            device_key=key,
            day=day,
            part=part,
            layout_id=layouts[keepers[key], one.series],
            rows=one.rows,
            imported=one.imported,
            readings=one.readings,
            first=one.first,
            last=one.last,
            block=one.block,
        )
        for (key, day), blocks in packed.items()
        for part, one in enumerate(blocks)
    ]
    for days, keys in by_days.items():
        theirs = set(keys)
        await queries.replace_blocks(session, keys, days, [each for each in new if each.device_key in theirs])
    return len(new)


async def _packed(pieces: Pieces) -> dict[tuple[int, date], list[Packed]]:
    """It is minutes of work for a large fleet, and senders are waiting for the event loop."""
    rows = sum(len(piece.rows.at) for theirs in pieces.values() for piece in theirs)
    if len(pieces) < _FEW_BLOCKS and rows < _FEW_ROWS:
        return await asyncio.to_thread(merging.blocks, pieces)
    return await aside(merging.blocks, dict(pieces))
