"""A day of a device: its hours, what gaps bring along, and which of its series tells its energy. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from solarhub.telemetry.rollups.calendar import QUARTER, Place, day_bounds, quarters, shares
from solarhub.telemetry.rollups.energies import GapRow
from solarhub.telemetry.rollups.figures import F, I, Rolled
from solarhub.telemetry.rollups.packing import UNKNOWN

COUNTER, POWER = 1, 2
_SOURCES = (("energy_total", COUNTER), ("energy_today", COUNTER), ("power_output", POWER))
"""What tells a device's energy, the best first."""
_BY_THE_SUN = ("energy_", "power_dc")


class Energy(NamedTuple):
    """Of each day: kWh (NaN: nothing tells), how it is known, and what to know of it."""

    kwh: F
    method: I
    marks: I


def within_one_hour(gap: GapRow, zone: str) -> int | None:
    """Where the site's hour begins in which a gap lies, if it lies in one."""
    ends = np.array([gap.started, gap.ended - 1], np.int64) // QUARTER * QUARTER
    first, last = quarters(ends, zone).hours.tolist()
    return int(first) if first == last else None


def in_hours(gaps: Iterable[GapRow], places: Mapping[int, Place]) -> list[tuple[Rolled, I]]:
    """Gaps that lie within one hour of their site, as buckets of nothing else, each beside where that hour begins."""
    found = []
    for gap in gaps:
        hour = within_one_hour(gap, places[gap.device_key].zone)
        if hour is not None:
            found.append(_bucket(gap.device_key, hour, gap.series, gap.kwh, gap.marks))
    return found


def in_days(gaps: Iterable[GapRow], places: Mapping[int, Place]) -> dict[tuple[int, int], list[tuple[Rolled, I]]]:
    """Longer ones, shared out over the days of their site: by device and day."""
    found: dict[tuple[int, int], list[tuple[Rolled, I]]] = {}
    for gap in gaps:
        place = places[gap.device_key]
        if within_one_hour(gap, place.zone) is None:
            for day, share in shares(gap.started, gap.ended, place, by_sun=gap.series.startswith(_BY_THE_SUN)):
                start, _ = day_bounds(day, place.zone)
                bucket = _bucket(gap.device_key, start, gap.series, gap.kwh * share, gap.marks)
                found.setdefault((gap.device_key, day), []).append(bucket)
    return found


def _bucket(device_key: int, start: int, series: str, kwh: float, marks: int) -> tuple[Rolled, I]:
    nothing, begins = np.full((1, 1), np.nan), np.array([start], np.int64)
    made = Rolled(
        series=(series,),
        device_keys=np.array([device_key], np.int64),
        starts=begins,
        last_at=np.array([UNKNOWN], np.int64),
        samples=np.zeros(1, np.int64),
        intervals=np.zeros(1, np.int64),
        mean=nothing,
        least=nothing,
        greatest=nothing,
        last=nothing,
        kwh=np.full((1, 1), kwh),
        reported=np.zeros((1, 1), np.int64),
        marks=np.full((1, 1), marks, np.int64),
        moved=nothing,
    )
    return made, begins


def energy(part: Rolled) -> Energy:
    """Of the first source that tells; a counter that has never counted tells nothing where another does."""
    count = len(part.starts)
    kwh, method, marks = np.full(count, np.nan), np.zeros(count, np.int64), np.zeros(count, np.int64)
    zero_kwh, zero_method = np.full(count, np.nan), np.zeros(count, np.int64)
    for name, how in _SOURCES:
        if name not in part.series:
            continue
        place = part.series.index(name)
        told, here = part.kwh[:, place], np.isnan(kwh)
        dead = (how == COUNTER) & (part.greatest[:, place] == 0) & (told == 0)
        unset = here & dead & np.isnan(zero_kwh)
        zero_kwh[unset], zero_method[unset] = 0.0, how
        these = here & ~np.isnan(told) & ~dead
        kwh[these], method[these], marks[these] = told[these], how, part.marks[these, place]
    dead_alone = np.isnan(kwh) & ~np.isnan(zero_kwh)
    return Energy(np.where(dead_alone, zero_kwh, kwh), np.where(dead_alone, zero_method, method), marks)
