"""Arrays as the database sends them, into numpy."""

import numpy as np
import numpy.typing as npt

from solarhub.alerts.spans import Floats, Int32s, Int64s

_MICROSECONDS_1970_TO_2000 = 946_684_800_000_000
_HEAD, _HEAD_OF_DIMENSION = 12, 8


def integers(sent: bytes) -> Int32s:
    """What array_send() made of integer[], without NULL."""
    return _elements(sent, ">i4", 1).astype(np.int32)


def instants(sent: bytes) -> Int64s:
    """What array_send() made of timestamptz[], without NULL; microseconds since 1970 UTC."""
    return _elements(sent, ">i8", 1).astype(np.int64) + _MICROSECONDS_1970_TO_2000


def tables(sent: bytes, rows: int) -> Floats:
    """What array_send() made of so many rows of double precision[], all of one length, without NULL."""
    return _elements(sent, ">f8", 2).astype(np.float64).reshape(rows, -1)


def _elements(sent: bytes, kind: str, dimensions: int) -> npt.NDArray[np.generic]:
    """A head of 12 bytes and 8 for each dimension (an empty array has none), then length and value of each element."""
    if len(sent) == _HEAD:
        return np.empty(0, kind)
    element = np.dtype([("length", ">i4"), ("value", kind)])
    return np.frombuffer(sent, element, offset=_HEAD + dimensions * _HEAD_OF_DIMENSION)["value"]
