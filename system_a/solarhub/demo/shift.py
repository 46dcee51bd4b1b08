"""A recording is played as if it were of these days."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from solarhub.sites.daylight import is_daylight


def whole_days(last: datetime, now: datetime) -> timedelta:
    """How far to move a recording whose last sample is at `last`: as far as it goes without ending after `now`.

    A day is 24 hours, so that the sun of the recording and the clock stay together in UTC. Both are aware.
    """
    return timedelta(days=(now - last) // timedelta(days=1))


def daylight_gained(instants: Iterable[datetime], shift: timedelta, latitude: float, longitude: float) -> int:
    """How many more of these instants, which `shift` led to, lie in daylight than did before they were moved.

    Aware instants; the place in degrees, north and east positive. Negative when the days have become shorter.
    """
    return sum(is_daylight(at, latitude, longitude) - is_daylight(at - shift, latitude, longitude) for at in instants)
