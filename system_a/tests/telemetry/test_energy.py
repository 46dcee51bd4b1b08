"""A day's energy, from counters or from power."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.energy import Produced, Reported, produced
from solarhub.telemetry.vocabulary import EnergyMethod

DAY = 86_400.0
HOUR = 3600.0
Told = Sequence[tuple[float, float | None]]


def of(*, total: Told = (), today: Told = (), power: Told = (), interval: float = 60.0) -> Produced | None:
    """Energy of the day from 0 to 86,400 s; a series is [(second, value)]."""
    every = sorted({at for series in (total, today, power) for at, _ in series})
    lists = [[dict(series).get(at) for at in every] for series in (total, today, power)]
    return produced(Reported(every, *lists), 0, DAY, interval)


def counted(kwh: float) -> Any:
    return (pytest.approx(kwh, abs=1e-6), EnergyMethod.COUNTER)


def measured(kwh: float) -> Any:
    return (pytest.approx(kwh), EnergyMethod.POWER)


def test_nothing_reported_tells_nothing() -> None:
    assert of() is None
    assert of(power=[(HOUR, 3.0)]) is None


def test_a_total_counts_from_its_last_value_before_midnight() -> None:
    assert of(total=[(-60, 1000.0), (6 * HOUR, 1001.0), (20 * HOUR, 1030.5)]) == counted(30.5)


def test_a_total_from_too_long_before_midnight_is_another_days() -> None:
    assert of(total=[(-13 * HOUR, 900.0), (6 * HOUR, 1001.0), (20 * HOUR, 1030.5)]) == counted(29.5)


def test_what_came_after_the_day_is_not_the_days() -> None:
    assert of(total=[(0, 1000.0), (20 * HOUR, 1030.0), (DAY, 1031.0)]) == counted(30)


def test_a_total_that_was_reset_counts_on_from_zero() -> None:
    assert of(total=[(0, 1000.0), (9 * HOUR, 1010.0), (10 * HOUR, 0.5), (20 * HOUR, 15.0)]) == counted(25)


def test_a_total_whose_last_digit_flickers_counts_nothing_twice() -> None:
    assert of(total=[(0, 1000.2), (1, 1000.1), (2, 1000.2), (3, 1000.1), (4, 1000.4)]) == counted(0.2)


def test_one_value_of_a_total_tells_nothing_and_the_next_source_is_asked() -> None:
    assert of(total=[(HOUR, 1000.0)], today=[(HOUR, 7.0)]) == counted(7)


def test_a_daily_counter_starts_from_zero_at_midnight() -> None:
    assert of(today=[(-60, 31.0), (6 * HOUR, 0.1), (20 * HOUR, 28.4)]) == counted(28.4)


def test_a_daily_counter_that_is_reset_late_does_not_bring_yesterday_along() -> None:
    assert of(today=[(-60, 31.0), (60, 31.0), (120, 31.0), (180, 0.0), (20 * HOUR, 28.4)]) == counted(28.4)


def test_a_daily_counter_heard_once_tells_the_energy_until_then() -> None:
    assert of(today=[(15 * HOUR, 20.0)]) == counted(20)


def test_power_is_the_area_under_straight_lines() -> None:
    assert of(power=[(0, 0.0), (60, 6.0), (120, 6.0)]) == measured((3 + 6) / 60)


def test_power_drawn_at_night_is_subtracted() -> None:
    assert of(power=[(60.0 * n, -0.004) for n in range(61)]) == measured(-0.004)


def test_a_gap_of_three_intervals_is_bridged_and_a_longer_one_is_not() -> None:
    assert of(power=[(0, 6.0), (180, 6.0)]) == measured(0.3)
    assert of(power=[(0, 6.0), (181, 6.0)]) is None
    assert of(power=[(0, 6.0), (181, 6.0)], interval=61.0) == measured(6 * 181 / 3600)


def test_power_is_cut_at_midnight() -> None:
    assert of(power=[(-60, 0.0), (60, 2.0)]) == measured(1.5 / 60)
    assert of(power=[(DAY - 60, 2.0), (DAY + 60, 0.0)]) == measured(1.5 / 60)


def test_what_is_not_told_in_a_sample_is_no_zero() -> None:
    assert of(power=[(0, 6.0), (60, None), (120, 6.0)], today=[(60, None)]) == measured(0.2)


@given(st.lists(st.floats(0, 50), min_size=2, max_size=60), st.integers(0, 3), st.randoms())
def test_a_counter_through_resets_and_gaps_tells_what_was_generated(
    steps: list[float], resets: int, chance: Random
) -> None:
    reset_at = set(chance.sample(range(1, len(steps)), min(resets, len(steps) - 1)))
    counter, true, readings = 5000.0, 0.0, []
    for number, step in enumerate(steps):
        counter = step if number in reset_at else counter + step
        if number:
            true += step
        readings.append((600.0 * number, counter))
    seen_resets = all(readings[n][1] < readings[n - 1][1] / 2 for n in reset_at)

    found = of(total=readings)
    if seen_resets:  # a counter that had hardly counted anything hides its reset
        assert found == counted(true)
    assert found is not None
    assert found.kwh >= 0
