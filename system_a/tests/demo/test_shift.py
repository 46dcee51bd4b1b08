"""A recording is moved by whole days, as far as it goes without ending in the future."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from solarhub.demo.shift import whole_days

instants = st.integers(0, 10**15).map(
    lambda microseconds: datetime(2010, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


@given(last=instants, now=instants)
def test_the_last_sample_is_never_in_the_future_and_less_than_a_day_old(last: datetime, now: datetime) -> None:
    moved = last + whole_days(last, now)
    assert timedelta(0) <= now - moved < timedelta(days=1)


@given(last=instants, now=instants)
def test_it_is_moved_by_whole_days_so_that_the_time_of_day_stays(last: datetime, now: datetime) -> None:
    assert whole_days(last, now) % timedelta(days=1) == timedelta(0)


def test_a_recording_that_ends_this_very_moment_is_not_moved() -> None:
    now = datetime(2026, 5, 1, 12, tzinfo=UTC)
    assert whole_days(now, now) == timedelta(0)
    assert whole_days(now + timedelta(microseconds=1), now) == timedelta(days=-1)
