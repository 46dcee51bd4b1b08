"""A plant's recording as if it were of these days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from solarhub.demo.plant import Plant, PlantSample
from solarhub.demo.shift import daylight_gained, whole_days


@dataclass(frozen=True, slots=True)
class Day:
    """What is left to send, in time order, `shift` later than it was recorded."""

    plant: Plant
    samples: Sequence[PlantSample]
    shift: timedelta

    @classmethod
    def of(cls, plant: Plant, now: datetime, *, start: datetime | None = None, until: datetime | None = None) -> Self:
        """The recording, or its part from `start` to `until`, both included: naive times by the plant's own clock.

        How far it is moved depends on the whole of it, so that parts sent one after the other fit together.
        Raises ValueError where nothing is left.
        """
        recorded = list(plant.read())
        zone = ZoneInfo(plant.timezone)
        first = start.replace(tzinfo=zone) if start else recorded[0].at
        last = until.replace(tzinfo=zone) if until else recorded[-1].at
        shift = whole_days(recorded[-1].at, now)
        samples = [replace(sample, at=sample.at + shift) for sample in recorded if first <= sample.at <= last]
        if not samples:
            own = [f"{sample.at.astimezone(zone):%Y-%m-%dT%H:%M}" for sample in (recorded[0], recorded[-1])]
            raise ValueError(f"leaves nothing of the recording, which is from {own[0]} until {own[1]}")
        return cls(plant, samples, shift)

    @property
    def daylight_gained(self) -> timedelta:
        """How much more daylight its samples lie in now than when they were recorded; negative for less."""
        plant, one = self.plant, self.plant.devices[0]
        instants = (sample.at for sample in self.samples if sample.device == one.name)
        gained = daylight_gained(instants, self.shift, plant.latitude, plant.longitude)
        return timedelta(seconds=gained * one.reporting_interval_seconds)
