"""Windows that are answered, and the days of a site."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from solarhub.kit.errors import Invalid
from solarhub.telemetry.buckets import LONGEST, Window, local_day
from solarhub.telemetry.vocabulary import Resolution

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("resolution", list(Resolution))
def test_each_resolution_reaches_so_far_and_says_what_reaches_further(resolution: Resolution) -> None:
    longest = LONGEST[resolution]
    Window(NOON, NOON + longest, resolution).check()

    with pytest.raises(Invalid, match=rf"bucket: is too fine for a window of {longest.days} days") as caught:
        Window(NOON, NOON + longest + timedelta(seconds=1), resolution).check()
    assert "1d up to 800 days" in caught.value.errors[0].allowed


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1)])
def test_a_window_that_ends_before_it_begins_is_refused(length: timedelta) -> None:
    with pytest.raises(Invalid, match="to: is not after from"):
        Window(NOON, NOON + length, Resolution.RAW).check()


@pytest.mark.parametrize(
    ("zone", "day", "starts", "hours"),
    [
        ("Asia/Karachi", date(2026, 6, 1), "2026-05-31T19:00Z", 24),
        ("Asia/Karachi", date(2008, 6, 1), "2008-05-31T19:00Z", 23),  # summer time began at midnight, to 01:00
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00Z", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00Z", 25),
        ("America/Santiago", date(2025, 9, 7), "2025-09-07T04:00Z", 23),  # there was no midnight
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00Z", 24.5),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00Z", 0),  # a day that never was
    ],
)
def test_a_day_lasts_from_midnight_to_midnight_at_the_site(zone: str, day: date, starts: str, hours: float) -> None:
    start, end = local_day(day, ZoneInfo(zone))

    assert start == datetime.fromisoformat(starts)
    assert end - start == timedelta(hours=hours)
