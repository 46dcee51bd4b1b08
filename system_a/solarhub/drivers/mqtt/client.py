"""Stays connected to one broker, as one subscriber, until it is told to stop.

What is under way when a connection ends comes again: the session outlives the connection, and the broker keeps what
was not acknowledged. Acknowledged is what the listener says, when it says so.
"""

import asyncio
import random
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from typing import Any, Protocol

import structlog

from solarhub.drivers.mqtt import packets
from solarhub.drivers.mqtt.address import Address
from solarhub.drivers.mqtt.packets import UNSUPPORTED_VERSION, V3, V5
from solarhub.drivers.mqtt.patience import Patience
from solarhub.drivers.mqtt.reading import Message
from solarhub.drivers.mqtt.wire import Answer, Ended, Wire

log = structlog.get_logger(__name__)

KEEPALIVE_SECONDS = 30
SESSION_SECONDS = 7 * 86_400
"""How long a broker shall keep what comes while the hub is away."""
RECEIVE_MAXIMUM = 20_000
"""Messages that may be on their way unacknowledged: several full batches, or one beside bursts that gather."""
LONGEST_BYTES = 256 * 1024
ANSWER_SECONDS = 10.0


class Forbidden(OSError):  # noqa: N818 - reads as what it says
    """Nobody tries to connect; the text is the end of a sentence."""


class Listener(Protocol):
    """Who takes what comes."""

    def arrived(self, connection: int, messages: Sequence[Message]) -> None:
        """Messages in the order in which they came; `connection` goes back with their acknowledgement."""


class Client:
    """Speaks version 5, and 3.1.1 with a broker that knows no other."""

    def __init__(
        self,
        address: Address,
        client_id: str,
        listener: Listener,
        *,
        keepalive_seconds: int = KEEPALIVE_SECONDS,
        receive_maximum: int = RECEIVE_MAXIMUM,
        longest_bytes: int = LONGEST_BYTES,
        versions: Sequence[int] = (V5, V3),
        forbids: Callable[[str, int], str | None] = lambda _ip, _port: None,
    ) -> None:
        """`versions` are tried in turn until the broker takes one.

        `forbids` says of an IP address and a port why the hub must not connect there, or None; it is asked each time.
        """
        self.address = address
        self.client_id = client_id
        self.trouble: str | None = None
        """A sentence, while there is no connection that works."""
        self.is_connected = False
        self._listener = listener
        self._keepalive_seconds = keepalive_seconds
        self._receive_maximum = receive_maximum
        self._longest_bytes = longest_bytes
        self._versions = list(versions)
        self._forbids = forbids
        self._patience = Patience()
        self._wanted: frozenset[str] = frozenset()
        self._subscribed: set[str] = set()
        self._wire: Wire | None = None
        self._connection = 0

    @property
    def refused_filters(self) -> frozenset[str]:
        """What the broker does not let this user read."""
        return frozenset(self._wire.refused) if self._wire is not None else frozenset()

    @property
    def version(self) -> int:
        """The version that is spoken, or will be tried next."""
        return self._versions[0]

    def want(self, filters: Iterable[str]) -> None:
        """The subscriptions from now on, all of them; with a connection or before there is one."""
        self._wanted = frozenset(filters)
        if self.is_connected:
            self._subscribe()

    def give_up(self, filters: Iterable[str]) -> None:
        """Ends subscriptions that an earlier life of this session left behind."""
        if self._wire is not None:
            self._wire.unsubscribe(set(filters) - self._wanted)

    def leave(self) -> None:
        """The broker need keep nothing for the hub any more; to be stopped right after it."""
        self.want(())
        if self._wire is not None:
            self._wire.leave()

    def acknowledge(self, connection: int, packet_ids: Sequence[int]) -> None:
        """In the order of their arrival. Those of an earlier connection come again, and are acknowledged then."""
        if connection == self._connection and self._wire is not None and packet_ids:
            self._wire.send(packets.acknowledge(packet_ids))

    def hold(self) -> None:
        """Reads nothing more for now."""
        if self._wire is not None:
            self._wire.hold()

    def go_on(self) -> None:
        if self._wire is not None:
            self._wire.go_on()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set; the session stays at the broker."""
        stopping: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                try:
                    again_at_once = await self._live(stopping)
                except (OSError, ssl.CertificateError) as error:
                    self._patience.failed()
                    self._tell(_unreachable(error))
                    again_at_once = False
                if not again_at_once:
                    pause = self._patience.pause_seconds(random.random())  # noqa: S311 - to part those who come back
                    await asyncio.wait({stopping}, timeout=pause)
        finally:
            stopping.cancel()

    async def _live(self, stopping: "asyncio.Future[Any]") -> bool:
        """One connection from its beginning to its end; whether the next may begin at once."""
        version = self._versions[0]
        self._connection += 1
        wire = await self._open(version)
        self._wire = wire
        try:
            answer = await self._greet(wire, version, stopping)
            if answer is None:
                return self._try_next_version(version, wire)
            if answer.code:
                return self._hear_refusal(version, answer)
            began = monotonic()
            self._begin(wire, answer)
            await _first(wire.ended, stopping)
            if wire.ended.done():
                self._mourn(wire.ended.result(), monotonic() - began)
        finally:
            self.is_connected = False
            self._wire = None
            wire.end(politely=True)
        return False

    async def _open(self, version: int) -> Wire:
        address = self.address
        connection = self._connection

        def hand_on(messages: list[Message]) -> None:
            self._listener.arrived(connection, messages)

        async with asyncio.timeout(ANSWER_SECONDS):
            error: OSError = OSError("its name has no address")
            for family, ip in await self._addresses():
                try:
                    # what was looked at is what is connected to: a name may lead elsewhere the next time
                    _, wire = await asyncio.get_running_loop().create_connection(
                        lambda: Wire(version, self._longest_bytes, hand_on),
                        ip,
                        address.port,
                        family=family,
                        ssl=address.tls_context(),
                        server_hostname=address.host if address.tls else None,
                    )
                except OSError as refused:
                    error = refused
                else:
                    return wire
            raise error

    async def _addresses(self) -> Sequence[tuple[int, str]]:
        """Of the broker's name, those that the hub may connect to. Raises Forbidden where that is none."""
        host, port = self.address.host, self.address.port
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror:
            raise Forbidden("its name is not known") from None
        reasons = {
            (family, str(sockaddr[0])): self._forbids(str(sockaddr[0]), port) for family, _, _, _, sockaddr in found
        }
        allowed = [place for place, reason in reasons.items() if reason is None]
        if not allowed:
            raise Forbidden(next(filter(None, reasons.values()), "its name has no address"))
        return allowed

    async def _greet(self, wire: Wire, version: int, stopping: "asyncio.Future[Any]") -> Answer | None:
        """What the broker answers; None where it just hangs up."""
        wire.send(
            packets.connect(
                version=version,
                client_id=self.client_id,
                username=self.address.username,
                password=self.address.password,
                keepalive_seconds=self._keepalive_seconds,
                session_seconds=SESSION_SECONDS,
                receive_maximum=self._receive_maximum,
            )
        )
        # whoever waits for the answer must see at once that there will be none
        await _first(wire.answer, wire.ended, stopping, seconds=ANSWER_SECONDS)
        if wire.answer.done():
            return wire.answer.result()
        if not wire.ended.done() and not stopping.done():
            raise TimeoutError
        return None

    def _begin(self, wire: Wire, answer: Answer) -> None:
        if self.trouble is not None:
            log.info("the broker is there again", broker=str(self.address))
        self.trouble = None
        self.is_connected = True
        if not answer.session_present:
            self._subscribed.clear()
        self._subscribe()
        wire.keep_alive(answer.keepalive_seconds or self._keepalive_seconds)

    def _subscribe(self) -> None:
        if self._wire is None:
            return
        if gone := self._subscribed - self._wanted:
            self._wire.unsubscribe(gone)
        if new := self._wanted - self._subscribed:
            self._wire.subscribe(new)
        self._subscribed = set(self._wanted)

    def _try_next_version(self, version: int, wire: Wire) -> bool:
        if not wire.ended.done():  # told to stop meanwhile
            return True
        ended = wire.ended.result()
        self._patience.failed()
        self._versions.reverse()
        if version == V5 and ended.by_broker and self._patience.failures == 1:
            return True  # how a broker of the time before version 5 may answer it
        self._tell(f"the broker hung up while the hub was signing in: {ended.why}")
        return False

    def _hear_refusal(self, version: int, answer: Answer) -> bool:
        self._patience.failed()
        if answer.code in UNSUPPORTED_VERSION.values() and len(self._versions) > 1 and version == V5:
            self._versions.reverse()
            return True
        self._tell(f"the broker refuses the hub: {packets.why_refused(version, answer.code)}")
        return False

    def _mourn(self, ended: Ended, seconds: float) -> None:
        self._versions = [V5, V3] if len(self._versions) > 1 else self._versions  # it may have been renewed meanwhile
        self._patience.lived(seconds, ended_by_broker=ended.by_broker, told_taken_over=ended.taken_over)
        if self._patience.is_suspicious:
            self._tell(
                f"the broker keeps ending the connection: somebody else seems to use the client id {self.client_id},"
                " as a second hub on a copy of the database would"
            )
        else:
            self._tell(f"the connection ended: {ended.why}")

    def _tell(self, why: str) -> None:
        sentence = f"MQTT broker {self.address}: {why}."
        if sentence != self.trouble:
            log.warning("no connection to a broker", broker=str(self.address), reason=why)
        self.trouble = sentence


async def _first(*awaited: "asyncio.Future[Any]", seconds: float | None = None) -> None:
    """Until one of them is done, or the time is over."""
    await asyncio.wait(awaited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)


def _unreachable(error: Exception) -> str:
    match error:
        case Forbidden():
            why = str(error)
        case ssl.SSLCertVerificationError():
            why = f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            why = f"TLS fails: {error.reason or error}"
        case TimeoutError():
            why = "it does not answer"
        case ConnectionRefusedError():
            why = "nothing listens at this address"
        case OSError(strerror=str(reason)):
            why = f"it cannot be reached: {reason}"
        case _:
            why = f"it cannot be reached: {error}"
    return why
