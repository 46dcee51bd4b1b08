"""Energy of a stretch of time out of what a device reported: from its counters, or as the area under its power."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from solarhub.telemetry.vocabulary import EnergyMethod

LOOK_BACK_SECONDS = 12 * 3600.0
"""How old the last counter before a day may be to count from: older, and the growth may be another day's."""
BRIDGED_INTERVALS = 3
"""Reporting intervals over which power is taken for a straight line; nothing is made up for longer gaps."""


class Reported(NamedTuple):
    """A device's samples in the order of time, as parallel lists: seconds since 1970, kWh, kWh, kW; None: not told."""

    seconds: Sequence[float]
    energy_total: Sequence[float | None]
    energy_today: Sequence[float | None]
    power_output: Sequence[float | None]


class Produced(NamedTuple):
    """Energy in kWh, and how it is known."""

    kwh: float
    method: EnergyMethod


Point = tuple[float, float]


def produced(reported: Reported, start: float, end: float, interval_seconds: float) -> Produced | None:
    """From `start` to `end` (seconds since 1970); None when nothing was reported that tells.

    Counters know what happened while nobody listened, and come first: `energy_total`, then `energy_today`.
    """
    total = _points(reported.seconds, reported.energy_total, start - LOOK_BACK_SECONDS, end)
    if any(at >= start for at, _ in total) and len(total) > 1:
        return Produced(_growth(total, start, restarts_at_midnight=False), EnergyMethod.COUNTER)
    today = _points(reported.seconds, reported.energy_today, start - LOOK_BACK_SECONDS, end)
    if any(at >= start for at, _ in today):
        return Produced(_growth(today, start, restarts_at_midnight=True), EnergyMethod.COUNTER)
    gap = BRIDGED_INTERVALS * interval_seconds
    area = _area(_points(reported.seconds, reported.power_output, start - gap, end + gap), start, end, gap)
    return None if area is None else Produced(area, EnergyMethod.POWER)


def _points(seconds: Sequence[float], values: Sequence[float | None], start: float, end: float) -> list[Point]:
    return [(at, value) for at, value in zip(seconds, values, strict=True) if value is not None and start <= at < end]


def _growth(points: list[Point], start: float, *, restarts_at_midnight: bool) -> float:
    """What a counter has grown by since `start`.

    A fall to less than half is a reset: what it shows then has been counted since. A smaller fall is a flicker of the
    last digit: it counts nothing, and neither does the way back up.
    """
    before = [value for at, value in points if at < start]
    values = [value for at, value in points if at >= start]
    if restarts_at_midnight:
        reference = before[-1] if before and before[-1] <= values[0] else 0.0
    else:
        reference = before[-1] if before else values[0]
    grown = 0.0
    for value in values:
        if value >= reference:
            grown += value - reference
        elif value < reference / 2:
            grown += value
        else:
            continue
        reference = value
    return grown


def _area(points: list[Point], start: float, end: float, gap: float) -> float | None:
    """kWh under straight lines between readings in kW; below zero counts as below zero."""
    pieces = list(_pieces(points, start, end, gap))
    return sum(pieces) / 3600 if pieces else None


def _pieces(points: list[Point], start: float, end: float, gap: float) -> Iterator[float]:
    for (at, power), (next_at, next_power) in pairwise(points):
        first, last = max(at, start), min(next_at, end)
        if next_at - at > gap or last <= first:
            continue
        slope = (next_power - power) / (next_at - at)
        yield (last - first) * (power + slope * ((first + last) / 2 - at))
