"""From messages to what is stored of them: nearly all in columns at once, the rest one by one."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import NamedTuple
from uuid import UUID

import msgspec
import structlog

from solarhub.devices.identity import KnownDevice
from solarhub.drivers import dialects
from solarhub.drivers.dialects import Gathered, Gatherer, Told
from solarhub.drivers.mqtt import Message
from solarhub.metrics import Catalogue
from solarhub.telemetry import decode
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.corridor.strip import Entry, Load
from solarhub.telemetry.found.sifting import sifted
from solarhub.telemetry.mqtt import letters
from solarhub.telemetry.mqtt.arrivals import Arrivals, Mark, mark
from solarhub.telemetry.mqtt.persistence import persist
from solarhub.telemetry.mqtt.topics import Owner
from solarhub.telemetry.mqtt.voices import Noted, Voices
from solarhub.telemetry.sample import Quarantined, Sample

log = structlog.get_logger(__name__)

_STRICT = msgspec.json.Decoder(decode.Sample)
_SLICE = 500
"""Messages that are read before others get their turn: some milliseconds."""


@dataclass(slots=True, eq=False)
class Ticket:
    """Messages of one connection that are acknowledged together, once nothing of them is open."""

    connection: int
    packet_ids: list[int]
    open: int = 1


class Speaker(NamedTuple):
    """A device whose values come one by one, in bursts."""

    device: KnownDevice
    zone: tzinfo
    sender: str
    broker_key: str


class Keepsake(NamedTuple):
    """Messages that were understood, for a mapping that is corrected one day.

    `at` is the instant of the sample that was made of them, None where all of it went to quarantine.
    """

    speaker: Speaker
    messages: Sequence[dialects.Message]
    told: Told
    at: datetime | None


class Note(NamedTuple):
    """Somebody's words who is unknown, as they came."""

    organization_id: UUID
    broker_key: str
    message: dialects.Message
    noted: Noted


@dataclass(slots=True, eq=False)
class _Columns:
    """Samples that share a catalogue; `devices` has a place for each."""

    catalogue: Catalogue
    told: list[decode.Sample] = field(default_factory=list)
    devices: list[KnownDevice] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Batch:
    """What is stored in one go, and what that settles."""

    arrived_at: datetime
    columns: dict[int, _Columns] = field(default_factory=dict)
    judged: list[tuple[KnownDevice, Sample]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    undated: list[Mark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    keepsakes: list[Keepsake] = field(default_factory=list)
    closes: list[Ticket] = field(default_factory=list)

    def add(self, catalogue: Catalogue, device: KnownDevice, sample: decode.Sample) -> None:
        columns = self.columns.get(id(catalogue))
        if columns is None:
            columns = self.columns[id(catalogue)] = _Columns(catalogue)
        columns.told.append(sample)
        columns.devices.append(device)

    def take(self, device: KnownDevice, accepted: Iterable[Sample], quarantined: Iterable[Quarantined]) -> None:
        self.judged += [(device, sample) for sample in accepted]
        self.entries += [Entry(device, entry) for entry in quarantined]

    def makers(self) -> list[Callable[[], Load]]:
        """Each makes a part of it anew: what was tried and not stored has been written on."""
        makers: list[Callable[[], Load]] = [partial(self._in_columns, each) for each in self.columns.values()]
        return [*makers, self._one_by_one] if self.judged or self.entries else makers

    def _in_columns(self, columns: _Columns) -> Load:
        load = Load(self.arrived_at, columns.catalogue)
        load.add(columns.told, columns.devices, range(len(columns.told)))
        return load

    def _one_by_one(self) -> Load:
        load = Load(self.arrived_at)
        load.add_judged(self.judged)
        load.entries += self.entries
        return load


class Reading:
    """Of one connection; holds bursts that have not ended."""

    def __init__(self, voices: Voices, catalogues: Catalogues, arrivals: Arrivals) -> None:
        self._voices = voices
        self._catalogues = catalogues
        self._arrivals = arrivals
        self._gatherer = Gatherer()

    def next_due(self) -> datetime | None:
        """When a burst ends by itself."""
        return self._gatherer.next_due()

    def ended_by(self, arrived_at: datetime) -> Batch:
        """The bursts that have ended by then; what came meanwhile is added to it."""
        batch = Batch(arrived_at)
        self._close(self._gatherer.due(arrived_at), batch)
        return batch

    async def read(
        self, batch: Batch, ticket: Ticket, messages: Sequence[Message], owners: Callable[[bytes], Sequence[Owner]]
    ) -> list[Message]:
        """Adds them to the batch; returns those that are nobody's."""
        odd: list[tuple[int, Message, Sequence[Owner]]] = []
        nobodys: list[Message] = []
        for begin in range(0, len(messages), _SLICE):
            for number, message in enumerate(messages[begin : begin + _SLICE], begin):
                theirs = owners(message.topic)
                if not theirs:
                    nobodys.append(message)
                elif not self._straight(batch, number, message, theirs):
                    odd.append((number, message, theirs))
            await asyncio.sleep(0)  # other senders must not wait while thousands are read
        await persist(lambda: self._meet(odd))
        for number, message, theirs in odd:
            for owner in theirs:
                self._one(batch, ticket, number, message, owner)
        return nobodys

    async def _meet(self, odd: Sequence[tuple[int, Message, Sequence[Owner]]]) -> None:
        for owner in {owner.device.device_id: owner for _, _, owners in odd for owner in owners}.values():
            await self._voices.meet(owner)

    def _straight(self, batch: Batch, number: int, message: Message, owners: Sequence[Owner]) -> bool:
        """Whether it is one sample of the hub's own JSON, written as it should be, which nearly all are."""
        if message.cut:
            return False
        try:
            sample = _STRICT.decode(message.payload)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return False
        if sample.timestamp is None:
            if message.retained:
                return True  # nobody knows how old it is: no measurement of today
            sample.timestamp = self._moment(batch, number, message)
        for device, *_ in owners:
            batch.add(self._catalogues.catalogue_of(device.organization_key), device, sample)
        return True

    def _moment(self, batch: Batch, number: int, message: Message, *, undated: bool = True) -> datetime:
        """When it came, also where it comes again; `undated` messages of QoS 1 are noted down with it."""
        again = self._arrivals.earlier(message)
        if again is not None:
            return again
        if undated and message.packet_id:
            batch.undated.append(mark(message, number))
        return batch.arrived_at + timedelta(microseconds=number)

    def _one(self, batch: Batch, ticket: Ticket, number: int, message: Message, owner: Owner) -> None:
        try:
            self._hear(batch, ticket, number, message, owner)
        except Exception:  # it would come again for ever, and keep everything behind it from being stored
            log.exception("a message could not be read", device_id=str(owner.device.device_id))
            refused = letters.refused(message, "the hub failed to read this message; its log says why")
            batch.take(owner.device, refused.accepted, refused.quarantined)

    def _hear(self, batch: Batch, ticket: Ticket, number: int, message: Message, owner: Owner) -> None:
        at = self._moment(batch, number, message, undated=False)
        catalogue = self._catalogues.catalogue_of(owner.device.organization_key)
        heard = self._voices.hear(owner, message, at)
        undated = any(each.told.at is None for each in heard.spoken)
        if heard.is_own_json:
            letter = letters.read(message, at, catalogue, owner.device.rated_kw)
            undated = letter.undated
            batch.take(owner.device, letter.accepted, letter.quarantined)
        organization_id = owner.device.organization_id
        batch.notes += [Note(organization_id, owner.broker_key, heard.message, each) for each in heard.noted]
        for device, zone, sender, told in heard.spoken:
            speaker = Speaker(device, zone, sender, owner.broker_key)
            if told.scattered:
                ticket.open += 1
                self._close(self._gatherer.add(speaker, told, at, (ticket, heard.message)), batch)
            else:
                self._store(batch, speaker, [heard.message], told=told, came_at=at)
        if undated and message.packet_id and self._arrivals.earlier(message) is None:
            batch.undated.append(mark(message, number))

    def _close(self, ended: Iterable[Gathered], batch: Batch) -> None:
        for burst in ended:
            messages = [message for _, message in burst.tickets]
            batch.closes += [ticket for ticket, _ in burst.tickets]
            assert isinstance(burst.key, Speaker)  # noqa: S101 - nobody else adds any
            self._store(batch, burst.key, messages, told=burst.told, came_at=burst.received_at)

    def _store(
        self,
        batch: Batch,
        speaker: Speaker,
        messages: Sequence[dialects.Message],
        *,
        told: Told,
        came_at: datetime,
    ) -> None:
        found = sifted(
            told,
            came_at,
            speaker.zone,
            catalogue=self._catalogues.catalogue_of(speaker.device.organization_key),
            rated_kw=speaker.device.rated_kw,
        )
        batch.take(speaker.device, found.accepted, found.quarantined)
        if found.accepted or found.quarantined:
            at = found.accepted[0].at if found.accepted else None
            batch.keepsakes.append(Keepsake(speaker, messages, told, at))
