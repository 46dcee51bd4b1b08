"""Energy as requests name it and answers show it."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer
from solarhub.kit.fields import Number
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.telemetry.queries.energy import Periods
from solarhub.telemetry.rollups.periods import SiteDay, percent, percents
from solarhub.telemetry.rollups.vocabulary import Mark
from solarhub.telemetry.vocabulary import EnergyMethod, Period

_ENERGY = Field(title="Generation (kWh)", description="Null: nothing was reported that tells", examples=[412.6])
_METHOD = Field(title="How it is known", examples=["counter"])
_COVERAGE = Field(
    title="Heard of the time (%)",
    description="Rows that came, against the reporting interval; null: there was nothing to be heard yet",
    examples=[99.8],
)
_MARKS = Field(
    title="What to know of it",
    description="gap: nothing was reported for a while, and a counter told of it afterwards; catch_up: a counter stood"
    " still and then jumped; reset, roll_over: a counter began again; replaced: another counter from there on;"
    " corrected: a person has set it",
    examples=[["gap"]],
)
_Day = Annotated[date, Field(ge=date(2000, 1, 1), lt=date(2200, 1, 1))]


class DeviceEnergyAnswer(Answer):
    """One device's part; `kwh` null: it reported nothing that tells."""

    device_id: UUID = Field(title="Device")
    name: str = Field(title="Device's name", examples=["Inverter 1"])
    kwh: Annotated[float | None, _ENERGY]
    method: Annotated[EnergyMethod | None, _METHOD]
    marks: Annotated[list[str], _MARKS]


class EnergyAnswer(Answer):
    """A site's generation on one day, from midnight to midnight there; of today up to now.

    `method` says how it is known: `counter` from the devices' energy counters, `power` as the area under their power,
    without bridging gaps of more than three reporting intervals, `mixed` from both. What a plant draws at night is
    subtracted where power is what is known.
    """

    site_id: UUID = Field(title="Plant")
    day: date = Field(title="Day at the plant", examples=["2026-06-21"])
    timezone: str = Field(title="Time zone of the plant", examples=["Asia/Karachi"])
    start: datetime = Field(serialization_alias="from", title="From", description="Midnight at the plant")
    to: datetime = Field(title="To", description="The next midnight there, not included")
    kwh: Annotated[float | None, _ENERGY]
    method: Annotated[EnergyMethod | None, _METHOD]
    coverage_percent: Annotated[float | None, _COVERAGE]
    marks: Annotated[list[str], _MARKS]
    devices: list[DeviceEnergyAnswer] = Field(title="Device by device")

    @classmethod
    def of(cls, site_id: UUID, day: date, timezone: str, told: SiteDay) -> "EnergyAnswer":
        return cls(
            site_id=site_id,
            day=day,
            timezone=timezone,
            start=told.start,
            to=told.end,
            kwh=told.kwh,
            method=told.method,
            coverage_percent=told.coverage_percent,
            marks=told.marks.words,
            devices=[
                DeviceEnergyAnswer(
                    device_id=device.id,
                    name=device.name,
                    kwh=energy.kwh if energy else None,
                    method=energy.method if energy else None,
                    marks=energy.marks.words if energy else [],
                )
                for device, energy in told.devices
            ],
        )


class HistoryWanted(BaseModel):
    """Which days, and how fine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    from_: _Day | None = Field(
        default=None, alias="from", title="First day", description="At the plant", examples=["2026-06-01"]
    )
    to: _Day | None = Field(
        default=None, title="Last day", description="Included. Default: today", examples=["2026-06-30"]
    )
    by: Period = Field(default=Period.DAY, title="Length of a figure")


class HistoriesWanted(HistoryWanted, Page):
    """The same of a page of plants."""


class EnergyPeriodAnswer(Answer):
    """The energy of one day, month or year; `measured_kwh` differs from `kwh` where a person has corrected it."""

    start: date = Field(title="First day of it", examples=["2026-06-21"])
    kwh: Annotated[float | None, _ENERGY]
    measured_kwh: float | None = Field(title="As it was measured (kWh)", examples=[412.6])
    method: Annotated[EnergyMethod | None, _METHOD]
    coverage_percent: Annotated[float | None, _COVERAGE]
    marks: Annotated[list[str], _MARKS]


class EnergyHistoryAnswer(Answer):
    """Energy by day, month or year. One of which nothing is known is absent; today's is as far as it was rolled up."""

    start: date = Field(serialization_alias="from", title="First day", examples=["2026-06-01"])
    to: date = Field(title="Last day", description="Included", examples=["2026-06-30"])
    by: Period = Field(title="Length of a figure", examples=["day"])
    kwh: Annotated[float | None, _ENERGY]
    coverage_percent: Annotated[float | None, _COVERAGE]
    periods: list[EnergyPeriodAnswer] = Field(title="Figures, in the order of time")


class SiteEnergyHistoryAnswer(EnergyHistoryAnswer):
    """The same of a plant."""

    site_id: UUID = Field(title="Plant")
    timezone: str = Field(title="Time zone of the plant", examples=["Asia/Karachi"])


class DeviceEnergyHistoryAnswer(EnergyHistoryAnswer):
    """The same of a device, each day at the plant where it stood then."""

    device_id: UUID = Field(title="Device")


class PlantEnergyHistoryAnswer(Answer):
    """One plant of many."""

    site_id: UUID = Field(title="Plant")
    name: str = Field(title="Plant's name", examples=["Gulberg roof"])
    timezone: str = Field(title="Time zone of the plant", examples=["Asia/Karachi"])
    kwh: Annotated[float | None, _ENERGY]
    coverage_percent: Annotated[float | None, _COVERAGE]
    periods: list[EnergyPeriodAnswer] = Field(title="Figures, in the order of time")


def figures(periods: Periods | None) -> dict[str, Any]:
    """`kwh`, `coverage_percent` and `periods` of an answer, as plain values: there may be tens of thousands."""
    if periods is None:
        return {"kwh": None, "coverage_percent": None, "periods": []}
    known = [kwh for kwh in periods.kwh if kwh is not None]
    return {
        "kwh": sum(known) if known else None,
        "coverage_percent": percent(sum(periods.covered_seconds), sum(periods.expected_seconds)),
        "periods": _each(periods),
    }


class _Figure(msgspec.Struct, gc=False):
    """An EnergyPeriodAnswer that is only written: it costs a fraction of a dict."""

    start: date
    kwh: float | None
    measured_kwh: float | None
    method: str | None
    coverage_percent: float | None
    marks: list[str]


_NO_MARKS: list[str] = []


def _each(periods: Periods) -> list[_Figure]:
    starts, kwh, measured, methods, marks, covered, expected = periods
    words = [Mark(marked).words if marked else _NO_MARKS for marked in marks]
    return list(map(_Figure, starts, kwh, measured, methods, percents(covered, expected), words))


class EnergyCorrectionRequest(Value):
    """What a device gave in a period, and why its counter is not to be believed."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "first_day": "2026-06-01",
                    "last_day": "2026-06-03",
                    "kwh": 61.4,
                    "reason": "Meter replaced; read off the old one's display",
                }
            ]
        }
    )

    first_day: _Day = Field(title="First day", description="At the plant", examples=["2026-06-01"])
    last_day: _Day = Field(title="Last day", description="Included", examples=["2026-06-03"])
    kwh: Annotated[float, Number(0, 1_000_000_000, "kWh")] = Field(
        title="Generation of all these days (kWh)",
        description="Shared out over the days as they were measured to each other",
        examples=[61.4],
    )
    reason: Annotated[str, Text(1000)] = Field(title="Why", examples=["Meter replaced; read off the old one's display"])


class EnergyCorrectionAnswer(Answer):
    """A line of the ledger. `undone_at` null: it is in force."""

    id: UUID = Field(title="Id")
    device_id: UUID = Field(title="Device")
    first_day: date = Field(title="First day", examples=["2026-06-01"])
    last_day: date = Field(title="Last day", description="Included", examples=["2026-06-03"])
    kwh_before: float | None = Field(title="Before (kWh)", description="Null: nothing was known", examples=[9016.3])
    kwh: float = Field(title="After (kWh)", examples=[61.4])
    reason: str = Field(title="Why", examples=["Meter replaced"])
    corrected_by: UUID | None = Field(title="By whom", description="Null: by the operator of the hub")
    corrected_at: datetime = Field(title="When", examples=["2026-06-21T07:00:00Z"])
    undone_by: UUID | None = Field(title="Undone by whom")
    undone_at: datetime | None = Field(title="Undone when")
