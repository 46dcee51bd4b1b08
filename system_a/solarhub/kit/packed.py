"""Bodies that come compressed. Pure."""

import zlib

from solarhub.kit.errors import TooLarge, Unreadable

_GZIP = 31  # a window of 32 KiB, with gzip's header and checksum


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """A body as it was before it was encoded; `encoding` as in Content-Encoding, `most` in bytes.

    Unreadable for an encoding that is not known and for what is no gzip; TooLarge for what would grow beyond `most`,
    found out before it has.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return body
        case "gzip" | "x-gzip":
            return _gunzipped(body, most)
        case other:
            raise Unreadable(f"The body is encoded as {other[:40]!a}; send it as it is, or with gzip.")


def _gunzipped(body: bytes, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(_GZIP)
        try:
            part = stream.decompress(body, most - size + 1)
        except zlib.error as error:
            raise Unreadable("The body is said to be gzip, and is not.") from error
        size += len(part)
        if size > most:
            raise TooLarge(f"The body grows to more than {most:,} bytes; send it in several requests.")
        if not stream.eof:
            raise Unreadable("The body is gzip that breaks off.")
        parts.append(part)
        body = stream.unused_data.lstrip(b"\0")  # another member may follow, or padding
    return b"".join(parts)
