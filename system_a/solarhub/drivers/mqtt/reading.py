"""The bytes of a broker -> packets. Pure; it keeps what belongs to a packet that has not wholly come."""

from struct import unpack_from
from typing import NamedTuple

from solarhub.drivers.mqtt.packets import PUBLISH, V5

LARGEST_PACKET_BYTES = 268_435_455


class ProtocolError(Exception):
    """What the broker sent is no MQTT; the sentence says what."""


class Message(NamedTuple):
    """A PUBLISH. `packet_id` is 0 for QoS 0, which nobody acknowledges.

    `repeated`: the broker says that it has sent it before. `cut`: larger than was wanted; the payload is its beginning.
    """

    topic: bytes
    payload: bytes
    packet_id: int
    retained: bool
    repeated: bool
    cut: bool


class Control(NamedTuple):
    """Any other packet: its type, and what follows the length."""

    kind: int
    body: bytes


class Reader:
    """Reads one connection. A packet above `longest_bytes` is not kept: its message comes `cut`."""

    def __init__(self, version: int, longest_bytes: int) -> None:
        self._with_properties = version == V5
        self._longest = longest_bytes
        self._rest = b""
        self._to_skip = 0

    def feed(self, data: bytes) -> tuple[list[Message], list[Control]]:
        """The packets that are whole by now, each kind in its order. Raises ProtocolError."""
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if self._rest:
            data = self._rest + data
        messages: list[Message] = []
        controls: list[Control] = []
        end = len(data)
        at = 0
        while end - at >= 2:
            first = data[at]
            # the length: nearly always one or two bytes
            size = data[at + 1]
            begin = at + 2
            if size & 0x80:
                read = _length(data, at + 1)
                if read is None:
                    break
                size, begin = read
            after = begin + size
            if after > end:
                if size > self._longest:
                    cut = self._begin_of(first, data, begin, after, end)
                    if cut is None:
                        break
                    messages.append(cut)
                    self._to_skip = after - end
                    at = end
                break
            if first >> 4 == PUBLISH:
                messages.append(self._message(first, data, begin, after, cut=size > self._longest))
            else:
                controls.append(Control(first >> 4, data[begin:after]))
            at = after
        self._rest = data[at:]
        return messages, controls

    def _message(self, first: int, data: bytes, begin: int, after: int, *, cut: bool) -> Message:
        at = begin + 2
        topic_end = at + (data[begin] << 8 | data[begin + 1]) if after >= at else after + 1
        packet_id = 0
        topic = data[at:topic_end]
        at = topic_end
        if first & 0x06:
            packet_id = data[at] << 8 | data[at + 1] if at + 2 <= after else 0
            if packet_id == 0 or first & 0x04:
                raise ProtocolError("it sent a message of QoS 2, or one without a number")
            at += 2
        if self._with_properties and at < after:
            properties = data[at]
            if properties == 0:
                at += 1
            else:
                read = _length(data, at)
                at = after + 1 if read is None else sum(read)
        if at > after:
            raise ProtocolError("it sent a message that is shorter than it says")
        payload = data[at : min(after, at + self._longest)] if cut else data[at:after]
        return Message(topic, payload, packet_id, first & 0x01 != 0, first & 0x08 != 0, cut)

    def _begin_of(self, first: int, data: bytes, begin: int, after: int, end: int) -> Message | None:
        """What can be told of a message that is too large, once its head has come; None until then."""
        if first >> 4 != PUBLISH:
            raise ProtocolError("it sent a packet that is too large")
        # topic, number and properties lie within the first part; of the payload its beginning is enough
        if end - begin < min(after - begin, self._longest):
            return None
        return self._message(first, data, begin, end, cut=True)


def number(data: bytes, at: int) -> int:
    """Two bytes, the higher first."""
    found: int = unpack_from("!H", data, at)[0]
    return found


def properties(version: int, body: bytes, at: int) -> tuple[bytes, int]:
    """The properties that begin at `at`, and where what follows them begins; 3.1.1 has none. Raises ProtocolError."""
    if version != V5:
        return b"", at
    read = _length(body, at)
    if read is None or sum(read) > len(body):
        raise ProtocolError("it sent a packet that is shorter than it says")
    size, begin = read
    return body[begin : begin + size], begin + size


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """A variable byte integer and where what follows it begins; None while it is not wholly there."""
    value = 0
    for place in range(4):
        if at + place >= len(data):
            return None
        byte = data[at + place]
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return value, at + place + 1
    raise ProtocolError("it sent a length that has no end")
