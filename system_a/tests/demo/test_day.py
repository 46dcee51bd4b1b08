"""The recording of Sandia's plant, moved to the present."""

from datetime import UTC, datetime, timedelta

import pytest

from solarhub.demo.day import Day
from solarhub.demo.plants import PLANTS

PECOS = PLANTS["pecos"]
NOVEMBER = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_whole_recording_ends_less_than_a_day_ago_and_keeps_its_time_of_day() -> None:
    day = Day.of(PECOS, NOVEMBER)
    assert len(day.samples) == 3 * 1351
    assert day.samples[0].at == datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert day.samples[-1].at == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)


def test_parts_sent_one_after_the_other_make_the_whole() -> None:
    noon = datetime(2015, 11, 11, 12)  # noqa: DTZ001 - by the plant's own clock, as a person types it
    morning = Day.of(PECOS, NOVEMBER, until=noon - timedelta(minutes=1))
    afternoon = Day.of(PECOS, NOVEMBER, start=noon)
    assert [*morning.samples, *afternoon.samples] == Day.of(PECOS, NOVEMBER).samples
    assert afternoon.samples[0].at == datetime(2026, 11, 22, 19, 0, tzinfo=UTC)


def test_a_part_that_holds_nothing_says_what_there_is() -> None:
    with pytest.raises(ValueError, match="from 2015-11-11T00:00 until 2015-11-11T22:30"):
        Day.of(PECOS, NOVEMBER, start=datetime(2015, 11, 12))  # noqa: DTZ001 - as above


def test_a_november_day_gains_daylight_in_june_and_hardly_any_in_november() -> None:
    assert abs(Day.of(PECOS, NOVEMBER).daylight_gained) < timedelta(minutes=45)
    assert Day.of(PECOS, datetime(2026, 6, 21, 12, tzinfo=UTC)).daylight_gained > timedelta(hours=3)
