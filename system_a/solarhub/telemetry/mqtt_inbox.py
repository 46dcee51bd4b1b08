"""The MQTT door: the hub connects to the brokers that devices' connections name, and to its own.

One connection for each broker and credential. Edits are followed within seconds; where a broker cannot be used, the
`last_error` of its devices says why.
"""

import asyncio
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_hex
from time import monotonic
from typing import NamedTuple
from uuid import UUID

import structlog

from solarhub.devices.publishers import Directory, Publisher, Troubles
from solarhub.drivers.dialects import Dialects
from solarhub.drivers.mqtt import SESSION_SECONDS, Address, Client
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.sealing import Keyring
from solarhub.kit.turn import Turn
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.roster import Roster, zone_of
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.mqtt.arrivals import Arrivals
from solarhub.telemetry.mqtt.own_broker import OwnBroker
from solarhub.telemetry.mqtt.reach import Limits
from solarhub.telemetry.mqtt.reading import Reading
from solarhub.telemetry.mqtt.subscriber import Owners, Subscriber
from solarhub.telemetry.mqtt.topics import Owner, Routes
from solarhub.telemetry.mqtt.voices import Voices
from solarhub.telemetry.queries import mqtt as queries

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""How often edits are looked for, and troubles told."""
TOLD_AFTER_SECONDS = 3.0
"""A broker that is back by then was not worth a sentence."""

_TURN = 7_245_316_808
"""The advisory lock of the one hub on a database that listens: a session at a broker has one owner at a time."""


class Found(NamedTuple):
    """What is known of those who speak in dialects, and where those go who are not known."""

    dialects: Dialects
    roster: Roster
    notebook: Notebook


class Session(NamedTuple):
    """What a session at a broker belongs to; devices that name the same share one."""

    address: Address
    client_id: str | None


@dataclass(slots=True)
class _Line:
    """A subscriber at work."""

    subscriber: Subscriber
    stop: asyncio.Event
    task: asyncio.Task[None]
    publishers: Sequence[Publisher]
    troubled_since: float | None = None


class Inbox:
    """Works as a job of the hub, from the moment the corridor takes samples."""

    name = "mqtt inbox"

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        ingest: Ingest,
        catalogues: Catalogues,
        found: Found,
        *,
        exclusive: bool,
        own_broker: Address | None = None,
        look_seconds: float = LOOK_SECONDS,
        told_after_seconds: float = TOLD_AFTER_SECONDS,
    ) -> None:
        """`database` logs in as solarhub_worker. `exclusive`: no other hub works on it. `own_broker`: where it is."""
        self._database = database
        self._ingest = ingest
        self._catalogues = catalogues
        self._found = found
        self._turn = None if exclusive else Turn(database, _TURN)
        self._own = None if own_broker is None else Session(own_broker, None)
        self._look_seconds = look_seconds
        self._told_after_seconds = told_after_seconds
        self._directory = Directory(keyring)
        self._troubles = Troubles()
        self._told: dict[UUID, str] | None = None
        self._lines: dict[Session, _Line] = {}
        self._past: Counter[str] = Counter()
        self._identity = ""
        self._limits = Limits(())
        self._failing = False

    @property
    def connections(self) -> int:
        """How many are wanted: one for each broker and credential."""
        return len(self._lines)

    @property
    def connected(self) -> int:
        """How many of them work now."""
        return sum(line.subscriber.client.is_connected for line in self._lines.values())

    @property
    def counts(self) -> Counter[str]:
        """Messages since the start: `received`, `taken`, of these `unclaimed`; and those that our broker `dropped`.

        `crowded_out` are those of strangers too many, of which nothing was kept.
        """
        crowded_out = Counter(crowded_out=self._found.notebook.dropped)
        return sum((line.subscriber.counts for line in self._lines.values()), self._past + crowded_out)

    def look_again(self) -> None:
        """Everything may have changed, as when a plant changed hands."""
        self._directory.forget()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and every connection has ended; the sessions stay at the brokers."""
        try:
            while not stop.is_set():
                try:
                    await self._look()
                    self._failing = False
                except Exception as error:  # one bad look must not end the door; the database may be away
                    if not self._failing:
                        log.exception("brokers cannot be looked after", error=str(error))
                    self._failing = True
                await _either(stop, self._look_seconds)
        finally:
            await self._end(list(self._lines))
            if self._turn is not None:
                await self._turn.give_back()

    async def _look(self) -> None:
        if self._turn is not None and not await self._turn.take():
            await self._end(list(self._lines))
            return
        if not self._identity:
            await self._begin()
        async with transaction(self._database) as worker:
            changed = await self._directory.look(worker)
        if changed:
            await self._follow()
        if self._own is not None and self._own not in self._lines:
            self._start(self._own, OwnBroker(self._database), ())
        self._restart_the_fallen()
        await self._tell()

    async def _begin(self) -> None:
        async with transaction(self._database) as worker:
            identity = await queries.identity(worker, f"solarhub-{token_hex(3)}")
            await queries.forget_arrivals(worker, now() - timedelta(seconds=2 * SESSION_SECONDS))
        self._limits = Limits(await _addresses_of(self._database))
        await self._found.roster.refresh()  # or those who were adopted would be strangers for a moment
        self._identity = identity

    # ------------------------------------------------------------------------------------------------- connections

    async def _follow(self) -> None:
        """Begins, changes and ends connections as devices now want them."""
        wanted: dict[Session, list[Publisher]] = defaultdict(list)
        for publisher in self._directory.publishers.values():
            if publisher.address is not None and publisher.trouble is None:
                wanted[Session(publisher.address, publisher.client_id)].append(publisher)
        unwanted = [key for key in self._lines if key not in wanted and key != self._own]
        for session in unwanted:
            self._lines[session].subscriber.client.leave()
        await self._end(unwanted)
        for session, publishers in wanted.items():
            line = self._lines.get(session)
            if line is None:
                self._start(session, _routes(publishers), publishers)
            elif line.publishers != publishers:
                line.publishers = publishers
                line.subscriber.follow(_routes(publishers))

    def _start(self, session: Session, owners: Owners, publishers: Sequence[Publisher]) -> None:
        client_id = session.client_id or self._client_id(session.address)
        arrivals = Arrivals(self._database, f"{client_id}@{session.address}")
        voices = Voices(self._found.dialects, self._found.roster)
        reading = Reading(voices, self._catalogues, arrivals)
        subscriber = Subscriber(
            self._ingest, self._found.notebook, owners, voices=voices, reading=reading, arrivals=arrivals
        )
        subscriber.attach(Client(session.address, client_id, subscriber, forbids=self._limits.forbids))
        stop = asyncio.Event()
        task = asyncio.create_task(subscriber.run(stop), name=f"mqtt {session.address}")
        self._lines[session] = _Line(subscriber, stop, task, publishers)

    def _client_id(self, address: Address) -> str:
        """The same after every start, another one for each credential; 23 characters, which every broker takes."""
        place = f"{address.host}\n{address.port}\n{address.tls}\n{address.username}"
        return f"{self._identity}-{sha256(place.encode()).hexdigest()[:7]}"

    async def _end(self, sessions: Sequence[Session]) -> None:
        lines = [self._lines.pop(session) for session in sessions]
        for line in lines:
            line.stop.set()
        await asyncio.gather(*(line.task for line in lines), return_exceptions=True)
        for line in lines:
            self._past += line.subscriber.counts

    def _restart_the_fallen(self) -> None:
        for session, line in list(self._lines.items()):
            if line.task.done():
                log.error(
                    "a connection to a broker had to be begun anew",
                    broker=str(session.address),
                    exc_info=line.task.exception(),
                )
                self._past += line.subscriber.counts
                self._start(session, line.subscriber.owners, line.publishers)

    # ---------------------------------------------------------------------------------------------------- troubles

    async def _tell(self) -> None:
        wanted = {
            publisher.device.device_id: publisher.trouble
            for publisher in self._directory.publishers.values()
            if publisher.trouble is not None
        }
        for line in self._lines.values():
            wanted.update(_troubles(line, monotonic(), self._told_after_seconds))
        if wanted != self._told:
            async with transaction(self._database) as worker:
                await self._troubles.tell(worker, wanted)
            self._told = wanted


def _routes(publishers: Sequence[Publisher]) -> Routes:
    return Routes(
        Owner(publisher.device, publisher.prefix, zone_of(publisher.time_zone), str(publisher.address))
        for publisher in publishers
    )


def _troubles(line: _Line, at: float, told_after_seconds: float) -> Iterator[tuple[UUID, str]]:
    """What is the matter with a connection, for each device that it concerns."""
    client = line.subscriber.client
    if client.trouble is None:
        line.troubled_since = None
    elif line.troubled_since is None:
        line.troubled_since = at
    is_lasting = line.troubled_since is not None and at - line.troubled_since >= told_after_seconds
    told = client.trouble if is_lasting else None
    routes = line.subscriber.owners
    doubled = routes.doubled if isinstance(routes, Routes) else {}
    refused = client.refused_filters
    for publisher in line.publishers:
        device_id = publisher.device.device_id
        if told is not None:
            yield device_id, told
        elif device_id in doubled:
            first = doubled[device_id].device.device_id
            yield device_id, f"MQTT: another device ({first}) has the same topics at this broker; it gets what comes."
        elif refused and isinstance(routes, Routes) and routes.filter_of(publisher.prefix) in refused:
            yield device_id, f"MQTT broker {client.address}: it does not let the hub read {publisher.prefix}."


async def _addresses_of(database: Database) -> set[tuple[str, int]]:
    """Where the hub's own database listens on a network; nothing for a socket of this machine."""
    arguments = asyncpg_arguments(database.url)
    host, port = arguments.get("host"), arguments.get("port", 5432)
    if not host or host.startswith("/"):
        return set()
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return set()
    return {(str(sockaddr[0]), port) for *_, sockaddr in found}


async def _either(stop: asyncio.Event, seconds: float) -> None:
    """Until `stop` is set, but no longer than `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
