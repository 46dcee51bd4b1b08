"""Quarantine as requests ask for it and answers show it."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer
from solarhub.kit.moments import Instant
from solarhub.kit.paging import Page
from solarhub.telemetry.quarantine.explaining import explained
from solarhub.telemetry.vocabulary import Reason

_REASON = Field(title="Why, as a code", examples=["implausible"])
_METRIC = Field(title="Metric, with its channel", description="Null: the whole sample", examples=["voltage_dc:string1"])


class _Chosen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    device_id: Annotated[UUID | None, Field(title="Of this device alone")] = None
    reason: Annotated[Reason | None, Field(title="For this reason alone")] = None
    metric: Annotated[str | None, Field(title="Of this metric alone", max_length=100)] = None
    since: Annotated[Instant | None, Field(title="Not received before", examples=["2026-06-01T00:00:00Z"])] = None
    until: Annotated[Instant | None, Field(title="Received before", examples=["2026-07-01T00:00:00Z"])] = None


class QuarantineFilter(_Chosen, Page):
    """Which entries to list, newest first."""

    open: Annotated[bool | None, Field(title="Still refused", description="False: read anew and stored since")] = None


class Replay(_Chosen):
    """Which entries to read anew: at most 5,000 at once, the oldest first."""

    dry_run: Annotated[bool, Field(title="Only tell what would become of them")] = False


class EntryAnswer(Answer):
    """A value, or where `metric` is null a whole sample, that was not stored, why, and what to do about it."""

    id: int = Field(title="Number", examples=[41])
    device_id: UUID = Field(title="Device")
    device: str = Field(title="Device's name", examples=["Inverter 1"])
    received_at: datetime = Field(title="Received at")
    at: datetime | None = Field(title="Measured at", description="Null: nobody knows")
    metric: Annotated[str | None, _METRIC]
    reason: Annotated[Reason, _REASON]
    meaning: str = Field(title="What that means")
    remedy: str = Field(title="What to do")
    raw: str = Field(
        title="What was sent", description="Up to 4,096 characters of it", examples=['{"power_output": NaN}']
    )
    replayed_at: datetime | None = Field(title="Read anew and stored at", description="Null: still refused")

    @classmethod
    def of(cls, entry: object) -> Self:
        """Of a row with these columns, but for the two sentences."""
        facts = {name: getattr(entry, name) for name in cls.model_fields if name not in ("meaning", "remedy")}
        return cls(**facts, **explained(Reason(facts["reason"]))._asdict())


class CauseAnswer(Answer):
    """What one device sends again and again that is not stored."""

    device_id: UUID = Field(title="Device")
    device: str = Field(title="Device's name", examples=["Inverter 1"])
    metric: Annotated[str | None, _METRIC]
    reason: Annotated[Reason, _REASON]
    meaning: str = Field(title="What that means")
    remedy: str = Field(title="What to do")
    entries: int = Field(title="How many", examples=[1440])
    first_at: datetime = Field(title="First received at")
    last_at: datetime = Field(title="Last received at")

    @classmethod
    def of(cls, row: object) -> Self:
        facts = {name: getattr(row, name) for name in cls.model_fields if name not in ("meaning", "remedy")}
        return cls(**facts, **explained(Reason(facts["reason"]))._asdict())


class ReplayAnswer(Answer):
    """What became of the entries that were read anew."""

    entries: int = Field(title="Read anew", examples=[1440])
    stored: int = Field(title="Stored now", description="In a dry run: would be", examples=[1440])
    refused: int = Field(title="Refused as before", examples=[0])
    remaining: bool = Field(title="There are more", description="Ask again for the next 5,000")
    examples: list[str] = Field(title="Why some are refused", description="A sentence each, at most five")
