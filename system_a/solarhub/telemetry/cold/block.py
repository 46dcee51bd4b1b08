"""One block: the rows of one device and layout from one UTC day. `docs/formats/blocks.md` is its description."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.cold import bits, floats, integers
from solarhub.telemetry.cold.bits import Damaged, Reader
from solarhub.telemetry.cold.integers import Places, Sections

MAGIC = b"SB"
VERSION = 1
MOST_ROWS = 16_384
"""Rows in one block; a day that has more becomes several."""
LATE, IMPORTED = 1, 2
"""Bits of a row's `flags`: it came when a newer one was stored already, and it came from a file."""
_LEVEL = 6


class Rows(NamedTuple):
    """Rows of one layout in the order of time: `at` in microseconds since 1970 (UTC), a column of readings a series."""

    at: NDArray[np.int64]
    flags: NDArray[np.uint8]
    readings: NDArray[np.float64]


def encode(rows: Rows) -> bytes:
    """One to MOST_ROWS rows, in the order of time, no instant twice."""
    count, columns = rows.readings.shape
    if not 0 < count <= MOST_ROWS or len(rows.at) != count or len(rows.flags) != count:
        raise ValueError(f"a block has 1 to {MOST_ROWS} rows, with a time and flags for each")
    parts = [integers.encode(rows.at), integers.encode(rows.flags.astype(np.int64))]
    parts += [floats.encode(rows.readings[:, column]) for column in range(columns)]
    directory, plain, deflated = (
        b"".join(part.directory for part in parts),
        b"".join(part.plain for part in parts),
        b"".join(part.deflated for part in parts),
    )
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -15, 9)
    squeezed = packer.compress(deflated) + packer.flush()
    is_smaller = len(squeezed) < len(deflated)
    head = bits.varint(count) + bits.varint(columns << 1 | is_smaller)
    body = head + directory + plain + (squeezed if is_smaller else deflated)
    return MAGIC + bytes([VERSION]) + zlib.crc32(body).to_bytes(4, "little") + body


def decode(block: bytes, columns: Sequence[int] | None = None) -> Rows:
    """The rows, with all columns or those at the given places. Raises Damaged."""
    reader = Reader(block)
    if reader.take(3) != MAGIC + bytes([VERSION]):
        raise Damaged("this is no block, or one of another version")
    if int.from_bytes(reader.take(4), "little") != zlib.crc32(block[7:]):
        raise Damaged("a block is not what was written: its checksum differs")
    rows, width = reader.varint(), reader.varint()
    places = Places()
    at = integers.plan(reader, rows, places)
    flags = integers.plan(reader, rows, places)
    plans = [floats.plan(reader, rows, places) for _ in range(width >> 1)]
    plain = reader.take(places.plain)
    deflated = block[reader.place :]
    if width & 1:
        deflated = zlib.decompress(deflated, -15, places.deflated + 1)
    if len(deflated) != places.deflated:
        raise Damaged("a block ends before its time")
    sections = Sections(plain, deflated)
    chosen = plans if columns is None else [plans[column] for column in columns]
    readings = np.empty((rows, len(chosen)))
    for place, plan in enumerate(chosen):
        readings[:, place] = floats.decode(plan, sections)
    instants = integers.decode(at, sections)
    return Rows(instants, integers.decode(flags, sections).astype(np.uint8), readings)
