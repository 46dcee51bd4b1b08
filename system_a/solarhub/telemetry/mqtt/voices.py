"""Whose words a message is made of: the device's whose topic it is, others' who speak below it, or nobody's we know.

A message is read by the dialects of products. Where one says who sends, that sender is looked for: it is the device
itself, or was adopted as another one, or waits among those who were found. What is not understood is kept, so that a
mapping can read it one day; what claims to be the hub's own JSON and is not is explained in quarantine.
"""

from datetime import datetime, tzinfo
from typing import NamedTuple
from uuid import UUID

from solarhub.devices.identity import KnownDevice
from solarhub.drivers import dialects
from solarhub.drivers.dialects import Dialects, Memory, Told
from solarhub.drivers.mqtt import Message
from solarhub.telemetry.found.roster import Roster
from solarhub.telemetry.mqtt.topics import Owner

_OWN_JSON = "json"


class Spoken(NamedTuple):
    """What one device said in a message, and the name under which messages of it are kept."""

    device: KnownDevice
    zone: tzinfo
    sender: str
    told: Told


class Noted(NamedTuple):
    """What is written down because its sender is unknown, or because it must not be judged."""

    told: list[Told]
    gateway_id: UUID | None
    device_id: UUID | None


class Heard(NamedTuple):
    """One message. `is_own_json`: it is to be read as a body of the hub's own."""

    message: dialects.Message
    spoken: list[Spoken]
    noted: list[Noted]
    is_own_json: bool = False


class Voices:
    """Of one connection."""

    def __init__(self, known: Dialects, roster: Roster) -> None:
        self._dialects = known
        self._roster = roster
        self._prefixed = known.prefixed()
        self._memories: dict[tuple[UUID, str], Memory] = {}
        self._announcers: dict[tuple[UUID, str], Owner] = {}
        self._sizes: dict[tuple[UUID, str], int] = {}
        self._topics: frozenset[str] = frozenset()

    async def meet(self, owner: Owner) -> None:
        """Remembers what was announced before this process began. Raises Unavailable."""
        place = (owner.device.organization_id, owner.broker_key)
        if place not in self._memories:
            self._memories[place] = await self._roster.remembered(*place, self._dialects)
        self._announcers[place] = owner

    def topics(self) -> frozenset[str]:
        """Where announced values arrive."""
        sizes = {place: memory.size for place, memory in self._memories.items() if memory.size}
        if sizes != self._sizes:
            self._sizes = sizes
            self._topics = frozenset(topic for place in sizes for topic in self._memories[place].topics())
        return self._topics

    def announcers(self, topic: bytes) -> list[Owner]:
        """Below whose topics it was announced that values come there."""
        name = topic.decode("utf-8", "replace")
        if name not in self._topics:
            return []
        return [self._announcers[place] for place in self._sizes if name in self._memories[place].topics()]

    def hear(self, owner: Owner, message: Message, at: datetime) -> Heard:
        """`at` is when it came."""
        topic = message.topic.decode("utf-8", "replace")
        told, topic = self._read(owner, topic, message, at)
        kept = dialects.Message(topic, message.payload, at, message.retained)
        if message.cut or (_is_unread(told) and message.payload.lstrip()[:1] in (b"{", b"[")):
            return Heard(kept, [], [], is_own_json=True)
        if any(each.dialect == _OWN_JSON for each in told):
            return Heard(kept, [], [], is_own_json=True)
        if _is_unread(told):
            # empty: how a retained message is taken away; retained: nothing new
            if not message.payload or message.retained:
                return Heard(kept, [], [])
            own = [Told(owner.prefix, "", 0)]
            return Heard(kept, [], [Noted(own, None, owner.device.device_id)])
        spoken: list[Spoken] = []
        noted: list[Noted] = []
        for each in told:
            self._attribute(owner, each, spoken, noted)
        return Heard(kept, spoken, noted)

    def _read(self, owner: Owner, topic: str, message: Message, at: datetime) -> tuple[list[Told], str]:
        """What is told, and the topic as the dialect knows it: some products cannot put another one before theirs."""
        memory = self._memories.get((owner.device.organization_id, owner.broker_key))
        below = f"{topic}/".startswith(f"{owner.prefix.rstrip('/')}/")
        told = self._dialects.read(
            topic,
            message.payload,
            at,
            owner.prefix.rstrip("/") if below else None,
            memory=memory,
            retained=message.retained,
        )
        if _is_unread(told) and below and owner.broker_key.startswith("own/"):
            inside = topic[len(owner.prefix) + 1 :]
            again = self._dialects.read(inside, message.payload, at, memory=memory, retained=message.retained)
            if not _is_unread(again):
                return again, inside
        return told, topic

    def _attribute(self, owner: Owner, told: Told, spoken: list[Spoken], noted: list[Noted]) -> None:
        organization_id = owner.device.organization_id
        adopted = self._roster.device_of(organization_id, owner.broker_key, told.sender)
        if adopted is None and not self._is_its_own(owner, told):
            if not self._roster.is_ignored(organization_id, owner.broker_key, told.sender):
                noted.append(Noted([told], owner.device.device_id, None))
            return
        device, zone = (owner.device, owner.zone) if adopted is None else (adopted.device, adopted.zone)
        sender = told.sender if adopted is not None else owner.prefix
        if told.historical or told.announces:
            noted.append(Noted([told], owner.device.device_id, device.device_id))
        elif told.readings or told.at is not None or told.unread_time is not None:
            spoken.append(Spoken(device, zone, sender, told))

    def _is_its_own(self, owner: Owner, told: Told) -> bool:
        """Whether the device whose topic it is speaks for itself."""
        prefix = owner.prefix.rstrip("/")
        return told.dialect in self._prefixed or f"{prefix}/".startswith(f"{told.sender}/")


def _is_unread(told: list[Told]) -> bool:
    return any(not each.dialect for each in told)
