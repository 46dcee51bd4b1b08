"""What a message says once its dialect is understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

FACTS = ("device_type", "firmware_version", "manufacturer", "model", "name", "serial_number")
"""What may be known of a sender beside its values."""


@dataclass(frozen=True, slots=True)
class Message:
    """What came over a broker; `retained`: the broker had kept it, and nobody knows since when."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """One instant of one sender.

    `sender` names it within its broker; `dialect` is empty where nobody understood the message.
    `at`: None is the time of arrival; without a zone it is the clock on the wall of the plant.
    `readings` maps a series to its value in the catalogue's unit, or to whatever stood there instead of a number.
    `historical`: the sender kept it through an outage: it is stored, and never judged.
    `scattered`: one value of a burst that makes one sample together (`Gatherer`).
    `available`: the sender says that it is there, or that it has gone.
    `unread_time`: what stood where the time should have been.
    `announces`: it describes what other topics carry.
    """

    sender: str
    dialect: str
    version: int
    at: datetime | None = None
    readings: Mapping[str, object] = field(default_factory=dict)
    historical: bool = False
    facts: Mapping[str, str] = field(default_factory=dict)
    scattered: bool = False
    available: bool | None = None
    unread_time: object = None
    announces: bool = False

    def timestamp(self, zone: tzinfo) -> object:
        """As a sample's timestamp: RFC 3339 in UTC, what could not be read, or None for the time of arrival.

        `zone` is the plant's, for a time that names none.
        """
        if self.unread_time is not None:
            return self.unread_time
        return None if self.at is None else settled(self.at, zone).isoformat()


def settled(at: datetime, zone: tzinfo) -> datetime:
    """A time in UTC; one without a zone is the clock on the wall in `zone`."""
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)


def printable(text: str, longest: int) -> str:
    """Text from outside as it may stand in a name: one line, cut, and nothing in it that no database holds."""
    whole = text.encode("utf-8", "replace").decode()
    return "".join(mark if mark.isprintable() else " " for mark in whole[:longest]).strip()
