"""Bodies that were compressed: no larger than they would have been accepted as they are. Pure."""

import zlib

from solarhub.kit.errors import TooLarge, Unreadable

MOST_BYTES = 10 * 2**20
"""Of a body, as it is after it was unpacked."""
_MOST_TIMES = 20
_ALWAYS_BYTES = 2**20  # small bodies may shrink as far as they like: a night of zeros does


def unpacked(body: bytes) -> bytes:
    """What was compressed with gzip. TooLarge for what would be more than it may be, Unreadable for what is none."""
    most = min(MOST_BYTES, max(_ALWAYS_BYTES, _MOST_TIMES * len(body)))
    parts: list[bytes] = []
    size = 0
    while body:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            part = unpacking.decompress(body, most + 1 - size)
        except zlib.error as error:
            raise Unreadable("The body is not what gzip makes, and its Content-Encoding says gzip.") from error
        size += len(part)
        if size > most:
            raise TooLarge(
                f"Unpacked the body is larger than is accepted: up to {MOST_BYTES:,} bytes, and not more than"
                f" {_MOST_TIMES} times what was sent."
            )
        if not unpacking.eof:
            raise Unreadable("The compressed body ends too early.")
        parts.append(part)
        body = unpacking.unused_data.lstrip(b"\0")  # another member, or padding
    return b"".join(parts)
