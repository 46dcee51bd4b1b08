"""One connection to a broker: what comes is read, stored, and acknowledged once it is on disk, in order.

What waits is bounded: the broker sends no more than the receive maximum before it is acknowledged, and of what needs no
acknowledgement the socket is read no further. While the database is away nothing is acknowledged, and the broker keeps
what comes.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from solarhub.drivers.mqtt import Client, Message
from solarhub.kit.clock import now
from solarhub.telemetry.corridor.strip import Load
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.mqtt.arrivals import Arrivals
from solarhub.telemetry.mqtt.persistence import persist
from solarhub.telemetry.mqtt.reading import Batch, Note, Reading, Ticket
from solarhub.telemetry.mqtt.topics import Owner, below
from solarhub.telemetry.mqtt.voices import Voices

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.02
"""Messages that come together are stored together; so long the first of them waits for the others."""
BATCH_MESSAGES = 5_000
MOST_WAITING = 25_000
"""Messages in memory beyond which the socket is not read: the receive maximum, and a batch of QoS 0."""
DROPPED = b"$SYS/broker/publish/messages/dropped"
"""Where mosquitto says how many messages it could not keep; the hub asks its own broker alone."""


class Owners(Protocol):
    """Who knows whose a topic is."""

    async def meet(self, topics: Iterable[bytes]) -> None:
        """Looks up those that must be looked up, before `owners` is asked. Raises Unavailable."""

    def owners(self, topic: bytes) -> Sequence[Owner]: ...

    def filters(self) -> frozenset[str]: ...


class Subscriber:
    """Takes messages of one client into the corridor."""

    def __init__(
        self,
        ingest: Ingest,
        notebook: Notebook,
        owners: Owners,
        *,
        voices: Voices,
        reading: Reading,
        arrivals: Arrivals,
    ) -> None:
        self.owners = owners
        self.counts: Counter[str] = Counter()
        """Messages that were `received`, those of them that were `taken`, of these the `unclaimed` ones, and those that
        were `acknowledged` because they ask for it."""
        self._client: Client | None = None
        self._ingest = ingest
        self._notebook = notebook
        self._voices = voices
        self._reading = reading
        self._arrivals = arrivals
        self._waiting: deque[tuple[int, Sequence[Message]]] = deque()
        self._held = 0
        self._something = asyncio.Event()
        self._unsettled: deque[Ticket] = deque()
        self._storing: asyncio.Task[None] | None = None
        self._notes: set[asyncio.Task[None]] = set()
        self._latest = now()
        self._announced: frozenset[str] = frozenset()
        self._dropped = 0

    def attach(self, client: Client) -> None:
        """The client whose messages these are; a subscriber has one."""
        self._client = client
        client.want(self.owners.filters())

    def follow(self, owners: Owners) -> None:
        """From now on topics are whose these say."""
        self.owners = owners
        self.client.want(owners.filters() | self._announced)

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("a subscriber works for a client")
        return self._client

    def arrived(self, connection: int, messages: Sequence[Message]) -> None:
        self._waiting.append((connection, messages))
        self._held += len(messages)
        self.counts["received"] += len(messages)
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
            beside = [*self._notes, *([self._storing] if self._storing is not None else [])]
            for task in (ending, *beside):
                task.cancel()
            done = await asyncio.gather(listening, working, *beside, return_exceptions=True)
        for error in done:
            if isinstance(error, Exception):
                raise error

    # ------------------------------------------------------------------------------------------------------- rounds

    async def _work(self) -> None:
        while True:
            self._something.clear()
            if not self._waiting:
                await self._rest()
            elif self._held < BATCH_MESSAGES:
                await asyncio.sleep(GATHER_SECONDS)
            due = self._reading.next_due()
            if self._waiting or (due is not None and due <= now()):
                await self._round()

    async def _rest(self) -> None:
        """Until something comes, what is being stored is stored, or a burst ends by itself."""
        due = self._reading.next_due()
        patience = None if due is None else max((due - now()).total_seconds(), 0)
        coming = asyncio.ensure_future(self._something.wait())
        awaited: set[asyncio.Future[Any]] = {coming}
        if self._storing is not None:
            awaited.add(self._storing)
        try:
            await asyncio.wait(awaited, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            coming.cancel()
        if self._storing is not None and self._storing.done():
            await self._stored()

    async def _round(self) -> None:
        """Stores what has come, and bursts that have ended, however long the database is away; then acknowledges."""
        ticket, messages = self._gather()
        await persist(lambda: self._prepare(messages))
        arrived_at = max(now(), self._latest)
        self._latest = arrived_at + timedelta(microseconds=len(messages))
        batch = self._reading.ended_by(arrived_at)
        nobodys = await self._reading.read(batch, ticket, messages, self._owners_of)
        for message in nobodys:
            self._decline(message)
        # what came before is stored before; while this is being stored the next is read
        await self._stored()
        self._storing = asyncio.create_task(self._store(batch, ticket, len(messages)))

    async def _stored(self) -> None:
        if self._storing is not None:
            await self._storing
            self._storing = None

    async def _store(self, batch: Batch, ticket: Ticket, messages: int) -> None:
        if batch.undated:
            await persist(lambda: self._arrivals.note(batch.arrived_at, batch.undated))
        await asyncio.gather(*(persist(partial(self._take, make)) for make in batch.makers()))
        self._arrivals.settled(batch.arrived_at)
        self._write_down(batch, ticket)
        for each in (ticket, *batch.closes):
            each.open -= 1
        self._acknowledge()
        self._follow_announcements()
        self.counts["taken"] += messages
        self._held -= messages
        if self._held <= MOST_WAITING:
            self.client.go_on()

    async def _take(self, make: Callable[[], Load]) -> None:
        await self._ingest.take_load(make())

    def _gather(self) -> tuple[Ticket, list[Message]]:
        """What came by one connection, in order, some thousand at most."""
        messages: list[Message] = []
        connection = self._waiting[0][0] if self._waiting else 0
        while self._waiting and self._waiting[0][0] == connection and len(messages) < BATCH_MESSAGES:
            messages += self._waiting.popleft()[1]
        ticket = Ticket(connection, [each.packet_id for each in messages if each.packet_id])
        self._unsettled.append(ticket)
        return ticket, messages

    async def _prepare(self, messages: Sequence[Message]) -> None:
        await self._arrivals.load()
        await self.owners.meet({message.topic for message in messages})

    def _owners_of(self, topic: bytes) -> Sequence[Owner]:
        return self.owners.owners(topic) or self._voices.announcers(topic)

    # ----------------------------------------------------------------------------------------------------- what follows

    def _write_down(self, batch: Batch, ticket: Ticket) -> None:
        """Words of strangers are on disk before they are acknowledged; those of devices are there as samples."""
        for speaker, messages, told, at in batch.keepsakes:
            self._notebook.keep(speaker.device, speaker.broker_key, speaker.sender, messages, told=told, at=at)
        if batch.notes:
            ticket.open += 1
            task = asyncio.create_task(self._note(batch.notes, ticket))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)

    async def _note(self, notes: Sequence[Note], ticket: Ticket) -> None:
        # all at once: the notebook writes down together what is handed in together
        await asyncio.gather(*(persist(partial(self._note_one, each)) for each in notes))
        ticket.open -= 1
        self._acknowledge()

    async def _note_one(self, note: Note) -> None:
        noted = note.noted
        await self._notebook.note(
            note.organization_id,
            note.broker_key,
            note.message,
            noted.told,
            gateway_id=noted.gateway_id,
            device_id=noted.device_id,
        )

    def _acknowledge(self) -> None:
        """All that is settled and has nothing unsettled before it."""
        connection = 0
        packet_ids: list[int] = []
        while self._unsettled and not self._unsettled[0].open:
            ticket = self._unsettled.popleft()
            if ticket.connection != connection:
                self.client.acknowledge(connection, packet_ids)
                connection, packet_ids = ticket.connection, []
            packet_ids += ticket.packet_ids
            self.counts["acknowledged"] += len(ticket.packet_ids)
        self.client.acknowledge(connection, packet_ids)

    def _follow_announcements(self) -> None:
        """Where values will come that were announced is listened to as well."""
        announced = self._voices.topics()
        if announced != self._announced:
            self._announced = announced
            self.client.want(self.owners.filters() | announced)

    def _decline(self, message: Message) -> None:
        """Nobody's: it is acknowledged and let go, with the subscription that an earlier life of the hub had for it."""
        if message.topic == DROPPED:
            self._hear_dropped(message)
            return
        self.counts["unclaimed"] += 1
        self.client.give_up(below(message.topic.decode("utf-8", "replace")))

    def _hear_dropped(self, message: Message) -> None:
        self.counts["taken"] -= 1  # nothing of a device
        try:
            dropped = int(message.payload)
        except ValueError:
            return
        if dropped > self._dropped:
            log.error("the MQTT broker could not keep all messages", dropped=dropped - self._dropped)
            self.counts["dropped"] += dropped - self._dropped
        self._dropped = dropped
