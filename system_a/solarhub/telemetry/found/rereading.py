"""Messages that were kept, read with the mapping of today: the same as when they come, with their own times. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import NamedTuple

from solarhub.drivers.dialects import Dialects, Gatherer, Memory, Message, Told
from solarhub.metrics import Catalogue
from solarhub.telemetry.found.sifting import sifted
from solarhub.telemetry.sample import Quarantined, Sample


class Reader(NamedTuple):
    """How the messages of one sender are read."""

    dialects: Dialects
    memory: Memory
    sender: str
    zone: tzinfo
    catalogue: Catalogue
    rated_kw: float | None


@dataclass(slots=True)
class Reread:
    """`samples` in the order of their instants, none of which stands there twice, each with the place of its bundle.

    `mappings` are dialect and version of all that was understood.
    """

    samples: list[tuple[int, Sample]] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    mappings: set[tuple[str, int]] = field(default_factory=set)


def reread(bundles: Sequence[Sequence[Message]], reader: Reader) -> Reread:
    """All that the sender told in them, of two samples at one instant the first."""
    found = Reread()
    by_instant: dict[datetime, tuple[int, Sample]] = {}

    def take(told: Told, received_at: datetime, bundle: int) -> None:
        if not told.readings:
            return
        found.mappings.add((told.dialect, told.version))
        accepted, quarantined = sifted(
            told, received_at, reader.zone, catalogue=reader.catalogue, rated_kw=reader.rated_kw
        )
        found.quarantined.extend(quarantined)
        for sample in accepted:
            by_instant.setdefault(sample.at, (bundle, sample))

    gatherer = Gatherer()
    every = [(place, message) for place, messages in enumerate(bundles) for message in messages]
    for bundle, message in sorted(every, key=lambda one: one[1].received_at):
        for told in tellings(message, reader):
            if told.scattered:
                for each in gatherer.add(reader.sender, told, message.received_at, bundle):
                    take(each.told, each.received_at, each.tickets[0])
            else:
                take(told, message.received_at, bundle)
    for each in gatherer.close_all():
        take(each.told, each.received_at, each.tickets[0])
    found.samples = [by_instant[at] for at in sorted(by_instant)]
    return found


def tellings(message: Message, reader: Reader) -> list[Told]:
    """What the sender says in one message: all of it where the topic lies below its own, else what bears its name."""
    owns = f"{message.topic}/".startswith(f"{reader.sender}/")
    told = reader.dialects.read(
        message.topic,
        message.payload,
        message.received_at,
        reader.sender if owns else None,
        memory=reader.memory,
        retained=message.retained,
    )
    return [each for each in told if each.dialect and (owns or each.sender == reader.sender)]
