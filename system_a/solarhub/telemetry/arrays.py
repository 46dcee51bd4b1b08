"""Arrays as PostgreSQL's array_send() packs them: numpy reads them where they lie. Pure.

A head of 12 bytes and 8 for each dimension, then length and value of each element; none of them is NULL.
"""

import numpy as np
from numpy.typing import NDArray

_HEAD, _DIMENSION = 12, 8
_MICROSECONDS_1970_TO_2000 = 946_684_800_000_000
_INSTANT = np.dtype([("length", ">i4"), ("value", ">i8")])
_DOUBLE = np.dtype([("length", ">i4"), ("value", ">f8")])
_INTEGER = np.dtype([("length", ">i4"), ("value", ">i4")])


def instants(sent: bytes) -> NDArray[np.int64]:
    """timestamptz[] as microseconds since 1970 (UTC)."""
    found = np.frombuffer(sent, _INSTANT, offset=_HEAD + _DIMENSION)["value"].astype(np.int64)
    return found + _MICROSECONDS_1970_TO_2000


def integers(sent: bytes) -> NDArray[np.int64]:
    """integer[]"""
    return np.frombuffer(sent, _INTEGER, offset=_HEAD + _DIMENSION)["value"].astype(np.int64)


def table(sent: bytes, rows: int) -> NDArray[np.float64]:
    """double precision[][] of so many rows."""
    found = np.frombuffer(sent, _DOUBLE, offset=_HEAD + 2 * _DIMENSION)["value"]
    return found.astype(np.float64).reshape(rows, -1)
