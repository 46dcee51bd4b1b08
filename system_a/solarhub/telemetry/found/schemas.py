"""Those who report without being known, as answers show them and requests decide on them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.answers import Answer, unchanged
from solarhub.kit.fields import Choice
from solarhub.kit.paging import Page
from solarhub.kit.texts import TIME_ZONE, Text
from solarhub.kit.values import Value
from solarhub.telemetry.found.preview import Preview
from solarhub.telemetry.models import FoundSender
from solarhub.telemetry.vocabulary import FoundState

_ID = "0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"
_KIND = Field(title="Kind of device", examples=["inverter"])
_SERIAL = Field(title="Serial number", description="Null: none, also where it names one", examples=["114182912345"])
_SENDER = Field(title="What it is called", description="At its broker", examples=["solar/114182912345"])


class FoundFilter(Page):
    """Query parameters of the list of found senders."""

    state: FoundState | None = Field(default=None, title="State")
    understood: bool | None = Field(
        default=None, title="A mapping reads it", description="False: those whose messages none does"
    )


class Example(Answer):
    """The newest message of a topic."""

    topic: str = Field(title="MQTT topic", examples=["solar/114182912345/0/power"])
    at: datetime = Field(title="Arrived")
    payload: str = Field(title="What was sent", description="As text, the first 1,000 characters", examples=["123.4"])


class Replay(Answer):
    """How reading the kept messages anew stands; numbers are of messages, and of samples written and replaced."""

    since: datetime = Field(title="From", description="Messages that arrived since then are read")
    asked_at: datetime | None = Field(title="Asked for", description="Null: it is done")
    done_at: datetime | None = Field(title="Last step")
    messages: int = Field(title="Messages read", examples=[5210])
    written: int = Field(title="Samples written", examples=[480])
    removed: int = Field(title="Samples replaced", examples=[480])
    quarantined: int = Field(title="Values that were refused", examples=[0])


class FoundSenderAnswer(Answer):
    """Somebody who reports at a broker of the organization."""

    id: UUID = Field(title="Id", examples=[_ID])
    state: FoundState = Field(title="State")
    broker: str = Field(
        title="MQTT broker", description="With the user as whom the hub listens", examples=["hub@192.168.1.5:1883"]
    )
    sender: Annotated[str, _SENDER]
    dialect: str | None = Field(
        title="Mapping", description="Which one reads its messages; null: none does", examples=["opendtu"]
    )
    mapping_version: int | None = Field(title="Version of the mapping", examples=[1])
    first_seen_at: datetime = Field(title="First heard")
    last_seen_at: datetime = Field(title="Last heard")
    messages: int = Field(title="Messages heard", description="While it waited, and those kept since", examples=[5210])
    facts: dict[str, str] = Field(
        title="What it says of itself",
        examples=[{"device_type": "inverter", "manufacturer": "Hoymiles", "serial_number": "114182912345"}],
    )
    available: bool | None = Field(
        title="Says that it is there", description="As it last said; null: it says nothing of it"
    )
    gateway_id: UUID | None = Field(title="Gateway", description="The device below whose topics it was heard")
    device_id: UUID | None = Field(title="Device", description="The device that it is")
    adopted_at: datetime | None = Field(title="Adopted")
    time_zone: str | None = Field(title="Time zone", description="Of times that name none; null: the plant's")
    ignored_at: datetime | None = Field(title="Ignored since")
    replay: Replay | None = Field(title="Last reading anew")

    @classmethod
    def of(cls, row: FoundSender) -> Self:
        return cls.model_validate(_shown(row))


class WouldBeRead(Answer):
    """A value that would be stored."""

    series: str = Field(title="Metric, and its channel", examples=["power_dc:mppt1"])
    value: float = Field(title="What would be stored", examples=[0.1234])
    unit: str = Field(title="Unit", examples=["kW"])
    topic: str = Field(title="MQTT topic", examples=["solar/114182912345/1/power"])
    at: datetime | None = Field(title="Time", description="As the message says; null: when it arrives")


class WouldBeRefused(Answer):
    """A value that would not be stored, and why."""

    series: str | None = Field(title="Metric, and its channel", examples=["frequency"])
    topic: str = Field(title="MQTT topic", examples=["solar/114182912345/0/frequency"])
    reason: str = Field(title="Why", examples=["65535 is no plausible frequency; allowed are 0 to 70 Hz"])


class FoundSenderDetail(FoundSenderAnswer):
    """With what it sent, and what the present mapping reads of that."""

    examples: list[Example] = Field(title="What it sent")
    readings: list[WouldBeRead] = Field(title="What would be stored of it")
    refused: list[WouldBeRefused] = Field(title="What would be refused")
    unread: list[str] = Field(title="Topics that say nothing", examples=[["solar/114182912345/radio/rssi"]])

    @classmethod
    def shown(cls, row: FoundSender, preview: Preview) -> Self:
        return cls.model_validate(
            _shown(row)
            | {
                "examples": [
                    {"topic": topic, "at": one["at"], "payload": one["payload"]}
                    for topic, one in sorted(row.examples.items())
                ],
                "readings": [each._asdict() for each in preview.values],
                "refused": [each._asdict() for each in preview.refused],
                "unread": preview.unread,
            }
        )


def state_of(row: FoundSender) -> FoundState:
    if row.device_id is not None:
        return FoundState.ADOPTED
    return FoundState.NEW if row.ignored_at is None else FoundState.IGNORED


def _shown(row: FoundSender) -> dict[str, Any]:
    columns = {name: getattr(row, name) for name in FoundSenderAnswer.model_fields if hasattr(row, name)}
    replay = None
    if row.replay_from is not None:
        told = row.replay_told or {}
        numbers = {name: told.get(name, 0) for name in ("messages", "written", "removed", "quarantined")}
        replay = {
            "since": row.replay_from, "asked_at": row.replay_asked_at, "done_at": row.replayed_at, **numbers
        }  # fmt: skip
    return columns | {
        "state": state_of(row),
        "broker": row.broker_key,
        "dialect": row.dialect or None,
        "mapping_version": row.mapping_version or None,
        "replay": replay,
    }


class Adoption(Value):
    """Where a found sender belongs. What is left out is taken from what it says of itself.

    `device_id` alone makes it that device; otherwise a new one is entered at `site_id`.
    """

    site_id: UUID | None = Field(default=None, title="Plant", description="Of a new device", examples=[_ID])
    device_id: UUID | None = Field(
        default=None, title="Device", description="One that is there already, instead of a new one"
    )
    name: Annotated[str, Text(200)] = unchanged()
    device_type: Annotated[Annotated[DeviceType, Choice(DeviceType)], _KIND] = unchanged()
    manufacturer: Annotated[str, Text(100)] | None = unchanged()
    model: Annotated[str, Text(100)] | None = unchanged()
    serial_number: Annotated[Annotated[str, Text(100)] | None, _SERIAL] = unchanged()
    time_zone: Annotated[str, TIME_ZONE] | None = Field(
        default=None,
        title="Time zone of its clock",
        description="For times that name none. Left out: the plant's",
        examples=["Asia/Karachi"],
    )


class ReplayWish(Value):
    """From when on kept messages are read anew."""

    since: AwareDatetime = Field(title="From", examples=["2026-06-01T00:00:00+05:00"])


class ReadAnewAnswer(Answer):
    """It begins within seconds; the found senders of the device say how it stands."""

    senders: list[UUID] = Field(title="Found senders whose messages are read")
