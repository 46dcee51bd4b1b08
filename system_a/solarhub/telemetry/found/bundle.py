"""Messages as they came, many in a row of the database, compressed. Pure.

A byte for the version of the form, then zlib over msgpack: [topics, [[topic, microseconds, retained, payload], …]].
"""

import zlib
from collections.abc import Sequence

import msgspec

from solarhub.drivers.dialects import Message
from solarhub.telemetry.batch import microseconds, moment

_FORM = b"\x01"
_LARGEST = 256 * 1024 * 1024
"""Bytes of one bundle, unpacked."""

_Rows = tuple[list[str], list[tuple[int, int, bool, bytes]]]
_DECODER = msgspec.msgpack.Decoder(_Rows)


class UnreadableBundle(ValueError):  # noqa: N818 - says what is the matter with it
    """Not written by this hub, or damaged."""


def pack(messages: Sequence[Message]) -> bytes:
    topics = {topic: place for place, topic in enumerate(dict.fromkeys(each.topic for each in messages))}
    rows = [(topics[each.topic], microseconds(each.received_at), each.retained, each.payload) for each in messages]
    return _FORM + zlib.compress(msgspec.msgpack.encode((list(topics), rows)), 6)


def unpack(body: bytes) -> list[Message]:
    """In their order. Raises UnreadableBundle."""
    if body[:1] != _FORM:
        raise UnreadableBundle("a bundle of messages has a form that this version of the hub does not know")
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(body[1:], _LARGEST)
        if not inflate.eof:
            raise UnreadableBundle("a bundle of messages is cut off, or larger than any")
        topics, rows = _DECODER.decode(plain)
        return [Message(topics[topic], payload, moment(at), retained) for topic, at, retained, payload in rows]
    except (zlib.error, msgspec.MsgspecError, IndexError) as error:
        raise UnreadableBundle(f"a bundle of messages is damaged: {error}") from None
