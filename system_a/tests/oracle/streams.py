"""Rules and streams by chance: in order or shuffled, repeated, late, with gaps, across nights, from several devices."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pvlib

from tests.oracle.judge import LOWEST_SUN_DEGREES, ExpectedAlert, expected_alerts

Readings = dict[str, float]
Sent = tuple[str, datetime, Readings]
"""A device's name, an instant, and what it reports."""

METRICS = ("power_output", "voltage_dc")
THRESHOLDS = (0.5, 1.0, 2.0)
VALUES = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0)
SPRING = datetime(2026, 3, 21, 9, tzinfo=UTC)
_MARGIN_DEGREES = 0.05
"""Two ways to place the sun differ by less; nothing is sampled closer to the border than that."""


@dataclass(frozen=True)
class Place:
    """Where some devices stand, and how often they report."""

    latitude: float
    longitude: float
    interval_seconds: int
    devices: tuple[str, ...]

    def sun(self, instants: pd.DatetimeIndex) -> "pd.Series[float]":
        positions = pvlib.solarposition.get_solarposition(instants, self.latitude, self.longitude)
        elevation: pd.Series[float] = positions["elevation"]
        return elevation


PLACES = (
    Place(31.52, 74.36, 60, ("Lahore 1", "Lahore 2")),
    Place(24.86, 67.01, 300, ("Karachi 1", "Karachi 2")),
)


def some_rules(chance: random.Random, count: int) -> list[dict[str, Any]]:
    """Rules as the plain documents they are."""
    return [
        {
            "name": f"Rule {number}",
            "condition": {
                "metric": chance.choice(METRICS),
                "operator": chance.choice(["lt", "lte", "gt", "gte", "eq", "neq"]),
                "threshold": chance.choice(THRESHOLDS),
                "duration_seconds": chance.choice([0, 60, 90, 600, 1800]),
                "when": chance.choice(["always", "always", "daylight"]),
            },
            "cooldown_minutes": chance.choice([0, 0, 10, 90]),
            "auto_resolve": chance.random() < 0.75,
        }
        for number in range(count)
    ]


def stream(chance: random.Random, place: Place, device: str, length: int) -> list[Sent]:
    """One device's samples in the order of their time; runs on both sides of the thresholds, some metrics missing."""
    usual = place.interval_seconds
    pauses = [usual] * 14 + [usual // 2, 3 * usual, 3 * usual + 1, 7 * usual]
    at, values, instants = SPRING + timedelta(seconds=chance.randrange(600)), dict.fromkeys(METRICS, 1.0), []
    samples: list[Sent] = []
    for _ in range(length):
        at += timedelta(seconds=chance.choice(pauses) if chance.random() > 0.02 else chance.randrange(3_600, 40_000))
        for metric in METRICS:
            if chance.random() < 0.2:
                values[metric] = chance.choice(VALUES)
        reported = {metric: value for metric, value in values.items() if chance.random() > 0.1}
        instants.append(at)
        samples.append((device, at, reported or dict(values)))
    border = (place.sun(pd.DatetimeIndex(instants)) - LOWEST_SUN_DEGREES).abs()
    return [sample for sample, degrees in zip(samples, border, strict=True) if degrees > _MARGIN_DEGREES]


def disturbed(chance: random.Random, samples: Sequence[Sent]) -> list[Sent]:
    """As they arrive: some a while later than others that were taken after them, some twice."""
    arriving = []
    for number, sample in enumerate(samples):
        delay = chance.choice([0] * 12 + [1, 2, 3, 8, 40])
        arriving.append((number + delay, number, sample))
        if chance.random() < 0.1:
            arriving.append((number + delay + chance.choice([0, 1, 5]), number, sample))
    return [sample for _, _, sample in sorted(arriving, key=lambda each: each[:2])]


def cut(chance: random.Random, samples: Sequence[Sent], longest: int) -> list[list[Sent]]:
    """Into batches as they are committed, one after the other."""
    batches, rest = [], list(samples)
    while rest:
        size = chance.randint(1, longest)
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def judged(batches: Sequence[Sequence[Sent]]) -> dict[str, list[tuple[datetime, Readings]]]:
    """Of each device what is not late: newer than all that came in batches before. What comes twice counts once."""
    found: dict[str, dict[datetime, Readings]] = {}
    newest: dict[str, datetime] = {}
    for batch in batches:
        before = dict(newest)
        for device, at, readings in batch:
            if device not in before or at > before[device]:
                found.setdefault(device, {}).setdefault(at, readings)
            newest[device] = max(at, newest.get(device, at))
    return {device: sorted(samples.items()) for device, samples in found.items()}


def alerts_of(
    rules: Sequence[Mapping[str, Any]], place: Place, samples: Mapping[str, Sequence[tuple[datetime, Readings]]]
) -> list[ExpectedAlert]:
    """What all the rules must say of a place's devices."""
    expected: list[ExpectedAlert] = []
    for device in place.devices:
        instants = pd.DatetimeIndex([at for at, _ in samples[device]])
        between = pd.date_range(instants[0], instants[-1], freq="10min")
        sun = place.sun(instants.union(between))
        for rule in rules:
            metric = rule["condition"]["metric"]
            own = [(at, readings[metric]) for at, readings in samples[device] if metric in readings]
            expected += expected_alerts(rule, device, own, sun=sun, interval_seconds=place.interval_seconds)
    return expected
