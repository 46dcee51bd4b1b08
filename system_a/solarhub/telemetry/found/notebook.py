"""What those sent who are no device here, written down before it is acknowledged; and what devices sent, for replays.

Messages of strangers are the only record of what they said: whoever hands one in waits for the COMMIT. Those of devices
stand in samples already; they are kept in larger portions, of which a hub that is killed loses the last one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

import structlog

from solarhub.devices.identity import KnownDevice
from solarhub.drivers.dialects import Dialects, Message, Told
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.found.bundle import pack
from solarhub.telemetry.found.preview import MOST_TOPICS, example
from solarhub.telemetry.queries import found_worker as queries
from solarhub.telemetry.queries.found_worker import Heard, Kept

log = structlog.get_logger(__name__)

MOST_WAITING = 500
"""Strangers of one organization that are written down; of more than that nothing is kept but a count."""
LARGEST_PAYLOAD = 256 * 1024
FLUSH_SECONDS = 0.5
KEEP_SECONDS = 300.0
KEEP_BYTES = 64 * 1024
"""A device's messages are written down when so many bytes or seconds have come together."""
MOST_HELD = 32 * 1024 * 1024
"""Bytes of strangers' messages in memory; beyond it whoever hands one in is told to wait."""
_EXAMPLES_SECONDS = 60.0
_LONGEST_SENDER = 512
_STOPPED = "The hub is being stopped; nothing was stored."

_Name = tuple[UUID, str, str]


@dataclass(slots=True)
class _Page:
    """What one sender said since it was written down last."""

    messages: list[Message] = field(default_factory=list)
    examples: dict[str, Message] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    instants: set[int] = field(default_factory=set)
    dialect: str = ""
    version: int = 0
    available: bool | None = None
    gateway_id: UUID | None = None
    device_id: UUID | None = None
    size: int = 0
    began: float = field(default_factory=monotonic)

    @property
    def count(self) -> int:
        """Messages, of which one that is too large to be kept is one all the same."""
        return max(len(self.messages), 1)

    def add(self, message: Message, told: Told | None) -> None:
        if len(message.payload) <= LARGEST_PAYLOAD:
            self.messages.append(message)
            self.size += len(message.payload) + len(message.topic)
        if message.topic in self.examples or len(self.examples) < MOST_TOPICS:
            self.examples[message.topic] = message
        if told is not None:
            if told.dialect:
                self.dialect, self.version = told.dialect, told.version
            self.facts.update(told.facts)
            self.available = self.available if told.available is None else told.available


_Pages = tuple[dict[_Name, _Page], dict[_Name, _Page], dict[_Name, tuple[bytes, datetime]]]


class Notebook:
    """Works as a job of the hub."""

    name = "found senders are written down"

    def __init__(self, database: Database, dialects: Dialects) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._dialects = dialects
        self._strangers: dict[_Name, _Page] = {}
        self._devices: dict[_Name, _Page] = {}
        self._said: dict[_Name, tuple[bytes, datetime]] = {}
        self._written: asyncio.Future[None] | None = None
        self._held = 0
        self._something = asyncio.Event()
        self._stopped = False
        self._shown_at: dict[_Name, dict[str, float]] = {}
        self.dropped = 0
        """Messages of strangers too many, of which nothing was kept; counted once their transaction is committed."""

    async def note(
        self,
        organization_id: UUID,
        broker_key: str,
        message: Message,
        told: Sequence[Told],
        *,
        gateway_id: UUID | None = None,
        device_id: UUID | None = None,
    ) -> None:
        """Returns once it is on disk; raises Unavailable where it is not.

        `told` is all that the message says by people who are unknown, or that must not be judged although its sender is
        known (`Told.historical`): such a one is stored as late samples soon after. `device_id`: the device whose own
        topics these are. `gateway_id`: the device below whose topics they were heard.
        """
        if self._stopped:
            raise Unavailable(_STOPPED)
        if "\0" in message.topic:
            return  # no broker lets it pass, and no text of the database holds it
        if self._held > MOST_HELD:
            raise Unavailable("More messages are waiting to be written down than the hub can hold.", retry_after=1)
        if self._dialects.announced(message.topic) and any(each.announces for each in told):
            self._said[organization_id, broker_key, message.topic] = (message.payload, message.received_at)
        for each in told:
            if not each.announces:
                page = self._strangers.setdefault((organization_id, broker_key, each.sender[:_LONGEST_SENDER]), _Page())
                before = page.size
                page.add(message, each)
                page.gateway_id, page.device_id = gateway_id, device_id
                self._held += page.size - before
        if self._written is None:
            self._written = asyncio.get_running_loop().create_future()
            self._something.set()
        await asyncio.shield(self._written)

    def keep(
        self,
        device: KnownDevice,
        broker_key: str,
        sender: str,
        messages: Sequence[Message],
        *,
        told: Told,
        at: datetime | None,
    ) -> None:
        """Messages that were understood, for a mapping that is corrected one day. Returns at once.

        `at` is the instant of the sample that was stored of them; None: all of it stands in quarantine.
        """
        page = self._devices.setdefault((device.organization_id, broker_key, sender[:_LONGEST_SENDER]), _Page())
        for message in messages:
            page.add(message, told)
        page.device_id = device.device_id
        if at is not None:
            page.instants.add(microseconds(at))
        if page.size >= KEEP_BYTES:
            self._something.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and all that came until then is written down."""
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                waiting = asyncio.ensure_future(self._something.wait())
                await asyncio.wait({stopping, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                self._something.clear()
                if self._written is not None and not stop.is_set():
                    await asyncio.sleep(FLUSH_SECONDS)
                await self._flush()
        finally:
            stopping.cancel()
            self._stopped = True
            await self._flush(everything=True)

    async def _flush(self, *, everything: bool = False) -> None:
        strangers, said, written = self._strangers, self._said, self._written
        self._strangers, self._said, self._written, self._held = {}, {}, None, 0
        due = {
            name: page
            for name, page in self._devices.items()
            if everything or page.size >= KEEP_BYTES or monotonic() - page.began >= KEEP_SECONDS
        }
        if not (strangers or said or due):
            if written is not None and not written.done():
                written.set_result(None)
            return
        try:
            await self._store(strangers, due, said)
        except Unavailable as away:
            if written is not None and not written.done():
                written.set_exception(away)
                written.exception()  # whoever gave up waiting does not ask
            return
        for name, page in due.items():
            if self._devices.get(name) is page:
                del self._devices[name]
        if written is not None and not written.done():
            written.set_result(None)

    async def _store(
        self,
        strangers: dict[_Name, _Page],
        devices: dict[_Name, _Page],
        said: dict[_Name, tuple[bytes, datetime]],
    ) -> None:
        """One transaction; where the database refuses it, one for each sender, so that a bad one stands alone."""
        try:
            async with transaction(self._database) as worker:
                dropped = await self._write(worker, strangers, devices, said)
            self.dropped += dropped
        except Unavailable:
            raise
        except Exception:
            singles: list[_Pages] = [({name: page}, {}, {}) for name, page in strangers.items()]
            singles += [({}, {name: page}, {}) for name, page in devices.items()]
            singles += [({}, {}, {name: what}) for name, what in said.items()]
            if len(singles) == 1:
                log.exception("what a sender said cannot be written down", sender=str(next(iter(singles[0][0]), None)))
                return
            for single in singles:
                await self._store(*single)

    async def _write(
        self,
        worker: Session,
        strangers: dict[_Name, _Page],
        devices: dict[_Name, _Page],
        said: dict[_Name, tuple[bytes, datetime]],
    ) -> int:
        """How many messages of strangers found no room."""
        dropped = 0
        organizations = sorted({name[0] for name in (*strangers, *devices)})
        for organization_id in organizations:
            await queries.write_alone(worker, organization_id)
        pages = [*strangers.values(), *devices.values()]
        await queries.hold(
            worker, [*strangers, *devices], {page.device_id for page in pages if page.device_id is not None}
        )
        for organization_id in organizations:
            theirs = {name[1:]: page for name, page in strangers.items() if name[0] == organization_id}
            dropped += await self._write_strangers(worker, organization_id, theirs)
            await self._write_devices(
                worker, {name: page for name, page in devices.items() if name[0] == organization_id}
            )
        for (organization_id, broker_key, topic), (payload, at) in said.items():
            await queries.announce(worker, organization_id, broker_key, topic, payload=payload, at=at)
        return dropped

    async def _write_strangers(
        self, worker: Session, organization_id: UUID, pages: dict[tuple[str, str], _Page]
    ) -> int:
        room: int | None = None
        dropped = 0
        kept: list[Kept] = []
        for broker_key in sorted({broker for broker, _ in pages}):
            theirs = {sender: page for (broker, sender), page in pages.items() if broker == broker_key}
            known = await queries.known(worker, organization_id, broker_key, list(theirs))
            for sender, page in theirs.items():
                row = known.get(sender)
                if page.device_id is not None and row is not None and row.device_id != page.device_id:
                    row = None  # the device speaks for itself, whoever waits under its name
                if row is not None and row.ignored_at is not None:
                    continue
                if row is None and page.device_id is None:
                    if room is None:
                        room = MOST_WAITING - await queries.how_many_wait(worker, organization_id)
                    if room <= 0:
                        dropped += page.count
                        continue
                    room -= 1
                heard = self._heard((organization_id, broker_key, sender), page)
                sender_id = row.id if row is not None else await queries.add_sender(worker, heard)
                if row is not None:
                    await queries.add_to_sender(worker, sender_id, heard)
                kept += _kept(organization_id, sender_id, page, None)
        await queries.keep(worker, kept)
        return dropped

    async def _write_devices(self, worker: Session, pages: dict[_Name, _Page]) -> None:
        kept: list[Kept] = []
        for (organization_id, broker_key, sender), page in pages.items():
            heard = self._heard((organization_id, broker_key, sender), page)
            row = (await queries.known(worker, organization_id, broker_key, [sender])).get(sender)
            if row is not None and row.device_id == page.device_id:
                sender_id = row.id
                await queries.add_to_sender(worker, sender_id, heard)
            else:
                sender_id = await queries.add_sender(worker, heard)
            kept += _kept(organization_id, sender_id, page, sorted(page.instants))
        await queries.keep(worker, kept)

    def _heard(self, name: _Name, page: _Page) -> Heard:
        """With examples of topics that are new, or were shown a minute ago: they are for looking at."""
        at = monotonic()
        shown = self._shown_at.setdefault(name, {})
        fresh = {
            topic: message
            for topic, message in page.examples.items()
            if at - shown.get(topic, -_EXAMPLES_SECONDS) >= _EXAMPLES_SECONDS
            and (topic in shown or len(shown) < MOST_TOPICS)
        }
        shown.update(dict.fromkeys(fresh, at))
        if len(self._shown_at) > 10 * MOST_WAITING:
            self._shown_at.clear()
        times = [message.received_at for message in page.examples.values()]
        return Heard(
            *name,
            dialect=page.dialect,
            mapping_version=page.version,
            first_at=min(times),
            last_at=max(times),
            messages=page.count,
            facts=page.facts,
            examples={topic: example(message) for topic, message in fresh.items()},
            available=page.available,
            gateway_id=page.gateway_id,
            device_id=page.device_id,
        )


def _kept(organization_id: UUID, sender_id: UUID, page: _Page, instants: Sequence[int] | None) -> list[Kept]:
    if not page.messages:
        return []
    times = [message.received_at for message in page.messages]
    return [
        Kept(
            organization_id,
            sender_id,
            min(times),
            max(times),
            len(page.messages),
            page.dialect,
            page.version,
            instants,
            pack(page.messages),
        )
    ]
