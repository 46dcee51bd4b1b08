"""What would be read of a sender's messages, shown before anybody adopts it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from solarhub.drivers.dialects import Message
from solarhub.telemetry.found.rereading import Reader, tellings
from solarhub.telemetry.found.sifting import sifted

LONGEST_PAYLOAD = 1000
"""Characters of an example."""
MOST_TOPICS = 60


class WouldBe(NamedTuple):
    """A value that would be stored; `at` None: its time of arrival."""

    series: str
    value: float
    unit: str
    topic: str
    at: datetime | None


class WouldNot(NamedTuple):
    """One that would not, and why."""

    series: str | None
    topic: str
    reason: str


@dataclass(slots=True)
class Preview:
    """`unread` are topics whose messages nobody understands, or of which nothing is kept."""

    values: list[WouldBe] = field(default_factory=list)
    refused: list[WouldNot] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def example(message: Message) -> dict[str, Any]:
    """As it is stored under its topic: bytes that are no text with a replacement character."""
    text = message.payload[: 4 * LONGEST_PAYLOAD].decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    shown = text if len(text) <= LONGEST_PAYLOAD else text[: LONGEST_PAYLOAD - 1] + "…"
    return {"at": message.received_at.isoformat(), "payload": shown}


def previewed(examples: Mapping[str, Mapping[str, Any]], reader: Reader) -> Preview:
    """By topic; the newest example of each."""
    found = Preview()
    for topic, one in sorted(examples.items()):
        message = Message(topic, str(one["payload"]).encode(), datetime.fromisoformat(one["at"]))
        readings = 0
        for told in tellings(message, reader):
            if not told.readings:
                readings += told.available is not None or told.at is not None or bool(told.facts)
                continue
            accepted, quarantined = sifted(
                told, message.received_at, reader.zone, catalogue=reader.catalogue, rated_kw=reader.rated_kw
            )
            readings += len(accepted) + len(quarantined)
            dated = told.at is not None
            for sample in accepted:
                found.values += [
                    WouldBe(series, value, _unit(series, reader), topic, sample.at if dated else None)
                    for series, value in sample.readings.items()
                ]
            found.refused += [WouldNot(entry.metric, topic, entry.detail) for entry in quarantined]
        if not readings:
            found.unread.append(topic)
    return found


def _unit(series: str, reader: Reader) -> str:
    return reader.catalogue.metric(series.partition(":")[0]).unit
