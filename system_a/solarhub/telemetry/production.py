"""What many devices produced in one stretch of time: their energy, and the course of their power."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from solarhub.kit.db import Session
from solarhub.telemetry.energy import BRIDGED_INTERVALS, LOOK_BACK_SECONDS, Reported, produced
from solarhub.telemetry.queries import reading as queries

QUARTER_SECONDS = 900.0


class Production(NamedTuple):
    """`kwh` None: nothing was reported that tells. `course`: mean power in kW of each quarter of an hour, or None."""

    kwh: float | None
    course: list[float | None]


async def production(
    session: Session, intervals: Mapping[int, timedelta], start: datetime, end: datetime
) -> dict[int, Production]:
    """By device_key, for those of `intervals` (how often each reports) that reported at all from `start` to `end`."""
    if not intervals:
        return {}
    bridged = BRIDGED_INTERVALS * max(intervals.values())
    look_back = max(timedelta(seconds=LOOK_BACK_SECONDS), bridged)
    reported = await queries.energy_readings(session, list(intervals), start - look_back, end + bridged)
    begins, ends = start.timestamp(), end.timestamp()
    found = {}
    for key, told in reported:
        energy = produced(told, begins, ends, intervals[key].total_seconds())
        found[key] = Production(energy.kwh if energy else None, _course(told, begins, ends))
    return found


async def grown_since(session: Session, newest: Mapping[int, float], start: datetime) -> dict[int, float]:
    """Energy in kWh since `start`, by device_key, of devices whose newest `energy_total` in kWh is given.

    One whose counter has fallen since, or that tells nothing to count from, is left out.
    """
    if not newest:
        return {}
    totals = await queries.totals_at(session, list(newest), start, timedelta(seconds=LOOK_BACK_SECONDS))
    return {key: newest[key] - kwh for key, kwh in totals.items() if newest[key] >= kwh}


def _course(told: Reported, start: float, end: float) -> list[float | None]:
    quarters = int((end - start) // QUARTER_SECONDS)
    sums, counts = [0.0] * quarters, [0] * quarters
    for at, power in zip(told.seconds, told.power_output, strict=True):
        quarter = int((at - start) // QUARTER_SECONDS)
        if power is not None and 0 <= quarter < quarters:
            sums[quarter] += power
            counts[quarter] += 1
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]
