"""Telemetry as requests name it and answers show it."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.answers import Answer
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.refusals import shown
from solarhub.metrics import CATALOGUE, Metric, UnknownMetric, format_series, is_channel, metric, parse_series
from solarhub.telemetry.buckets import Window
from solarhub.telemetry.decode import MOST_SAMPLES
from solarhub.telemetry.vocabulary import EnergyMethod, Reason, Resolution


class QuarantinedAnswer(Answer):
    """A value, or where `metric` is null a whole sample, that was not stored as a reading, and why."""

    index: int
    metric: str | None
    reason: Reason
    detail: str


class TelemetryAnswer(Answer):
    """What became of a request's samples. All of it is on disk by the time this is sent.

    `stored` and `duplicates` count samples; a duplicate is of an instant that the device had reported before, whose
    first values stay. A sample of which some values are bad is stored without them and listed under `quarantined`;
    `index` is its place in the request.
    """

    stored: int
    duplicates: int
    quarantined: list[QuarantinedAnswer]


class LatestReading(Answer):
    """The newest value of one series, in the metric's unit."""

    metric: str
    channel: str | None
    value: float
    unit: str
    at: datetime


class LatestAnswer(Answer):
    """What a device reported last. `last_sample_at` is its own clock's word, `last_received_at` the hub's."""

    device_id: UUID
    name: str
    last_sample_at: datetime | None
    last_received_at: datetime | None
    readings: list[LatestReading]

    @classmethod
    def of(cls, device: Device, state: DeviceState | None) -> Self:
        latest = [(parse_series(series), told) for series, told in sorted((state.latest if state else {}).items())]
        return cls(
            device_id=device.id,
            name=device.name,
            last_sample_at=state.last_sample_at if state else None,
            last_received_at=state.last_received_at if state else None,
            readings=[
                LatestReading(metric=metric.name, channel=channel, value=told["value"], unit=metric.unit, at=told["at"])
                for (metric, channel), told in latest
            ],
        )


_Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]


class SeriesWanted(BaseModel):
    """The query parameters of a series."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str = Field(description="A name of the catalogue")
    channel: str | None = Field(default=None, description="`l1`, `string3` …; absent: the value without a channel")
    from_: _Instant | None = Field(default=None, alias="from", description="Default: a day before `to`")
    to: _Instant | None = Field(default=None, description="Not included. Default: now")
    bucket: Resolution = Field(
        default=Resolution.RAW, description="`1d` is a day at the site; the others are counted from full hours in UTC"
    )

    def series(self) -> tuple[Metric, str]:
        """The metric, and the name of its series. Raises Invalid."""
        try:
            found = metric(self.metric)
        except UnknownMetric as error:
            refused = FieldError("metric", shown(self.metric), str(error), list(CATALOGUE))
            raise Invalid([refused]) from error
        if self.channel is not None and not is_channel(self.channel):
            refused = FieldError("channel", shown(self.channel), "cannot name a channel", "1 to 32 of a-z, 0-9 and _")
            raise Invalid([refused])
        return found, format_series(self.metric, self.channel)

    def window(self, now: datetime) -> Window:
        end = (self.to or now).astimezone(UTC)
        return Window((self.from_ or end - timedelta(days=1)).astimezone(UTC), end, self.bucket)


class RawPoint(Answer):
    """One stored value."""

    at: datetime
    value: float


class BucketPoint(Answer):
    """What the values of one bucket have in common; `mean` is null for codes. `at` is where the bucket begins."""

    at: datetime
    mean: float | None
    min: float
    max: float
    count: int


class SeriesAnswer(Answer):
    """A series of one device, in the order of time. A bucket in which nothing was reported is absent: a gap."""

    device_id: UUID
    metric: str
    channel: str | None
    unit: str
    bucket: Resolution
    start: datetime = Field(serialization_alias="from")
    to: datetime
    points: list[RawPoint] | list[BucketPoint]


class DeviceEnergyAnswer(Answer):
    """One device's part; `kwh` null: it reported nothing that tells."""

    device_id: UUID
    name: str
    kwh: float | None
    method: EnergyMethod | None


class EnergyAnswer(Answer):
    """A site's generation on one day, from midnight to midnight there.

    `method` says how it is known: `counter` from the devices' energy counters, `power` as the area under their power,
    without bridging gaps of more than three reporting intervals, `mixed` from both. What a plant draws at night is
    subtracted where power is what is known.
    """

    site_id: UUID
    day: date
    timezone: str
    start: datetime = Field(serialization_alias="from")
    to: datetime
    kwh: float | None
    method: EnergyMethod | None
    devices: list[DeviceEnergyAnswer]


_NUMBERS = {"type": "object", "additionalProperties": {"type": "number"}}
_SAMPLE: dict[str, Any] = {
    "type": "object",
    "required": ["metrics"],
    "additionalProperties": False,
    "properties": {
        "timestamp": {
            "description": "RFC 3339 with an offset, or seconds or milliseconds since 1970; absent: time of arrival",
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}, {"type": "null"}],
        },
        "metrics": {
            "type": "object",
            "description": "Names of the catalogue, each with a number in its unit or with a number for each channel",
            "additionalProperties": {"anyOf": [{"type": "number"}, _NUMBERS]},
        },
    },
    "example": {
        "timestamp": "2026-03-01T12:00:00Z",
        "metrics": {"power_output": 2.9, "voltage_dc": {"string1": 380.1, "string2": 379.4}},
    },
}
_BATCH = {
    "type": "object",
    "required": ["samples"],
    "additionalProperties": False,
    "properties": {"samples": {"type": "array", "maxItems": MOST_SAMPLES, "items": _SAMPLE}},
}

TELEMETRY_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/json": {"schema": {"anyOf": [_SAMPLE, _BATCH]}}},
}
"""The request body in OpenAPI's words: it is read by hand, value by value."""
