"""Packets of MQTT 3.1.1 and 5 that a subscriber sends, and the words for what a broker answers. Pure."""

from collections.abc import Iterable, Sequence
from struct import pack

V3 = 4
"""MQTT 3.1.1, as its CONNECT calls it."""
V5 = 5

CONNACK, PUBLISH, SUBACK, UNSUBACK, PINGRESP, DISCONNECT = 2, 3, 9, 11, 13, 14
"""The types of packets that a broker may send to a client that asks for QoS 0 and 1 only."""

PINGREQ = b"\xc0\x00"
GOODBYE = b"\xe0\x00"
"""DISCONNECT of either version: ends the connection, not the session."""
FAREWELL = b"\xe0\x07\x00\x05\x11\x00\x00\x00\x00"
"""DISCONNECT of version 5 that ends the session too: nothing is kept for us any more."""

UNSUPPORTED_VERSION = {V3: 0x01, V5: 0x84}
"""What CONNACK says to a version that the broker does not speak; some answer the newer one in the older form."""
TAKEN_OVER = 0x8E

_SESSION_EXPIRY, _RECEIVE_MAXIMUM = 0x11, 0x21
_REFUSALS_V3 = {
    1: "it does not speak this version of MQTT",
    2: "it does not accept the client id",
    3: "it is not available right now",
    4: "it does not accept the user name or the password",
    5: "it does not let this user in",
}
_REASONS_V5 = {
    0x80: "it does not say why",
    0x81: "it could not read what was sent",
    0x82: "it sees an error of protocol",
    0x84: "it does not speak this version of MQTT",
    0x85: "it does not accept the client id",
    0x86: "it does not accept the user name or the password",
    0x87: "it does not let this user in",
    0x88: "it is not available right now",
    0x89: "it is busy",
    0x8A: "it has banned this client",
    0x8B: "it is being shut down",
    0x8C: "it wants another way of signing in",
    0x8D: "it heard nothing for too long",
    0x8E: "somebody else has connected with the same client id",
    0x8F: "it does not accept the topic filter",
    0x93: "too many messages were not acknowledged",
    0x97: "a quota is used up",
    0x98: "somebody at the broker ended it",
    0x9C: "it wants another server to be used for now",
    0x9D: "it has moved to another server",
    0x9F: "it accepts no more connections in this time",
    0xA2: "it does not support wildcards in subscriptions",
}


def connect(
    *,
    version: int,
    client_id: str,
    username: str | None,
    password: str | None,
    keepalive_seconds: int,
    session_seconds: int,
    receive_maximum: int,
) -> bytes:
    """Never a clean start: what was sent to this client id while it was away is wanted."""
    flags = (0x80 if username is not None else 0) | (0x40 if password is not None else 0)
    body = [text("MQTT"), bytes((version, flags)), pack("!H", keepalive_seconds)]
    if version == V5:
        properties = pack("!BIBH", _SESSION_EXPIRY, session_seconds, _RECEIVE_MAXIMUM, receive_maximum)
        body += [length(len(properties)), properties]
    body += [text(each) for each in (client_id, username, password) if each is not None]
    return packet(0x10, b"".join(body))


def subscribe(version: int, packet_id: int, filters: Iterable[str]) -> bytes:
    """QoS 1. With version 5 a retained message comes only with a subscription that is new to the session."""
    options = b"\x11" if version == V5 else b"\x01"
    entries = b"".join(text(each) + options for each in filters)
    return packet(0x82, pack("!H", packet_id) + (b"\x00" if version == V5 else b"") + entries)


def unsubscribe(version: int, packet_id: int, filters: Iterable[str]) -> bytes:
    entries = b"".join(text(each) for each in filters)
    return packet(0xA2, pack("!H", packet_id) + (b"\x00" if version == V5 else b"") + entries)


def acknowledge(packet_ids: Sequence[int]) -> bytes:
    """A PUBACK for each, in their order; alike in both versions."""
    return b"".join([_PUBACK + packet_id.to_bytes(2, "big") for packet_id in packet_ids])


_PUBACK = b"\x40\x02"


def packet(first: int, body: bytes) -> bytes:
    """`first` is the type with its flags."""
    return bytes((first,)) + length(len(body)) + body


def text(value: str) -> bytes:
    """A string as MQTT writes it: its length in two bytes before it."""
    encoded = value.encode()
    return pack("!H", len(encoded)) + encoded


def length(number: int) -> bytes:
    """A variable byte integer: seven bits a byte, the lowest first."""
    written = bytearray()
    while True:
        number, seven = divmod(number, 128)
        written.append(seven | (0x80 if number else 0))
        if not number:
            return bytes(written)


def why_refused(version: int, code: int) -> str:
    """The reason in a CONNACK, as the end of a sentence."""
    words = _REASONS_V5 if version == V5 and code >= 0x80 else _REFUSALS_V3
    return words.get(code, f"its reason is number {code}")


def why_ended(code: int) -> str:
    """The reason in the DISCONNECT of a broker, as the end of a sentence."""
    return _REASONS_V5.get(code, f"its reason is number {code}")


SERVER_KEEPALIVE = 0x13
_WIDTHS = {
    **dict.fromkeys((0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A), 1),
    **dict.fromkeys((0x13, 0x21, 0x22, 0x23), 2),
    **dict.fromkeys((0x02, 0x11, 0x18, 0x27), 4),
}


def numbers_of(properties: bytes) -> dict[int, int]:
    """The properties of a CONNACK that are numbers of a fixed width, by their ids; what is unknown ends the list."""
    found: dict[int, int] = {}
    at = 0
    while at < len(properties):
        kind = properties[at]
        at += 1
        if kind in _WIDTHS:
            found[kind] = int.from_bytes(properties[at : at + _WIDTHS[kind]], "big")
            at += _WIDTHS[kind]
        elif kind in (0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F):
            at += 2 + int.from_bytes(properties[at : at + 2], "big")
        elif kind == 0x26:
            at += 2 + int.from_bytes(properties[at : at + 2], "big")
            at += 2 + int.from_bytes(properties[at : at + 2], "big")
        else:
            break
    return found
