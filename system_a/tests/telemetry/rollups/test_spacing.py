"""By which interval silence and coverage are judged: what a device says, or how far apart its rows are."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.rollups.calendar import SECOND
from solarhub.telemetry.rollups.spacing import NEVER, Heard, intervals
from tests.telemetry.rollups.conftest import Plant, at

MINUTE = 60
HOUR = 3600


def judged(seconds: Sequence[float], said: float = 60.0, heard: Heard = NEVER) -> list[float]:
    """Of each row of one device."""
    instants = np.array([round(each * SECOND) for each in seconds], np.int64)
    keys = np.zeros(len(instants), np.int64)
    return [float(each) for each in intervals(instants, keys, np.full(len(instants), said), heard)]


@pytest.mark.parametrize("minutes", [5, 15, 20])
def test_rows_of_the_past_are_judged_by_their_own_spacing(minutes: int) -> None:
    rows = [n * minutes * MINUTE for n in range(240 // minutes)]
    assert judged(rows)[60 // minutes :] == [minutes * MINUTE] * (180 // minutes)


def test_what_a_device_says_counts_where_its_rows_are_closer() -> None:
    assert set(judged([n * 10 for n in range(1000)])) == {60}
    assert set(judged([n * 300 for n in range(40)], said=900.0)) == {900}


def test_silence_between_rows_that_are_close_makes_no_interval_longer() -> None:
    rows = [n * MINUTE for n in range(180) if n % 60 < 20 or n % 60 > 50]
    assert set(judged(rows)) == {60}


def test_one_silence_and_scattered_rows_tell_nothing_usual() -> None:
    assert judged([0, 40 * HOUR]) == [60, 60]
    assert set(judged([0, 7 * MINUTE, 9 * MINUTE, 31 * MINUTE, 55 * MINUTE])) == {60}


def test_an_hour_of_few_rows_is_judged_as_the_one_before() -> None:
    rows = [*(n * 900 for n in range(8)), 3 * HOUR, 5 * HOUR + 600]
    assert judged(rows) == [900] * 10
    alone = Heard(np.zeros(1, np.int64), np.array([-900.0]), np.array([900.0]))
    assert judged([600.0, 1500.0], heard=alone) == [900, 900]
    assert judged([n * 60.0 for n in range(30)], heard=alone) == [60] * 30


Life = list[int]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Rows of a device over some hours, at whatever spacing."""
    seconds, rows = 0, []
    for _ in range(draw(st.integers(1, 8))):
        step = draw(st.sampled_from([60, 300, 900, 1700, 4000]))
        for _ in range(draw(st.integers(1, 12))):
            seconds += step + draw(st.integers(0, step // 20))
            rows.append(seconds)
    return rows


@given(lives(), st.data())
def test_where_the_past_was_cut_makes_no_difference(rows: Life, data: st.DataObject) -> None:
    whole = judged(rows)
    hours = sorted({each // HOUR for each in rows})
    cut = data.draw(st.sampled_from(hours)) * HOUR
    first = [each for each in rows if each < cut]
    before = judged(first) if first else []
    keys = np.zeros(len(first[-1:]), np.int64)
    heard = Heard(keys, np.array(first[-1:], np.float64), np.array(before[-1:], np.float64))
    assert before + judged(rows[len(first) :], heard=heard) == whole


def test_devices_are_judged_each_for_itself() -> None:
    at_ = np.array([*(n * 900 for n in range(12)), *(n * 60 for n in range(12))], np.int64) * SECOND
    keys = np.repeat(np.array([3, 7]), 12)
    told = intervals(at_, keys, np.full(24, 60.0), Heard(np.array([7]), np.array([-60.0]), np.array([60.0])))
    assert told.tolist() == [900.0] * 12 + [60.0] * 12


@pytest.mark.parametrize("minutes", [5, 15])
async def test_a_past_of_wider_rows_has_no_gaps_and_covers_its_day(plant: Plant, minutes: int) -> None:
    midnight, step = at("2026-02-28 19:00"), timedelta(minutes=minutes)
    count = 24 * 60 // minutes
    told = [
        (midnight + n * step, {"energy_total": 500 + n / 6, "power_output": 1.0 if n % 2 else 3.0})
        for n in range(-count, 2 * count)
    ]
    await plant.report(told[: count + count // 2])
    await plant.roll()
    await plant.report(told[count + count // 2 :])
    await plant.roll()
    assert plant.database.fetch("select from rollup_gaps") == []
    [day] = [each for each in plant.values("rollup_days", "energy_total") if each["day"].isoformat() == "2026-03-01"]
    assert (day["energy_kwh"], day["energy_marks"]) == (pytest.approx(count / 6), 0)
    assert (day["samples"], day["interval_seconds"]) == (count, minutes * MINUTE)
    [power] = [each for each in plant.values("rollup_days", "power_output") if each["day"].isoformat() == "2026-03-01"]
    assert power["a_kwh"] == pytest.approx(48)
    plants = plant.database.fetch("select covered_seconds from site_energy_days where day = '2026-03-01'")
    assert [row["covered_seconds"] for row in plants] == [86_400]


async def test_a_day_of_both_is_covered_by_both(plant: Plant) -> None:
    midnight, minute = at("2026-02-28 19:00"), timedelta(minutes=1)
    await plant.report([(midnight + n * 15 * minute, {"power_output": 1.0}) for n in range(-4, 48)])
    await plant.report([(midnight + n * minute, {"power_output": 1.0}) for n in range(720, 1440)])
    await plant.roll()
    rows = plant.database.fetch("select covered_seconds from site_energy_days where day = '2026-03-01'")
    assert rows[0]["covered_seconds"] == pytest.approx(86_400, rel=0.01)
