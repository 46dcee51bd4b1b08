"""One connection to a broker, from CONNECT to its end."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import cast

from solarhub.drivers.mqtt import packets
from solarhub.drivers.mqtt.packets import V5
from solarhub.drivers.mqtt.reading import Control, Message, ProtocolError, Reader, number, properties

_FILTERS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Ended:
    """Why a connection is over: a sentence's end. `by_broker`: it closed without an error of the network."""

    why: str
    by_broker: bool = False
    taken_over: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the broker said to CONNECT."""

    code: int
    session_present: bool
    keepalive_seconds: int | None


class Wire(asyncio.Protocol):
    """Reads and writes packets; knows nothing of what comes before or after it."""

    def __init__(self, version: int, longest_bytes: int, on_messages: Callable[[list[Message]], None]) -> None:
        loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[Answer] = loop.create_future()
        self.ended: asyncio.Future[Ended] = loop.create_future()
        self.refused: set[str] = set()
        """Filters that the broker does not let the hub subscribe to."""
        self._version = version
        self._reader = Reader(version, longest_bytes)
        self._on_messages = on_messages
        self._transport: asyncio.Transport | None = None
        self._heard_at = monotonic()
        self._held = False
        self._has_left = False
        self._numbers = _numbers()
        self._asked: dict[int, Sequence[str]] = {}
        self._beat: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------------------------------- what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # a stream, whichever loop made it

    def data_received(self, data: bytes) -> None:
        self._heard_at = monotonic()
        if not self.answer.done() and data[0] >> 4 != packets.CONNACK:
            self.end("it does not answer as a broker does")
            return
        try:
            messages, controls = self._reader.feed(data)
            for control in controls:
                self._hear(control)
            if messages:
                self._on_messages(messages)
        except ProtocolError as error:
            self.end(str(error))

    def connection_lost(self, error: Exception | None) -> None:
        why = "the connection broke" if error is not None else "it closed the connection"
        self._finish(Ended(why, by_broker=error is None))

    # ------------------------------------------------------------------------------------------------ what we say

    def send(self, packet: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(packet)

    def keep_alive(self, seconds: float) -> None:
        """Says every `seconds` / 2 that we are there; a broker that is silent for 1.5 times that long is given up."""
        if self.ended.done():
            return
        if not self._held and monotonic() - self._heard_at > 1.5 * seconds:
            self.end("it does not answer any more")
            return
        self.send(packets.PINGREQ)
        self._beat = asyncio.get_running_loop().call_later(seconds / 2, self.keep_alive, seconds)

    def subscribe(self, filters: Iterable[str]) -> None:
        for some in _portions(sorted(filters)):
            packet_id = next(self._numbers)
            self._asked[packet_id] = some
            self.send(packets.subscribe(self._version, packet_id, some))

    def unsubscribe(self, filters: Iterable[str]) -> None:
        for some in _portions(sorted(filters)):
            self.refused.difference_update(some)
            self.send(packets.unsubscribe(self._version, next(self._numbers), some))

    def leave(self) -> None:
        """The session ends with this connection; version 3.1.1 can only give its subscriptions up."""
        if self._version == V5 and not self._has_left:
            self.send(packets.FAREWELL)
            self._has_left = True

    def hold(self) -> None:
        """Nothing more is read: what comes waits at the broker."""
        if self._transport is not None and not self._held and not self._transport.is_closing():
            self._transport.pause_reading()
            self._held = True

    def go_on(self) -> None:
        if self._transport is not None and self._held:
            self._held = False
            self._heard_at = monotonic()
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def end(self, why: str = "", *, politely: bool = False) -> None:
        """Now; `politely` tells the broker. What was not acknowledged comes again with the next connection."""
        self._finish(Ended(why))
        if self._transport is None:
            return
        if politely:
            self.send(b"" if self._has_left else packets.GOODBYE)
            self._transport.close()
        else:
            self._transport.abort()

    # ------------------------------------------------------------------------------------------------ what we hear

    def _hear(self, control: Control) -> None:
        kind, body = control
        if kind == packets.CONNACK:
            self._hear_answer(body)
        elif kind == packets.SUBACK and len(body) > 2:
            filters = self._asked.pop(number(body, 0), ())
            codes = body[properties(self._version, body, 2)[1] :]
            self.refused.difference_update(filters)
            self.refused.update(each for each, code in zip(filters, codes, strict=False) if code & 0x80)
        elif kind == packets.DISCONNECT:
            code = body[0] if body else 0
            why = packets.why_ended(code) if code else "it closed the connection"
            self._finish(Ended(why, by_broker=True, taken_over=code == packets.TAKEN_OVER))

    def _hear_answer(self, body: bytes) -> None:
        if len(body) < 2:
            raise ProtocolError("its answer is shorter than any")
        keepalive = None
        if self._version == V5 and len(body) > 2:
            told, _ = properties(self._version, body, 2)
            keepalive = packets.numbers_of(told).get(packets.SERVER_KEEPALIVE)
        if not self.answer.done():
            self.answer.set_result(Answer(body[1], bool(body[0] & 1), keepalive))

    def _finish(self, ended: Ended) -> None:
        if self._beat is not None:
            self._beat.cancel()
        if not self.ended.done():
            self.ended.set_result(ended)


def _numbers() -> Iterator[int]:
    while True:
        yield from range(1, 65_536)


def _portions(filters: Sequence[str]) -> Iterator[Sequence[str]]:
    for begin in range(0, len(filters), _FILTERS_AT_ONCE):
        yield filters[begin : begin + _FILTERS_AT_ONCE]
