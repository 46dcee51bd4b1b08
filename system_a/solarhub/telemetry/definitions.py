"""Metrics as requests name them and answers show them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer, unchanged
from solarhub.kit.fields import Choice, Number
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Contradiction, Value
from solarhub.metrics import Kind, Metric, NightPolicy
from solarhub.metrics.own import LONGEST_NAME, NAME_MEANING, NAME_PATTERN

_LARGEST = 1e15

_NAME = Field(title="Metric", description=f"{NAME_MEANING}; kept for ever", examples=["x_pump_pressure"])
_UNIT = Field(description="Kept for ever; `1` for a pure number", examples=["bar"])
_KIND = Field(
    title="How it behaves over time",
    description="`gauge` a value of the moment, `cumulative` only grows, `daily` from zero after midnight, `state` a "
    "code, `bitfield` a bit for each meaning. Kept for ever",
    examples=["gauge"],
)
_MINIMUM = Field(title="Least plausible value, in its unit", examples=[0.0])
_MAXIMUM = Field(title="Greatest plausible value, in its unit", examples=[16.0])
_NIGHT = Field(
    title="What holds at night",
    description="While its device sleeps: `hold` the last value, `zero`, or `nothing`: nobody knows",
    examples=["nothing"],
)
_MEANING = Field(title="What it is", examples=["Pressure behind the pump"])

_Minimum = Annotated[float, Number(-_LARGEST, _LARGEST), _MINIMUM]
_Maximum = Annotated[float, Number(-_LARGEST, _LARGEST), _MAXIMUM]
_Night = Annotated[NightPolicy, Choice(NightPolicy), _NIGHT]
_Meaning = Annotated[str, Text(500), _MEANING]


class MetricDefinition(Value):
    """A metric that the standard catalogue does not have."""

    name: Annotated[str, Text(LONGEST_NAME, NAME_PATTERN, NAME_MEANING), _NAME]
    unit: Annotated[str, Text(16), _UNIT]
    kind: Annotated[Kind, Choice(Kind), _KIND]
    minimum: _Minimum
    maximum: _Maximum
    night: _Night = NightPolicy.NOTHING
    meaning: _Meaning

    def contradictions(self) -> Iterator[Contradiction]:
        if not self.minimum < self.maximum:
            yield Contradiction(("maximum",), "must be greater than the minimum", f"more than {self.minimum:,.10g}")
        if self.kind in (Kind.CUMULATIVE, Kind.DAILY) and self.minimum < 0:
            yield Contradiction(("minimum",), "of a counter must not be below zero", "0 or more")


class MetricChange(Value):
    """A merge patch: what is left out stays. Name, unit and kind never change: stored values refer to them."""

    minimum: _Minimum = unchanged()
    maximum: _Maximum = unchanged()
    night: _Night = unchanged()
    meaning: _Meaning = unchanged()


class MetricFilter(Page):
    """Query parameters of the list of metrics."""

    own: bool | None = Field(default=None, title="The organization's own alone, or the standard ones alone")
    with_removed: bool = Field(default=False, title="Also those that were removed")


class MetricAnswer(Answer):
    """What devices may report. `id` null: a standard metric, which every organization has and nobody changes."""

    id: UUID | None
    name: Annotated[str, Field(title="Metric", examples=["power_output"])]
    own: Annotated[bool, Field(title="Added by the organization")]
    unit: Annotated[str, Field(examples=["kW"])]
    kind: Annotated[Kind, _KIND]
    minimum: Annotated[float, Field(title="Least plausible value, in its unit")]
    maximum: Annotated[float, Field(title="Greatest plausible value, in its unit")]
    relative: Annotated[
        tuple[float, float] | None,
        Field(
            title="Plausible range in multiples of the rated power",
            description="Holds as well where `metadata.rated_power_kw` of the device is known",
        ),
    ]
    night: Annotated[NightPolicy, _NIGHT]
    meaning: Annotated[str, _MEANING]
    sign: Annotated[str, Field(title="What its sign or code stands for", examples=["+ import, - export"])]
    codes: Annotated[
        dict[str, str], Field(title="What each code means", description="Of states that the hub itself names")
    ]
    channels: Annotated[list[str], Field(title="Usual channels", description="`{n}` counts from 1; others are taken")]
    device_types: Annotated[list[str], Field(title="Kinds of devices that usually report it")]
    sunspec: Annotated[str | None, Field(title="SunSpec models and points it comes from")]
    removed_at: Annotated[datetime | None, Field(title="Removed at", description="No more values are taken since")]
    version: Annotated[int | None, Field(title="Version (for If-Match)", description="Null: a standard metric")]

    @classmethod
    def of(
        cls, metric: Metric, *, own_id: UUID | None = None, version: int | None = None, removed: datetime | None = None
    ) -> Self:
        """`own_id` and what follows it: of an organization's own."""
        return cls(
            id=own_id,
            name=metric.name,
            own=own_id is not None,
            unit=metric.unit,
            kind=metric.kind,
            minimum=metric.minimum,
            maximum=metric.maximum,
            relative=metric.relative,
            night=metric.night,
            meaning=metric.description,
            sign=metric.meaning,
            codes={str(code): meaning for code, meaning in metric.codes},
            channels=list(metric.channels),
            device_types=list(metric.devices),
            sunspec=metric.sunspec,
            removed_at=removed,
            version=version,
        )
