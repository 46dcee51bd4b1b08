"""Rows that were brought along leave again: those of an import, and nothing else."""

from collections import defaultdict
from datetime import date

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.db import Session
from solarhub.telemetry.batch import moment
from solarhub.telemetry.cold.block import IMPORTED
from solarhub.telemetry.cold.merging import DAY, Piece
from solarhub.telemetry.cold.moving_in import day_of, put, stored_pieces
from solarhub.telemetry.queries import cold as queries
from solarhub.telemetry.queries import history_imports
from solarhub.telemetry.rollups import leaving
from solarhub.telemetry.rollups.calendar import HOUR, QUARTER

_DAYS_AT_ONCE = 31


async def take_out(session: Session, device_key: int, instants: NDArray[np.int64]) -> int:
    """Imported rows of a device at these instants (in the order of time), as the worker; how many there were.

    A row that a device reported itself stays, whatever its instant. The hours touched are marked for the roll-ups.
    """
    await queries.lock_devices(session, [device_key])
    keepers = await queries.keepers(session, [device_key])
    there = await leaving.rows_by_quarter(session, device_key, instants)
    gone: set[int] = set()
    days = np.unique(instants // DAY).tolist()
    for first in range(0, len(days), _DAYS_AT_ONCE):
        some = [day_of(number) for number in days[first : first + _DAYS_AT_ONCE]]
        pieces: dict[tuple[int, date], list[Piece]] = defaultdict(list)
        touched: set[tuple[int, date]] = set()
        for place, stored in (await stored_pieces(session, [device_key], some)).items():
            for piece in stored:
                leaves = ((piece.rows.flags & IMPORTED) > 0) & np.isin(piece.rows.at, instants)
                if leaves.any():
                    touched.add(place)
                    gone.update(piece.rows.at[leaves].tolist())
                pieces[place].append(piece.chosen(~leaves))
        if touched:
            await put(session, {place: pieces[place] for place in touched}, keepers)
    for start in range(0, len(instants), 5_000):
        at = [moment(each) for each in instants[start : start + 5_000].tolist()]
        gone |= await history_imports.remove_raw(session, device_key, at)
    await leaving.forget(
        session, device_key, {start: there[start] for start in {at // QUARTER * QUARTER for at in gone}}
    )
    await queries.mark(session, {device_key: {at // HOUR * 3600 for at in gone}})
    return len(gone)
