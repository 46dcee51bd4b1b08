"""Telemetry as requests name it and answers show it."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.answers import Answer
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.paging import Page
from solarhub.kit.refusals import shown
from solarhub.metrics import Catalogue, Metric, UnknownMetric, is_channel
from solarhub.telemetry.buckets import Window
from solarhub.telemetry.decode import MOST_SAMPLES
from solarhub.telemetry.queries.reading import LatestOfDevice
from solarhub.telemetry.vocabulary import Reason, Resolution

_METRIC = Field(title="Metric", description="A name of the catalogue", examples=["power_output"])
_CHANNEL = Field(title="Channel", description="Null: the value without a channel", examples=["string3"])
_VALUE = Field(title="Value, in the metric's unit", examples=[2.9])
_UNIT = Field(title="Unit", examples=["kW"])
_ENERGY = Field(title="Generation (kWh)", description="Null: nothing was reported that tells", examples=[412.6])
_METHOD = Field(title="How it is known", examples=["counter"])


class QuarantinedAnswer(Answer):
    """A value, or where `metric` is null a whole sample, that was not stored as a reading, and why."""

    index: int = Field(title="Place of the sample in the request", description="From 0", examples=[0])
    metric: str | None = Field(title="Metric", description="Null: the whole sample", examples=["power_output"])
    reason: Reason = Field(title="Why, as a code", examples=["implausible"])
    detail: str = Field(title="Why, in a sentence")


class TelemetryAnswer(Answer):
    """What became of a request's samples. All of it is on disk by the time this is sent.

    `stored` and `duplicates` count samples. One instant of a device may come in pieces: a sample that brings values of
    series which its instant did not have yet is stored, and they are added to what is there. One that brings none is a
    duplicate. The first value of each series stays; `conflicts` counts samples, duplicates or stored in part, that say
    another one. A sample of which some values are bad is stored without them and listed under `quarantined`; `index` is
    its place among all samples of the request.
    """

    stored: int = Field(title="Samples that were stored", description="All of it, or what was new in it", examples=[1])
    duplicates: int = Field(title="Samples that were there before", examples=[0])
    conflicts: int = Field(
        title="Samples with other values than the first ones", description="Which stay", examples=[0]
    )
    quarantined: list[QuarantinedAnswer] = Field(title="Values that cannot be believed")


class ConflictFilter(Page):
    """Which conflicts to list."""

    device_id: Annotated[UUID | None, Field(title="Of this device alone")] = None


class ConflictAnswer(Answer):
    """How often a device reported instants of a day (UTC) again, with other values than the first, which stay."""

    device_id: UUID = Field(title="Device")
    device: str = Field(title="Device's name", examples=["Inverter 1"])
    day: date = Field(title="Day of the instants", examples=["2026-06-21"])
    conflicts: int = Field(title="Repetitions with other values", examples=[3])
    last_at: datetime = Field(title="Last heard", description="By the hub's clock")


class LatestReading(Answer):
    """The newest value of one series, in the metric's unit."""

    metric: Annotated[str, _METRIC]
    channel: Annotated[str | None, _CHANNEL]
    value: Annotated[float, _VALUE]
    unit: Annotated[str, _UNIT]
    at: datetime = Field(title="Measured at", examples=["2026-06-21T07:00:00Z"])


class LatestAnswer(Answer):
    """What a device reported last. `last_sample_at` is its own clock's word, `last_received_at` the hub's."""

    device_id: UUID = Field(title="Device")
    name: str = Field(title="Device's name", examples=["Inverter 1"])
    last_sample_at: datetime | None = Field(title="Last measured", description="By the device's own clock")
    last_received_at: datetime | None = Field(title="Last heard", description="By the hub's clock")
    readings: list[LatestReading] = Field(title="Newest readings", description="One for each metric and channel")

    @classmethod
    def of(cls, device: Device, state: DeviceState | None, known: Catalogue) -> Self:
        """`known`: the metrics of the device's organization; of one that it does not know the unit stays empty."""
        latest = [(series.partition(":"), told) for series, told in sorted((state.latest if state else {}).items())]
        return cls(
            device_id=device.id,
            name=device.name,
            last_sample_at=state.last_sample_at if state else None,
            last_received_at=state.last_received_at if state else None,
            readings=[
                LatestReading(
                    metric=name, channel=channel or None, value=told["value"], unit=known.unit_of(name), at=told["at"]
                )
                for (name, _, channel), told in latest
            ],
        )


def latest_told(told: LatestOfDevice, known: Catalogue) -> dict[str, Any]:
    """A LatestAnswer as plain values."""
    latest = told.latest or {}
    instants = {text: datetime.fromisoformat(text) for text in {each["at"] for each in latest.values()}}
    readings = []
    for series in sorted(latest):
        name, _, channel = series.partition(":")
        each = latest[series]
        readings.append(
            {
                "metric": name,
                "channel": channel or None,
                "value": float(each["value"]),
                "unit": known.unit_of(name),
                "at": instants[each["at"]],
            }
        )
    return {
        "device_id": told.device_id,
        "name": told.name,
        "last_sample_at": told.last_sample_at,
        "last_received_at": told.last_received_at,
        "readings": readings,
    }


_Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class SeriesWanted(BaseModel):
    """The query parameters of a series."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str = Field(title="Metric", description="A name of the catalogue", examples=["power_output"])
    channel: str | None = Field(
        default=None,
        title="Channel",
        description="`l1`, `string3` …; absent: the value without a channel",
        examples=["string3"],
    )
    from_: _Instant | None = Field(
        default=None,
        alias="from",
        title="From",
        description="Default: a day before `to`",
        examples=["2026-06-21T00:00:00+05:00"],
    )
    to: _Instant | None = Field(
        default=None, title="To", description="Not included. Default: now", examples=["2026-06-22T00:00:00+05:00"]
    )
    bucket: Resolution = Field(
        default=Resolution.RAW,
        title="Width of a bucket",
        description="`1d` is a day at the site; the others are counted from full hours in UTC",
    )

    def series(self, known: Catalogue) -> tuple[Metric, str]:
        """The metric among those of the organization, and the name of its series. Raises Invalid."""
        try:
            found = known.readable(self.metric)
        except UnknownMetric as error:
            refused = FieldError("metric", shown(self.metric), str(error), list(known))
            raise Invalid([refused]) from error
        if self.channel is not None and not is_channel(self.channel):
            refused = FieldError("channel", shown(self.channel), "cannot name a channel", "1 to 32 of a-z, 0-9 and _")
            raise Invalid([refused])
        return found, known.format_series(self.metric, self.channel)

    def window(self, now: datetime) -> Window:
        end = (self.to or now).astimezone(UTC)
        return Window((self.from_ or end - timedelta(days=1)).astimezone(UTC), end, self.bucket)


class RawPoint(Answer):
    """One stored value."""

    at: datetime = Field(title="Measured at", examples=["2026-06-21T07:00:00Z"])
    value: Annotated[float, _VALUE]


class BucketPoint(Answer):
    """What the values of one bucket have in common; `mean` is null for codes. `at` is where the bucket begins."""

    at: datetime = Field(title="Begins at", examples=["2026-06-21T07:00:00Z"])
    mean: float | None = Field(title="Mean", description="Null for codes", examples=[2.4])
    min: float = Field(title="Least", examples=[1.1])
    max: float = Field(title="Greatest", examples=[3.0])
    count: int = Field(title="Number of values", examples=[60])


class SeriesAnswer(Answer):
    """A series of one device, in the order of time. A bucket in which nothing was reported is absent: a gap."""

    device_id: UUID = Field(title="Device")
    metric: Annotated[str, _METRIC]
    channel: Annotated[str | None, _CHANNEL]
    unit: Annotated[str, _UNIT]
    bucket: Resolution = Field(title="Width of a bucket", examples=["1h"])
    start: datetime = Field(serialization_alias="from", title="From")
    to: datetime = Field(title="To", description="Not included")
    points: list[RawPoint] | list[BucketPoint] = Field(title="Values, in the order of time")


_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
_SAMPLE: dict[str, Any] = {
    "type": "object",
    "required": ["metrics"],
    "additionalProperties": False,
    "properties": {
        "timestamp": {
            "title": "Measured at",
            "description": "RFC 3339 with an offset, or seconds or milliseconds since 1970; absent: time of arrival",
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}, {"type": "null"}],
        },
        "metrics": {
            "title": "Readings",
            "type": "object",
            "description": "Names of the catalogue, each with a number in its unit or with a number for each channel",
            "additionalProperties": {"anyOf": [{"type": "number"}, _NUMBERS]},
        },
    },
}
_READINGS = {"power_output": 2.9, "voltage_dc": {"string1": 380.1, "string2": 379.4}}
_SAMPLE_EXAMPLE = {"timestamp": "2026-03-01T12:00:00Z", "metrics": _READINGS}
_BATCH = {
    "type": "object",
    "required": ["samples"],
    "additionalProperties": False,
    "properties": {"samples": {"title": "Samples", "type": "array", "maxItems": MOST_SAMPLES, "items": _SAMPLE}},
}
_OF_DEVICE = {
    "type": "object",
    "required": ["device", "samples"],
    "additionalProperties": False,
    "properties": {
        "device": {
            "title": "Device that the gateway speaks for",
            "description": "Its id, its serial number, or its name where no other of this gateway's devices has it",
            "type": "string",
        },
        "samples": {"title": "Samples", "type": "array", "maxItems": MOST_SAMPLES, "items": _SAMPLE},
    },
}
_OF_GATEWAY = {
    "type": "object",
    "required": ["devices"],
    "additionalProperties": False,
    "properties": {"devices": {"title": "Devices of a gateway", "type": "array", "items": _OF_DEVICE}},
}
_TELEMETRY = {
    "anyOf": [_SAMPLE, _BATCH, _OF_GATEWAY],
    "examples": [
        _SAMPLE_EXAMPLE,
        {"samples": [_SAMPLE_EXAMPLE]},
        {"devices": [{"device": "HV2140123456", "samples": [_SAMPLE_EXAMPLE]}]},
    ],
}
_LINES = {
    "title": "Samples, one a line",
    "description": 'Each line is a sample; a gateway adds `"device"`',
    "type": "string",
    "examples": ['{"timestamp": 1772366400, "metrics": {"power_output": 2.9}}'],
}

TELEMETRY_BODY: dict[str, Any] = {
    "required": True,
    "description": "Also with Content-Encoding: gzip",
    "content": {"application/json": {"schema": _TELEMETRY}, "application/x-ndjson": {"schema": _LINES}},
}
"""The request body in OpenAPI's words: it is read by hand, value by value."""
