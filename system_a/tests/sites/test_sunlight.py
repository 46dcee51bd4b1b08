"""The sun over arrays against the sun over one instant, which is the definition."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from solarhub.sites.daylight import elevation_deg, is_daylight, night_between
from solarhub.sites.sunlight import are_light, elevations_deg, stretches

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
START = (datetime(2015, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
YEARS = 20 * 365 * 86_400 * 10**6


def some_places(count: int, farthest: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(20151111)
    at = START + random.integers(0, YEARS, count)
    return at, random.uniform(-farthest, farthest, count), random.uniform(-180, 180, count)


def instant(at: int) -> datetime:
    return EPOCH + at * MICROSECOND


def test_the_sun_stands_where_the_definition_places_it_everywhere() -> None:
    at, latitudes, longitudes = some_places(20_000, 90.0)
    found = elevations_deg(at, latitudes, longitudes)
    expected = [
        elevation_deg(instant(t), north, east) for t, north, east in zip(at, latitudes, longitudes, strict=True)
    ]
    assert np.abs(found - expected).max() < 1e-8


def test_within_a_stretch_it_is_day_or_night_throughout() -> None:
    at, latitudes, longitudes = some_places(3_000, 80.0)
    begins, ends, light = stretches(at, latitudes, longitudes)
    assert (begins <= at).all()
    assert (at <= ends).all()
    assert 0.2 < light.mean() < 0.8
    for share in np.linspace(0.0, 1.0, 25):
        between = begins + ((ends - begins) * share).astype(np.int64)
        assert (are_light(between, latitudes, longitudes) == light).all()


def test_a_stretch_reaches_to_within_two_seconds_of_where_the_light_changes() -> None:
    at, latitudes, longitudes = some_places(3_000, 45.0)  # no polar summer or winter here
    begins, ends, light = stretches(at, latitudes, longitudes)
    beyond = 2 * 10**6
    assert (are_light(begins - beyond, latitudes, longitudes) != light).all()
    assert (are_light(ends + beyond, latitudes, longitudes) != light).all()
    assert (ends - begins < 86_400 * 10**6).all()


@settings(max_examples=200)
@given(st.integers(START, START + YEARS), st.floats(-75, 75), st.floats(-180, 180), st.floats(0, 1), st.floats(0, 1))
def test_two_instants_of_one_stretch_of_daylight_have_no_night_between_them(
    at: int, latitude: float, longitude: float, first: float, second: float
) -> None:
    (begins,), (ends,), (light,) = stretches(np.array([at]), np.array([latitude]), np.array([longitude]))
    earlier, later = (int(begins + (ends - begins) * share) for share in sorted((first, second)))
    assert is_daylight(instant(earlier), latitude, longitude) == light
    assert night_between(instant(earlier), instant(later), latitude, longitude) != light
