"""What an energy counter has grown by: through resets, roll-overs, standstills, silence, and in whatever pieces."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.rollups.counters import Gap, Rules, Standing, Walked, walk
from solarhub.telemetry.rollups.vocabulary import Mark

QUARTER = 900.0
DAY = 86_400.0
NOON = 43_200.0
MINUTELY = Rules(60.0)
FIVE_KW = Rules(60.0, ceiling_kw=6.0)
DAILY = Rules(60.0, is_daily=True)
Told = Sequence[tuple[float, float]]


def quarters(readings: Told, rules: Rules, before: Standing | None = None) -> list[Walked]:
    """Quarter by quarter, each from what the one before left: as roll-ups do it."""
    walked = []
    standing = before
    for start in sorted({at // QUARTER * QUARTER for at, _ in readings}):
        mine = [(at, kwh) for at, kwh in readings if start <= at < start + QUARTER]
        found = walk(mine, standing, start, start // DAY * DAY, rules)
        walked.append(found)
        assert found.standing is not None
        ended = mine[-1][0]
        stands = found.standing.moved_at < start
        standing = found.standing._replace(at=ended, moved_at=found.standing.moved_at if stands else ended)
    return walked


def total(walked: Sequence[Walked]) -> float:
    """Of readings and of gaps."""
    return sum(each.kwh or 0 for each in walked) + sum(gap.kwh for each in walked for gap in each.gaps)


def one(before: tuple[float, float], after: tuple[float, float], rules: Rules) -> Any:
    """From one reading to the next, in another quarter or in the same."""
    standing = Standing(before[1], before[0], before[0])
    start = after[0] // QUARTER * QUARTER
    return walk([after], standing, start, after[0] // DAY * DAY, rules)


def test_a_first_reading_tells_nothing_to_count_from() -> None:
    assert walk([(NOON, 812.0)], None, NOON, 0, MINUTELY) == (None, [], Mark(0), Standing(812.0, NOON, NOON))


def test_growth_belongs_to_the_reading_that_tells_of_it() -> None:
    assert one((NOON - 60, 812.0), (NOON, 812.1), MINUTELY)[:3] == (pytest.approx(0.1), [], Mark(0))


def test_growth_after_silence_is_booked_to_the_silence() -> None:
    found = one((NOON - 3600, 812.0), (NOON, 816.0), FIVE_KW)
    assert found.kwh == 0
    assert found.gaps == [Gap(NOON - 3600, NOON, 4.0, Mark.GAP)]


def test_silence_within_a_quarter_stays_in_it_and_is_marked() -> None:
    assert walk([(NOON, 1.0), (NOON + 600, 1.5)], None, NOON, 0, MINUTELY)[:3] == (0.5, [], Mark.GAP)


def test_what_an_inverter_gives_in_its_first_minute_of_the_day_is_no_gap() -> None:
    assert one((0.0, 812.0), (NOON, 812.05), FIVE_KW)[:3] == (pytest.approx(0.05), [], Mark(0))


def test_a_counter_that_stood_while_its_logger_caught_up_is_booked_to_the_standstill() -> None:
    standing = Standing(812.0, NOON - 60, NOON - 4 * 3600)
    found = walk([(NOON, 830.0)], standing, NOON, 0, FIVE_KW)
    assert found.gaps == [Gap(NOON - 4 * 3600, NOON, 18.0, Mark.CATCH_UP)]


def test_a_standstill_reaches_back_through_quarters_that_were_rolled_before() -> None:
    still = [(NOON + 60 * n, 500.0) for n in range(121)]
    walked = quarters([(NOON - 60, 499.9), *still, (NOON + 7260, 511.0)], FIVE_KW)
    [gap] = [gap for each in walked for gap in each.gaps]
    # it moved last in the first of those quarters, and that is known to a quarter
    assert (gap.kwh, gap.ended, gap.marks) == (11.0, NOON + 7260, Mark.CATCH_UP)
    assert NOON <= gap.started <= NOON + QUARTER
    assert total(walked) == pytest.approx(11.1)


def test_a_counter_of_whole_kilowatt_hours_catches_up_with_nothing() -> None:
    walked = quarters([(NOON + 60 * n, float(n * 5 // 60)) for n in range(240)], FIVE_KW)
    assert all(each.marks == 0 and each.gaps == [] for each in walked)


def test_a_jump_beyond_everything_possible_is_another_counter() -> None:
    found = one((NOON - 60, 812.0), (NOON, 90_000.0), FIVE_KW)
    assert (found.kwh, found.gaps, found.marks) == (0, [], Mark.REPLACED)


def test_a_counter_that_begins_again_has_counted_what_it_shows() -> None:
    assert one((NOON - 60, 812.0), (NOON, 0.1), FIVE_KW)[:3] == (0.1, [], Mark.RESET)


@pytest.mark.parametrize("shown", [600.0, 300.0])
def test_a_device_in_the_place_of_another_gives_nothing_by_being_put_there(shown: float) -> None:
    assert one((NOON - 60, 812.0), (NOON, shown), FIVE_KW)[:3] == (0, [], Mark.REPLACED)


def test_a_last_digit_that_flickers_counts_nothing_twice() -> None:
    readings = [(NOON + n, value) for n, value in enumerate([1000.2, 1000.1, 1000.2, 1000.1, 1000.4])]
    assert walk(readings, None, NOON, 0, MINUTELY).kwh == pytest.approx(0.2)


def test_a_flicker_between_two_quarters_counts_nothing_twice() -> None:
    walked = quarters([(NOON - 60, 1000.2), (NOON, 1000.1), (NOON + 1000, 1000.2)], Rules(600.0))
    assert total(walked) == 0


@pytest.mark.parametrize(("register", "before", "after"), [(6553.6, 6553.5, 0.1), (429_496_729.6, 429_496_729.5, 0.1)])
def test_a_register_that_ends_goes_on_from_zero(register: float, before: float, after: float) -> None:
    found = one((NOON - 60, before), (NOON, after), FIVE_KW._replace(register_kwh=register))
    assert (found.kwh, found.marks) == (pytest.approx(0.2, abs=1e-6), Mark.ROLL_OVER)


def test_a_reset_far_from_the_end_of_its_register_is_no_roll_over() -> None:
    assert one((NOON - 60, 812.0), (NOON, 0.05), FIVE_KW._replace(register_kwh=6553.6)).marks == Mark.RESET


def test_a_daily_counter_begins_at_midnight() -> None:
    found = one((DAY - 3600, 31.0), (DAY + 6 * 3600, 0.05), DAILY._replace(ceiling_kw=6.0))
    assert found[:3] == (0.05, [], Mark(0))


def test_a_daily_counter_heard_once_has_counted_since_midnight() -> None:
    found = walk([(DAY + NOON, 20.0)], None, DAY + NOON, DAY, DAILY)
    assert found.gaps == [Gap(DAY, DAY + NOON, 20.0, Mark.GAP)]


def test_a_daily_counter_after_a_day_of_silence_tells_of_today_alone() -> None:
    found = one((NOON, 10.0), (DAY + NOON, 25.0), DAILY)
    assert found.gaps == [Gap(DAY, DAY + NOON, 25.0, Mark.GAP)]


def test_as_much_as_yesterday_after_a_silence_was_given_today() -> None:
    found = one((NOON, 10.0), (DAY + NOON, 10.0), DAILY._replace(ceiling_kw=6.0))
    assert (found.kwh, found.gaps) == (0, [Gap(DAY, DAY + NOON, 10.0, Mark.GAP)])


@pytest.mark.parametrize("shown", [10.0, 10.2])
def test_what_nothing_can_have_given_since_midnight_is_yesterdays(shown: float) -> None:
    found = one((DAY - 600, 10.0), (DAY + 600, shown), DAILY._replace(ceiling_kw=6.0))
    assert total([found]) == pytest.approx(shown - 10)


def test_a_daily_counter_whose_clock_is_late_does_not_bring_yesterday_along() -> None:
    walked = quarters([(DAY - 60, 31.0), (DAY + 60, 31.0), (DAY + 120, 31.0), (DAY + 180, 0.0)], DAILY)
    assert total(walked[1:]) == 0


# ------------------------------------------------------------------------------------------------------- properties

Life = list[tuple[float, float]]


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, float]:
    """A counter's readings, with silence and resets in it, and what was really generated."""
    at, kwh, true = 0.0, draw(st.floats(100, 5000)), 0.0
    readings: Life = [(at, kwh)]
    for _ in range(draw(st.integers(1, 80))):
        at += draw(st.sampled_from([60.0, 60.0, 60.0, 300.0, 1800.0, 40_000.0]))
        step = draw(st.floats(0, 3))
        kwh = step if draw(st.integers(0, 19)) == 0 and kwh > 2 * step else kwh + step
        true += step
        readings.append((at, kwh))
    return readings, true


@given(lives())
def test_the_parts_add_up_to_what_was_generated_through_resets_and_silence(life: tuple[Life, float]) -> None:
    readings, true = life
    seen = all(now >= then or now < then / 2 for (_, then), (_, now) in pairwise(readings))
    walked = quarters(readings, MINUTELY)
    if seen:  # a reset of a counter that had hardly counted looks like a flicker
        assert total(walked) == pytest.approx(true, abs=1e-6)


@given(lives(), st.none() | st.floats(0.5, 50))
def test_no_part_is_below_zero_and_no_gap_ends_before_it_begins(
    life: tuple[Life, float], ceiling_kw: float | None
) -> None:
    for found in quarters(life[0], Rules(60.0, ceiling_kw)):
        assert (found.kwh or 0) >= 0
        assert all(gap.kwh > 0 and gap.started < gap.ended for gap in found.gaps)


@given(st.lists(st.floats(0, 0.1), min_size=2, max_size=200), st.sampled_from([16, 32]))
def test_a_register_of_any_width_may_end_at_any_reading(steps: list[float], bits: int) -> None:
    register = 2**bits / 10
    counter = register - sum(steps) / 2
    readings = [(NOON - 60, counter)]
    for number, step in enumerate(steps):
        counter = (counter + step) % register
        readings.append((NOON + 60 * number, counter))
    walked = quarters(readings, FIVE_KW._replace(register_kwh=register))
    assert total(walked) == pytest.approx(sum(steps), abs=1e-3)


@given(lives(), st.data())
def test_where_the_past_was_cut_makes_no_difference(life: tuple[Life, float], data: st.DataObject) -> None:
    readings = life[0]
    whole = quarters(readings, FIVE_KW)
    starts = sorted({at // QUARTER * QUARTER for at, _ in readings})
    cut = data.draw(st.sampled_from(starts))
    first = [(at, kwh) for at, kwh in readings if at < cut]
    standing = None
    if first:
        walked = quarters(first, FIVE_KW)
        start = first[-1][0] // QUARTER * QUARTER
        last = walked[-1].standing
        assert last is not None
        stands = last.moved_at < start
        standing = last._replace(at=first[-1][0], moved_at=last.moved_at if stands else first[-1][0])
    assert quarters(readings[len(first) :], FIVE_KW, standing) == whole[starts.index(cut) :]
