"""Roll-ups on their way into the database and out of it, as whole arrays: PostgreSQL's binary forms. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.layout import Series
from solarhub.telemetry.rollups.figures import Rolled

_HEAD = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_1970_TO_2000 = 946_684_800_000_000
_DAYS_1970_TO_2000 = 10_957
_FLOAT8, _INT4 = 701, 23

SCALARS = {"integer": ">i4", "instant": ">i8", "day": ">i4", "double": ">f8", "uuid": "V16"}
"""How a column of each kind is sent. Instants are microseconds, days are days, both since 1970."""
UNKNOWN = np.iinfo(np.int64).min
"""An instant that is not known: minus infinity."""


class Packed(NamedTuple):
    """Rows of many devices under one layout, in any order, as array_send() packs them."""

    device_key: bytes
    start: bytes
    last_at: bytes
    samples: bytes
    intervals: bytes
    mean: bytes
    least: bytes
    greatest: bytes
    last: bytes
    kwh: bytes
    reported: bytes
    marks: bytes


def unpacked(series: Series, packed: Packed) -> Rolled:
    """In the order of devices and starts."""
    keys = _vector(packed.device_key, ">i4").astype(np.int64)
    starts = _vector(packed.start, ">i8") + _1970_TO_2000
    order = np.lexsort((starts, keys))
    width = len(series)
    mean, least, greatest, last, kwh = (_matrix(each, ">f8", width)[order].astype(np.float64) for each in packed[5:10])
    reported, marks = (_matrix(each, ">i4", width)[order].astype(np.int64) for each in packed[10:12])
    return Rolled(
        series,
        keys[order],
        starts[order],
        _vector(packed.last_at, ">i8")[order] + _1970_TO_2000,
        _vector(packed.samples, ">i4")[order].astype(np.int64),
        _vector(packed.intervals, ">i4")[order].astype(np.int64),
        mean,
        least,
        greatest,
        last,
        kwh,
        reported,
        marks,
        np.full(mean.shape, np.nan),
    )


class Before(NamedTuple):
    """The newest quarter of devices before a time: what their series showed last, and since when (s) they stood then.

    `last_at` in microseconds since 1970; `intervals` (s) is what its silences were judged by; `moved` is NaN of what
    did not stand.
    """

    series: Series
    device_keys: NDArray[np.int64]
    last_at: NDArray[np.int64]
    intervals: NDArray[np.int64]
    last: NDArray[np.float64]
    moved: NDArray[np.float64]


def unpacked_before(  # noqa: PLR0917 - columns of the table
    series: Series, device_key: bytes, last_at: bytes, intervals: bytes, last: bytes, moved: bytes
) -> Before:
    return Before(
        series,
        _vector(device_key, ">i4").astype(np.int64),
        _vector(last_at, ">i8") + _1970_TO_2000,
        _vector(intervals, ">i4").astype(np.int64),
        _matrix(last, ">f8", len(series)).astype(np.float64),
        _matrix(moved, ">f8", len(series)).astype(np.float64),
    )


def _vector(sent: bytes, kind: str) -> NDArray[Any]:
    """A head of 12 bytes and 8 for the one dimension, then length and value of each element."""
    element = np.dtype([("length", ">i4"), ("value", kind)])
    values: NDArray[Any] = np.frombuffer(sent, element, offset=20)["value"]
    return values.astype(values.dtype.newbyteorder("="))


def _matrix(sent: bytes, kind: str, width: int) -> NDArray[Any]:
    element = np.dtype([("length", ">i4"), ("value", kind)])
    return np.frombuffer(sent, element, offset=28)["value"].reshape(-1, width)


Column = tuple[str, NDArray[Any]]
"""A kind of `SCALARS`, or the name of figures, and its values. Whoever reads NaN or `UNKNOWN` turns it into NULL."""


def copies(rolled: Rolled, scalars: Mapping[str, Column], *, moved: bool) -> Iterator[tuple[list[str], bytes]]:
    """What COPY … (FORMAT binary) takes, and into which columns: `scalars` by name, and the figures.

    A column of figures that says nothing is left out, so that rows come in as many parts as they differ in that.
    """
    width = rolled.mean.shape[1]
    complete = (rolled.reported == rolled.samples[:, None]).all(axis=1)
    unmarked = (rolled.marks == 0).all(axis=1)
    moving = np.isnan(rolled.moved).all(axis=1) if moved else np.ones(len(complete), bool)
    pattern = complete * 4 + unmarked * 2 + moving
    for kind in np.unique(pattern):
        rows = np.flatnonzero(pattern == kind)
        part = rolled.picked(rows)
        arrays: list[Column] = [
            ("mean", part.mean),
            ("least", part.least),
            ("greatest", part.greatest),
            ("last", part.last),
        ]
        arrays += [("kwh", part.kwh)] if not np.isnan(part.kwh).all() else []
        arrays += [("reported", part.reported)] if not kind & 4 else []
        arrays += [("marks", part.marks)] if not kind & 2 else []
        arrays += [("moved", part.moved)] if not kind & 1 else []
        own = {name: (form, values[rows]) for name, (form, values) in scalars.items()}
        yield [*own, *(name for name, _ in arrays)], _HEAD + _rows(own, arrays, len(rows), width) + _END


def _rows(scalars: Mapping[str, Column], arrays: Sequence[tuple[str, NDArray[Any]]], count: int, width: int) -> bytes:
    fields: list[tuple[Any, ...]] = [("fields", ">i2")]
    for name, (form, _) in scalars.items():
        fields += [(f"{name}_length", ">i4"), (name, SCALARS[form])]
    for name, values in arrays:
        element = np.dtype([("length", ">i4"), ("value", ">f8" if values.dtype.kind == "f" else ">i4")])
        fields += [(f"{name}_length", ">i4"), (f"{name}_head", ">i4", (5,)), (name, element, (width,))]
    made = np.zeros(count, np.dtype(fields))
    made["fields"] = len(scalars) + len(arrays)
    for name, (form, values) in scalars.items():
        made[f"{name}_length"] = np.dtype(SCALARS[form]).itemsize
        made[name] = _since_2000(form, values)
    for name, values in arrays:
        is_float = values.dtype.kind == "f"
        size = 8 if is_float else 4
        made[f"{name}_length"] = 20 + width * (4 + size)
        made[f"{name}_head"] = (1, 0, _FLOAT8 if is_float else _INT4, width, 1)
        made[name]["length"] = size
        made[name]["value"] = values
    return made.tobytes()


def _since_2000(form: str, values: NDArray[Any]) -> NDArray[Any]:
    if form == "instant":
        return np.where(values == UNKNOWN, UNKNOWN, values - _1970_TO_2000)
    return values - _DAYS_1970_TO_2000 if form == "day" else values
