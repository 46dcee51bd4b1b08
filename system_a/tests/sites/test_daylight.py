"""The sun against pvlib's NREL SPA, and what counts as a night at places where that is not obvious."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pvlib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solarhub.sites.daylight import elevation_deg, is_daylight, night_between

LAHORE = (31.55, 74.34)
TROMSO = (69.65, 18.96)
LONGYEARBYEN = (78.22, 15.65)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_elevation_is_within_a_tenth_of_a_degree_of_the_nrel_spa_everywhere_from_2000_to_2050() -> None:
    random = np.random.default_rng(20151111)
    worst = 0.0
    for _ in range(60):
        latitude, longitude = float(random.uniform(-90, 90)), float(random.uniform(-180, 180))
        seconds = random.integers(0, 51 * 365 * 86_400, size=50)
        instants = pd.DatetimeIndex(pd.Timestamp("2000-01-01", tz="UTC") + pd.to_timedelta(np.sort(seconds), unit="s"))
        expected = pvlib.solarposition.get_solarposition(instants, latitude, longitude)["elevation"]
        for at, height in zip(instants.to_pydatetime(), expected, strict=True):
            worst = max(worst, abs(elevation_deg(at, latitude, longitude) - height))
    assert worst < 0.02


def test_day_begins_and_ends_in_the_same_minute_as_by_the_nrel_spa() -> None:
    minutes = pd.date_range("2024-03-20", "2024-03-21", freq="1min", tz="UTC")
    expected = pvlib.solarposition.get_solarposition(minutes, *LAHORE)["elevation"] >= 10
    assert [is_daylight(at, *LAHORE) for at in minutes.to_pydatetime()] == expected.tolist()


def test_any_utc_offset_names_the_same_instant() -> None:
    at = datetime.fromisoformat("2024-06-21T12:00:00+05:00")
    assert elevation_deg(at, *LAHORE) == elevation_deg(at.astimezone(UTC), *LAHORE)


def test_there_is_a_night_between_an_evening_and_the_next_morning() -> None:
    evening, morning = instant("2024-03-20T12:00"), instant("2024-03-21T02:30")
    assert is_daylight(evening, *LAHORE)
    assert is_daylight(morning, *LAHORE)
    assert night_between(evening, morning, *LAHORE)


def test_there_is_no_night_between_two_instants_of_one_day() -> None:
    assert not night_between(instant("2024-03-20T02:30"), instant("2024-03-20T12:00"), *LAHORE)


def test_an_instant_under_ten_degrees_is_itself_a_night() -> None:
    assert night_between(instant("2024-03-20T01:00"), instant("2024-03-20T05:00"), *LAHORE)
    assert night_between(instant("2024-03-20T09:00"), instant("2024-03-20T13:30"), *LAHORE)


def test_a_day_that_spans_midnight_utc_is_one_day() -> None:
    honolulu = (21.3, -157.86)
    assert not night_between(instant("2024-06-20T20:00"), instant("2024-06-21T03:00"), *honolulu)


def test_polar_summer_has_no_night_and_polar_winter_no_day() -> None:
    assert not night_between(instant("2024-06-10T00:00"), instant("2024-06-30T00:00"), *LONGYEARBYEN)
    assert night_between(instant("2024-12-20T10:00"), instant("2024-12-20T11:00"), *TROMSO)


def test_midnight_sun_below_ten_degrees_is_a_night() -> None:
    noon = instant("2024-06-21T11:00")
    assert elevation_deg(instant("2024-06-21T23:00"), *TROMSO) > 0
    assert night_between(noon, noon + timedelta(days=1), *TROMSO)


def test_within_a_year_every_place_has_a_night() -> None:
    assert night_between(instant("2024-06-21T00:00"), instant("2025-06-22T00:00"), *LONGYEARBYEN)


@settings(max_examples=60, deadline=None)
@given(
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    start=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    hours=st.floats(0.01, 72),
)
def test_a_night_is_what_looking_every_two_minutes_would_find(
    latitude: float, longitude: float, start: datetime, hours: float
) -> None:
    end = start + timedelta(hours=hours)
    lowest = min(
        elevation_deg(min(start + timedelta(minutes=2 * i), end), latitude, longitude)
        for i in range(int(hours * 30) + 2)
    )
    if abs(lowest - 10) > 0.3:  # between two looks it may be a little lower
        assert night_between(start, end, latitude, longitude) == (lowest < 10)


@pytest.mark.parametrize(("latitude", "expected"), [(90.0, 23.4), (-90.0, -23.4)])
def test_at_a_pole_the_elevation_is_the_declination(latitude: float, expected: float) -> None:
    assert elevation_deg(instant("2024-06-20T20:51"), latitude, 0.0) == pytest.approx(expected, abs=0.05)
