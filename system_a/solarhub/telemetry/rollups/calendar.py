"""Quarters, hours, days and months as a site's clocks have them. Pure; instants are microseconds since 1970 in UTC.

Every zone is a whole number of quarters away from UTC, so that quarters serve all of them. An hour of the site begins
where its clocks show a full hour, or where they are changed: Lord Howe moves them by half an hour, and the hour in
which it does is cut in two.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import radians, sin
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from solarhub.sites.daylight import elevation_deg
from solarhub.telemetry.buckets import local_day

SECOND = 1_000_000
QUARTER = 900 * SECOND
HOUR = 3600 * SECOND
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUARTERS_OF_DAY = 96
_SUN_STEP = 900


class Quarters(NamedTuple):
    """Of a day in UTC, for each of its 96 quarters: where the site's hour began, and which day it is there."""

    hours: NDArray[np.int64]
    days: NDArray[np.int32]
    """Days since 1970."""


def instant(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=int(at))


def day_number(day: date) -> int:
    return day.toordinal() - _EPOCH.toordinal()


def day_of(number: int) -> date:
    return date.fromordinal(int(number) + _EPOCH.toordinal())


def quarters(starts: NDArray[np.int64], zone: str) -> Quarters:
    """The same of any quarters, given by where they begin."""
    utc_days, places = np.divmod(starts, DAY)
    hours = np.empty(len(starts), np.int64)
    days = np.empty(len(starts), np.int32)
    for number in np.unique(utc_days):
        these = utc_days == number
        known = _of_utc_day(int(number), zone)
        hours[these] = known.hours[places[these] // QUARTER]
        days[these] = known.days[places[these] // QUARTER]
    return Quarters(hours, days)


@lru_cache(maxsize=4096)
def _of_utc_day(number: int, zone_name: str) -> Quarters:
    zone = ZoneInfo(zone_name)
    hours, days = [], []
    for place in range(_QUARTERS_OF_DAY):
        start = number * DAY + place * QUARTER
        hours.append(_hour(start, zone))
        days.append(day_number(moment(start).astimezone(zone).date()))
    return Quarters(np.array(hours, np.int64), np.array(days, np.int32))


def _hour(start: int, zone: ZoneInfo) -> int:
    local = moment(start).astimezone(zone)
    began = start - (local.minute * 60 + local.second) * SECOND
    quarter = start
    while quarter > began:  # back to the full hour, but not past a change of the clocks
        if moment(quarter - 1).astimezone(zone).utcoffset() != local.utcoffset():
            return quarter
        quarter -= QUARTER
    return began


@lru_cache(maxsize=65_536)
def day_bounds(number: int, zone_name: str) -> tuple[int, int]:
    """From the site's midnight to the next."""
    start, end = local_day(day_of(number), ZoneInfo(zone_name))
    return instant(start), instant(end)


class Place(NamedTuple):
    """Where a site is: its zone, degrees north, degrees east."""

    zone: str
    latitude: float
    longitude: float


def shares(started: int, ended: int, place: Place, *, by_sun: bool) -> Sequence[tuple[int, float]]:
    """How a time is shared out over the site's days: (day, share), the shares adding up to 1.

    `by_sun`: as the sun stood, because a plant gives nothing at night; evenly where it never rose.
    """
    pieces = _days_between(started, ended, place.zone)
    if len(pieces) == 1:
        return [(pieces[0][0], 1.0)]
    weights = [_sun(start, end, place) for _, start, end in pieces] if by_sun else []
    if not sum(weights):
        weights = [float(end - start) for _, start, end in pieces]
    total = sum(weights)
    return [(number, weight / total) for (number, _, _), weight in zip(pieces, weights, strict=True)]


def _days_between(started: int, ended: int, zone: str) -> list[tuple[int, int, int]]:
    """(day, from, to) of each day that the time touches."""
    pieces = []
    number = day_number(moment(started).astimezone(ZoneInfo(zone)).date())
    at = started
    while at < ended:
        _, midnight = day_bounds(number, zone)
        pieces.append((number, at, min(midnight, ended)))
        at, number = midnight, number + 1
    return pieces


def _sun(start: int, end: int, place: Place) -> float:
    """How much sun came down on level ground under a clear sky, in no particular unit."""
    steps = max(1, (end - start) // (_SUN_STEP * SECOND))
    width = (end - start) / steps
    heights = (
        elevation_deg(moment(int(start + (step + 0.5) * width)), place.latitude, place.longitude)
        for step in range(steps)
    )
    return sum(max(0.0, sin(radians(height))) for height in heights) * width
