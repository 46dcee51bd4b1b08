"""Times on clocks that are changed twice a year, and dates that could be read either way."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from solarhub.telemetry.portals.clock import Clock, NoTime, check_format, day_ends, order_of
from solarhub.telemetry.portals.maps import DateOrder
from solarhub.telemetry.portals.survey import Wish
from tests.telemetry.portals.files import csv, device, read, utc

BERLIN = "Europe/Berlin"


def times(*written: str, zone: str = BERLIN) -> list[datetime]:
    return list(
        read(csv("time,power_output", *(f"{each},1" for each in written)), wish=Wish(zone, device=device())).only
    )


def test_the_hour_that_the_clocks_show_twice_is_told_apart_by_its_order() -> None:
    written = [f"2025-10-26 {hour}:{minute:02}" for hour in ("01", "02", "02", "03") for minute in (0, 20, 40)]
    instants = [
        utc(2025, 10, 25, 23 + n // 3, n % 3 * 20) if n < 3 else utc(2025, 10, 26, n // 3 - 1, n % 3 * 20)
        for n in range(12)
    ]

    assert times(*written) == instants
    assert times(*reversed(written)) == instants


def test_an_hour_that_is_there_once_is_the_first_of_the_two() -> None:
    found = read(
        csv("time,power_output", "2025-10-26 01:30,1", "2025-10-26 02:30,1", "2025-10-26 03:30,1"),
        wish=Wish(BERLIN, device=device()),
    )

    assert list(found.only) == [utc(2025, 10, 25, 23, 30), utc(2025, 10, 26, 0, 30), utc(2025, 10, 26, 2, 30)]
    assert found.told.ambiguous_times == 1


def test_a_time_that_never_was_is_refused_and_says_which_zone_that_is() -> None:
    found = read(
        csv("time,power_output", "2025-03-30 01:30,1", "2025-03-30 02:30,1"), wish=Wish(BERLIN, device=device())
    )

    assert list(found.only) == [utc(2025, 3, 30, 0, 30)]
    assert found.reasons == [
        "3: 2025-03-30 02:30 was never shown by the clocks of Europe/Berlin, which went forward then"
    ]


def test_each_plant_has_its_own_clock() -> None:
    found = read(
        csv("time,device,power_output", "2025-06-21 12:00,West,1", "2025-06-21 12:00,East,1"),
        devices=[device("West", key=1, zone=BERLIN), device("East", key=2)],
    )

    assert {name: list(rows) for name, rows in found.rows.items()} == {
        "West": [utc(2025, 6, 21, 10)],
        "East": [utc(2025, 6, 21, 7)],
    }


def test_a_written_offset_stands_above_every_zone() -> None:
    assert times("2025-06-21T12:00:00+02:00", "2025-06-21T12:05:00Z", zone="Asia/Karachi") == [
        utc(2025, 6, 21, 10),
        utc(2025, 6, 21, 12, 5),
    ]


def test_one_date_of_a_file_decides_for_all() -> None:
    assert times("03/04/2025 12:00", "25/04/2025 12:00", zone="UTC") == [utc(2025, 4, 3, 12), utc(2025, 4, 25, 12)]
    assert times("03/04/2025 12:00", "03/25/2025 12:00", zone="UTC") == [utc(2025, 3, 4, 12), utc(2025, 3, 25, 12)]


def test_dates_that_could_be_either_are_told_and_can_be_said() -> None:
    body = csv("time,power_output", "03/04/2025 12:00,1", "04/04/2025 12:00,1")

    assert read(body).told.order_is_open
    for order, month in ((DateOrder.DAY_FIRST, 4), (DateOrder.MONTH_FIRST, 3)):
        found = read(body, wish=Wish("UTC", order, device=device()))
        assert not found.told.order_is_open
        assert min(found.only).month == month


def test_rows_of_an_unset_clock_and_of_the_future_are_refused() -> None:
    found = read(csv("time,power_output", "1970-01-01 05:00,1", "2026-09-02 12:00,1", "yesterday,1", ",1"))

    assert found.rows == {}
    assert [reason.split(";")[0] for reason in found.reasons] == [
        "2: 1970-01-01 05:00 lies before the year 2000: the clock had not been set",
        "3: 2026-09-02 12:00 lies in the future",
        "4: yesterday is no time",
        "5:  is no time",
    ]


def test_a_day_that_is_not_over_yet_is_no_day() -> None:
    found = read(csv("date,energy_today", "2026-08-31,14", "2026-09-01,3"))

    assert list(found.only) == [utc(2026, 8, 30, 19), utc(2026, 8, 31, 18, 59, 59)]
    assert "2026-09-01 is a day that is not over yet" in found.reasons[0]


def test_a_day_of_the_plant_may_have_23_hours() -> None:
    first, last = day_ends(datetime(2025, 3, 30, tzinfo=ZoneInfo(BERLIN)).date(), ZoneInfo(BERLIN))

    assert last + 1_000_000 - first == 23 * 3_600_000_000


@pytest.mark.parametrize("form", ["%d/%m/%Y %I:%M %p", "%b %d, %Y %H:%M", "iso", "seconds"])
def test_formats_tell_a_day(form: str) -> None:
    check_format(form)


def test_formats_know_which_comes_first() -> None:
    assert order_of("%d/%m/%Y") is DateOrder.DAY_FIRST
    assert order_of("%m/%d/%Y") is DateOrder.MONTH_FIRST
    assert order_of("%Y-%m-%d") is order_of("iso") is order_of("%d %b %Y") is None


def test_seconds_since_1970_are_a_time_where_the_map_says_so() -> None:
    assert times("1750489200", zone=BERLIN) == [utc(2025, 6, 21, 7)]
    with pytest.raises(NoTime):
        Clock(["iso"], ZoneInfo("UTC")).read("1750489200")
