"""Raw rows of the past, as arrays. Whoever needs more than the latest values reads them here, and nowhere else."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.db import Session
from solarhub.telemetry.layout import Series
from solarhub.telemetry.queries import history as queries

_MICROSECONDS_1970_TO_2000 = 946_684_800_000_000
_DEVICES_AT_ONCE = 100


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
        found += [_unpack(rows, wanted) for rows in await queries.packed(session, some, start, end, wanted)]
    kept = [stretch for stretch in found if len(stretch.series) > 0 and len(stretch.at) > 0]
    return sorted(kept, key=lambda stretch: (stretch.device_key, stretch.at[0], stretch.series))


_ELEMENT = np.dtype([("length", ">i4"), ("value", ">f8")])
_INSTANT = np.dtype([("length", ">i4"), ("value", ">i8")])


def _unpack(rows: queries.Packed, wanted: Collection[str] | None) -> Stretch:
    """What array_send() wrote: a head of 12 bytes and 8 for each dimension, then length and value of each element."""
    at = np.frombuffer(rows.at, _INSTANT, offset=20)["value"].astype(np.int64) + _MICROSECONDS_1970_TO_2000
    readings = np.frombuffer(rows.readings, _ELEMENT, offset=28)["value"].astype(np.float64).reshape(len(at), -1)
    series = tuple(rows.series)
    if wanted is not None:
        series, readings = _only(series, readings, set(wanted))
    if not (at[1:] > at[:-1]).all():
        order = np.argsort(at, kind="stable")
        at, readings = at[order], readings[order]
    return Stretch(rows.device_key, series, at, readings)


def _only(series: Series, readings: NDArray[np.float64], wanted: Collection[str]) -> tuple[Series, NDArray[np.float64]]:
    """The wanted columns in which anything was reported."""
    places = [place for place, name in enumerate(series) if name in wanted and not np.isnan(readings[:, place]).all()]
    return tuple(series[place] for place in places), readings[:, places]
