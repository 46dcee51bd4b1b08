"""Where the sun stands, and whether it is day: pure functions of an instant and a place.

Source: J. Meeus, Astronomical Algorithms, 2nd edition, 1998: chapter 25 (position of the sun, lower accuracy), 22
(obliquity), 12 (sidereal time), 40 (parallax). Within 0.01 degrees of the NREL SPA from 2000 to 2050. No refraction:
it lifts the sun by 0.09 degrees at an elevation of 10.
"""

from datetime import UTC, datetime, timedelta
from math import asin, atan2, cos, degrees, radians, sin

DAYLIGHT_ELEVATION_DEG = 10.0
"""Below it plants give so little, and so unevenly, that their figures say nothing about their health."""

_J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400.0
_CENTURY_DAYS = 36_525.0
_CLOCK_DELAY_DAYS = 69 / _DAY_SECONDS  # terrestrial minus universal time: 64 s in 2000, 69 s in 2020
_PARALLAX_DEG = 0.00244


def elevation_deg(at: datetime, latitude: float, longitude: float) -> float:
    """Elevation of the sun's centre above the horizon in degrees.

    `at` is aware; `latitude` in degrees, north positive; `longitude` in degrees, east positive.

    >>> round(elevation_deg(datetime(2024, 6, 21, 7, tzinfo=UTC), 31.55, 74.34), 1)
    81.8
    """
    declination, hour_angle = _declination_and_hour_angle(at, longitude)
    north = radians(latitude)
    height = asin(sin(declination) * sin(north) + cos(declination) * cos(north) * cos(hour_angle))
    return degrees(height) - _PARALLAX_DEG * cos(height)


def is_daylight(at: datetime, latitude: float, longitude: float) -> bool:
    """Whether the sun stands at 10 degrees or higher; arguments as for `elevation_deg`."""
    return elevation_deg(at, latitude, longitude) >= DAYLIGHT_ELEVATION_DEG


def night_between(start: datetime, end: datetime, latitude: float, longitude: float) -> bool:
    """Whether the sun is under 10 degrees at any time from `start` to `end`.

    Between two instants of daylight it stands lowest at a solar midnight, so those are looked at and nothing else. In a
    polar summer the answer is no, in a polar winter yes.
    """
    if end - start >= 366 * _DAY:
        return True  # no place on earth has the sun over 10 degrees for a whole year
    if not (is_daylight(start, latitude, longitude) and is_daylight(end, latitude, longitude)):
        return True
    _, hour_angle = _declination_and_hour_angle(start, longitude)
    midnight = start + _DAY * ((180.0 - degrees(hour_angle)) % 360.0 / 360.0)
    while midnight < end:
        if not is_daylight(midnight, latitude, longitude):
            return True
        midnight += _DAY  # apparent solar days differ by half a minute: nothing at the turning point of the curve
    return False


def daylight_within(
    start: datetime, end: datetime, latitude: float, longitude: float
) -> list[tuple[datetime, datetime]]:
    """Stretches of daylight from `start` to before `end`: the first microsecond of each, and the one after its last.

    Light that comes or goes for less than ten minutes, as around a noon of a northern winter, may be missed.
    """
    found: list[tuple[datetime, datetime]] = []
    at, light, since = start, is_daylight(start, latitude, longitude), start
    while at < end:
        then = min(at + timedelta(minutes=10), end)
        if is_daylight(then, latitude, longitude) is not light:
            turn = _turn(at, then, latitude, longitude)
            if light:
                found.append((since, turn))
            light, since = not light, turn
        at = then
    if light and since < end:
        found.append((since, end))
    return found


def _turn(before: datetime, after: datetime, latitude: float, longitude: float) -> datetime:
    """The first microsecond that is light or dark as `after` is, and `before` is not."""
    as_after = is_daylight(after, latitude, longitude)
    while after - before > timedelta(microseconds=1):
        middle = before + (after - before) / 2
        if is_daylight(middle, latitude, longitude) is as_after:
            after = middle
        else:
            before = middle
    return after


def _declination_and_hour_angle(at: datetime, longitude: float) -> tuple[float, float]:
    """Both in radians; the hour angle is 0 at solar noon, grows westwards, and is not reduced to one turn."""
    days = (at - _J2000).total_seconds() / _DAY_SECONDS
    centuries = (days + _CLOCK_DELAY_DAYS) / _CENTURY_DAYS
    mean_longitude = 280.46646 + centuries * (36_000.76983 + 0.0003032 * centuries)
    anomaly = radians(357.52911 + centuries * (35_999.05029 - 0.0001537 * centuries))
    centre = (
        (1.914602 - centuries * (0.004817 + 0.000014 * centuries)) * sin(anomaly)
        + (0.019993 - 0.000101 * centuries) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    node = radians(125.04 - 1934.136 * centuries)
    nutation = -0.00478 * sin(node)
    longitude_of_sun = radians(mean_longitude + centre - 0.00569 + nutation)
    obliquity = radians(23.4392911 - 0.0130042 * centuries + 0.00256 * cos(node))
    ascension = atan2(cos(obliquity) * sin(longitude_of_sun), cos(longitude_of_sun))
    declination = asin(sin(obliquity) * sin(longitude_of_sun))
    sidereal = (280.46061837 + 360.98564736629 * days + nutation * cos(obliquity)) % 360.0
    return declination, radians(sidereal + longitude) - ascension
