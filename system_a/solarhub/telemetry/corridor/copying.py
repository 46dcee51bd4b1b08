"""Rows in the bytes of PostgreSQL's binary COPY, made by arrays: no row is a Python object on its way. Pure."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solarhub.telemetry.batch import Flags, Floats, Int32s, Int64s

COLUMNS = ("organization_key", "device_key", "at", "received_at", "layout_id", "late", "readings")
NUMBERED = ("number", *COLUMNS)

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"

_BEFORE_2000 = 946_684_800_000_000
"""Microseconds from 1970 to 2000, where PostgreSQL's time begins."""
_FLOAT8 = 701  # its OID
_KINDS = (
    ("organization_key", ">i4"),
    ("device_key", ">i4"),
    ("at", ">i8"),
    ("received_at", ">i8"),
    ("layout_id", ">i4"),
    ("late", "u1"),
)


class Columns(NamedTuple):
    """Of some rows, in the order of COLUMNS; `readings` has a row for each, NaN is NULL.

    `received_at` may be one for all.
    """

    organization_keys: Int32s
    device_keys: Int32s
    at: Int64s
    received_at: int | Int64s
    layout_ids: Int32s
    late: Flags
    readings: Floats


def block(columns: Columns, numbers: Int32s | None = None) -> bytes:
    """Rows in the order of COLUMNS, or of NUMBERED."""
    organization_keys, device_keys, at, received_at, layout_ids, late, readings = columns
    rows, width = readings.shape
    encoded = np.repeat(_blank(width, numbered=numbers is not None), rows)
    if numbers is not None:
        encoded["number"] = numbers
    encoded["organization_key"] = organization_keys
    encoded["device_key"] = device_keys
    encoded["at"] = at - _BEFORE_2000
    encoded["received_at"] = received_at - _BEFORE_2000
    encoded["layout_id"] = layout_ids
    encoded["late"] = late
    encoded["readings"]["value"] = readings
    missing = np.isnan(readings)
    return _with_nulls(encoded, missing) if missing.any() else encoded.tobytes()


def file(blocks: Sequence[bytes]) -> bytes:
    """What COPY reads."""
    return b"".join((HEADER, *blocks, TRAILER))


@lru_cache(1000)
def _blank(width: int, *, numbered: bool) -> npt.NDArray[np.void]:
    """One row without its values: what is the same in every row of this width."""
    columns: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in ((("number", ">i4"),) if numbered else ()) + _KINDS:
        columns += [(f"{name}_size", ">i4"), (name, kind)]
    columns += [(name, ">i4") for name in ("readings_size", "dimensions", "has_null", "type", "length", "first")]
    row = np.zeros(1, np.dtype([*columns, ("readings", [("size", ">i4"), ("value", ">f8")], (width,))]))
    row["fields"] = len(COLUMNS) + numbered
    for name, kind in columns:
        if name.endswith("_size"):
            row[name] = np.dtype(dict(columns).get(name.removesuffix("_size"), kind)).itemsize
    # an array: one dimension, whether it holds NULLs, its elements' type, how many, counted from 1
    row["readings_size"] = 20 + 12 * width
    row["dimensions"] = 1
    row["type"] = _FLOAT8
    row["length"] = width
    row["first"] = 1
    row["readings"]["size"] = 8
    return row


def _with_nulls(encoded: npt.NDArray[np.void], missing: Flags) -> bytes:
    """Rows of different lengths: a NULL has a size of -1 and no bytes. One by one, for the few that need it."""
    width = missing.shape[1]
    encoded["has_null"] = missing.any(axis=1)
    encoded["readings_size"] -= (8 * missing.sum(axis=1)).astype(np.int32)
    encoded["readings"]["size"][missing] = -1
    start = encoded.dtype.itemsize - 12 * width
    whole = encoded.tobytes()
    parts: list[bytes] = []
    for row, absent in enumerate(missing):
        begin = row * encoded.dtype.itemsize
        parts.append(whole[begin : begin + start])
        for place, is_absent in enumerate(absent.tolist()):
            value = begin + start + 12 * place
            parts.append(whole[value : value + (4 if is_absent else 12)])
    return b"".join(parts)
