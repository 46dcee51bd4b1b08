"""Where the sun stands at many instants and places at once: what `daylight` defines for one, over arrays.

Instants are microseconds since 1970 UTC; latitudes and longitudes in degrees, north and east positive.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solarhub.sites.daylight import DAYLIGHT_ELEVATION_DEG

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_J2000_MICROSECONDS = 946_728_000_000_000
_DAY_MICROSECONDS = 86_400_000_000
_DAY_SECONDS = 86_400.0
_CENTURY_DAYS = 36_525.0
_CLOCK_DELAY_DAYS = 69 / _DAY_SECONDS
_PARALLAX_DEG = 0.00244
_CLOSE_ENOUGH_MICROSECONDS = 2**20
_HALVINGS = 17  # of a day, until it is close enough


class Stretches(NamedTuple):
    """For each instant asked for a stretch of time around it, both ends included, in which it is day or night as then.

    Not the longest one: it ends a second before the light changes, and at the next turning point of the sun in a polar
    summer or winter.
    """

    begins: Int64s
    ends: Int64s
    light: Flags


def elevations_deg(at: Int64s, latitudes: Floats, longitudes: Floats) -> Floats:
    """As `daylight.elevation_deg`, element by element."""
    declination, hour_angle = _declinations_and_hour_angles(at, longitudes)
    north = np.radians(latitudes)
    height = np.arcsin(np.sin(declination) * np.sin(north) + np.cos(declination) * np.cos(north) * np.cos(hour_angle))
    elevations: Floats = np.degrees(height) - _PARALLAX_DEG * np.cos(height)
    return elevations


def are_light(at: Int64s, latitudes: Floats, longitudes: Floats) -> Flags:
    """As `daylight.is_daylight`, element by element."""
    return elevations_deg(at, latitudes, longitudes) >= DAYLIGHT_ELEVATION_DEG


def stretches(at: Int64s, latitudes: Floats, longitudes: Floats) -> Stretches:
    """Day or night around each instant.

    From a midnight to the next the sun rises once and sets once: between an instant of the day and the midnight before
    it lies one sunrise, if that midnight is dark; the same holds at night with noons.
    """
    light = are_light(at, latitudes, longitudes)
    _, hour_angle = _declinations_and_hour_angles(at, longitudes)
    since_noon = np.degrees(hour_angle) % 360.0 / 360.0
    since_turn = np.where(light, (since_noon + 0.5) % 1.0, since_noon)
    turn_before = at - (since_turn * _DAY_MICROSECONDS).astype(np.int64)
    turn_after = turn_before + _DAY_MICROSECONDS
    begins = _towards(at, turn_before, light, latitudes, longitudes)
    ends = _towards(at, turn_after, light, latitudes, longitudes)
    return Stretches(begins, ends, light)


def _towards(at: Int64s, turn: Int64s, light: Flags, latitudes: Floats, longitudes: Floats) -> Int64s:
    """The farthest known instant from `at` in the direction of `turn` that is as `at` is, light or not."""
    same, other = at.copy(), turn.copy()
    reached = are_light(turn, latitudes, longitudes) == light
    for _ in range(_HALVINGS):
        middle = same + (other - same) // 2
        as_here = are_light(middle, latitudes, longitudes) == light
        same, other = np.where(as_here, middle, same), np.where(as_here, other, middle)
    return np.where(reached, turn, same)


def _declinations_and_hour_angles(at: Int64s, longitudes: Floats) -> tuple[Floats, Floats]:
    """The formulas of `daylight`, in their order, so that the last digits agree."""
    days = (at - _J2000_MICROSECONDS) / 1e6 / _DAY_SECONDS
    centuries = (days + _CLOCK_DELAY_DAYS) / _CENTURY_DAYS
    mean_longitude = 280.46646 + centuries * (36_000.76983 + 0.0003032 * centuries)
    anomaly = np.radians(357.52911 + centuries * (35_999.05029 - 0.0001537 * centuries))
    centre = (
        (1.914602 - centuries * (0.004817 + 0.000014 * centuries)) * np.sin(anomaly)
        + (0.019993 - 0.000101 * centuries) * np.sin(2 * anomaly)
        + 0.000289 * np.sin(3 * anomaly)
    )
    node = np.radians(125.04 - 1934.136 * centuries)
    nutation = -0.00478 * np.sin(node)
    longitude_of_sun = np.radians(mean_longitude + centre - 0.00569 + nutation)
    obliquity = np.radians(23.4392911 - 0.0130042 * centuries + 0.00256 * np.cos(node))
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude_of_sun), np.cos(longitude_of_sun))
    declination = np.arcsin(np.sin(obliquity) * np.sin(longitude_of_sun))
    sidereal = (280.46061837 + 360.98564736629 * days + nutation * np.cos(obliquity)) % 360.0
    return declination, np.radians(sidereal + longitudes) - ascension
