"""One connection to a broker: what comes is read, stored, and acknowledged once it is on disk, in order.

What waits is bounded: the broker sends no more than the receive maximum before it is acknowledged, and of what needs no
acknowledgement the socket is read no further. While the database is away nothing is acknowledged, and the broker keeps
what comes.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from solarhub.devices.identity import KnownDevice
from solarhub.drivers.mqtt import Client, Message
from solarhub.kit.clock import now
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.ingest import Delivery, Ingest
from solarhub.telemetry.mqtt import letters
from solarhub.telemetry.mqtt.arrivals import Arrivals, Mark, mark
from solarhub.telemetry.mqtt.letters import Letter
from solarhub.telemetry.mqtt.topics import Owner, below

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.02
"""Messages of a burst are stored together; so long the first of them waits for the others."""
BATCH_MESSAGES = 5_000
MOST_WAITING = 15_000
"""Messages in memory beyond which the socket is not read: the receive maximum, and a batch of QoS 0."""

_SLICE = 250
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


class Owners(Protocol):
    """Who knows whose a topic is."""

    async def meet(self, topics: Iterable[bytes]) -> None:
        """Looks up those that must be looked up, before `owners` is asked. Raises Unavailable."""

    def owners(self, topic: bytes) -> Sequence[Owner]: ...

    def filters(self) -> frozenset[str]: ...


class Subscriber:
    """Takes messages of one client into the corridor."""

    def __init__(self, ingest: Ingest, catalogues: Catalogues, arrivals: Arrivals, owners: Owners) -> None:
        self.owners = owners
        self.counts: Counter[str] = Counter()
        """Messages that were `taken`, and those of them that were `unclaimed`."""
        self._client: Client | None = None
        self._ingest = ingest
        self._catalogues = catalogues
        self._arrivals = arrivals
        self._waiting: deque[tuple[int, Sequence[Message]]] = deque()
        self._held = 0
        self._something = asyncio.Event()
        self._latest = now()

    def attach(self, client: Client) -> None:
        """The client whose messages these are; a subscriber has one."""
        self._client = client
        client.want(self.owners.filters())

    def follow(self, owners: Owners) -> None:
        """From now on topics are whose these say."""
        self.owners = owners
        self.client.want(owners.filters())

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("a subscriber works for a client")
        return self._client

    def arrived(self, connection: int, messages: Sequence[Message]) -> None:
        self._waiting.append((connection, messages))
        self._held += len(messages)
        if self._held > MOST_WAITING:
            self.client.hold()
        self._something.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set; what was not acknowledged by then comes again."""
        ending = asyncio.ensure_future(stop.wait())
        listening = asyncio.create_task(self.client.run(stop), name=f"mqtt {self.client.address}")
        working = asyncio.create_task(self._work(), name=f"mqtt inbox {self.client.address}")
        try:
            await asyncio.wait({ending, listening, working}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()
            if not stop.is_set():  # one of the two ended by itself: whoever awaits this learns why
                listening.cancel()
            ending.cancel()
            done = await asyncio.gather(listening, working, return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                raise error

    async def _work(self) -> None:
        while True:
            self._something.clear()
            while self._waiting:
                if self._held < BATCH_MESSAGES:
                    await asyncio.sleep(GATHER_SECONDS)
                connection, batch = self._gather()
                await self._settle(batch)
                self.client.acknowledge(connection, [each.packet_id for each in batch if each.packet_id])
                self._held -= len(batch)
                if self._held <= MOST_WAITING:
                    self.client.go_on()
            await self._something.wait()

    def _gather(self) -> tuple[int, list[Message]]:
        """What came by one connection, in order, some thousand at most."""
        connection, first = self._waiting.popleft()
        batch = list(first)
        while self._waiting and self._waiting[0][0] == connection and len(batch) < BATCH_MESSAGES:
            batch += self._waiting.popleft()[1]
        return connection, batch

    async def _settle(self, batch: Sequence[Message]) -> None:
        """Returns once all of it is on disk, however long the database is away."""
        await _persist(lambda: self._prepare(batch))
        arrived_at = max(now(), self._latest)
        self._latest = arrived_at + timedelta(microseconds=len(batch))
        deliveries, undated = await self._read(batch, arrived_at)
        if undated:
            await _persist(lambda: self._arrivals.note(arrived_at, undated))
        await _persist(lambda: self._ingest.take_all(deliveries))
        self._arrivals.settled(arrived_at)

    async def _prepare(self, batch: Sequence[Message]) -> None:
        await self._arrivals.load()
        await self.owners.meet({message.topic for message in batch})

    async def _read(self, batch: Sequence[Message], arrived_at: datetime) -> tuple[list[Delivery], list[Mark]]:
        deliveries: list[Delivery] = []
        undated: list[Mark] = []
        for begin in range(0, len(batch), _SLICE):
            for number, message in enumerate(batch[begin : begin + _SLICE], begin):
                owners = self.owners.owners(message.topic)
                if not owners:
                    self._decline(message)
                    continue
                again = self._arrivals.earlier(message)
                at = again or arrived_at + timedelta(microseconds=number)
                for device, _ in owners:
                    letter = self._letter(message, at, device)
                    if letter.accepted or letter.quarantined:
                        deliveries.append(Delivery(device, letter.accepted, letter.quarantined))
                    if letter.undated and message.packet_id and again is None:
                        undated.append(mark(message, number))
            await asyncio.sleep(0)  # other senders must not wait while thousands are read
        self.counts["taken"] += len(batch)
        return deliveries, undated

    def _letter(self, message: Message, at: datetime, device: KnownDevice) -> Letter:
        try:
            return letters.read(
                message, at, self._catalogues.catalogue_of(device.organization_key), rated_kw=device.rated_kw
            )
        except Exception:  # it would come again for ever, and keep everything behind it from being stored
            log.exception("a message could not be read", device_id=str(device.device_id))
            return letters.refused(message, "the hub failed to read this message; its log says why")

    def _decline(self, message: Message) -> None:
        """Nobody's: it is acknowledged and let go, with the subscription that an earlier life of the hub had for it."""
        self.counts["unclaimed"] += 1
        self.client.give_up(below(message.topic.decode("utf-8", "replace")))


async def _persist(attempt: Callable[[], Awaitable[object]]) -> None:
    """Again and again, with longer pauses, until the database takes it."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            await attempt()
        except Unavailable:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        else:
            return
