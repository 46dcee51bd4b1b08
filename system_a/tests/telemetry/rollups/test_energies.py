"""Many devices at once, by arrays: the same as one after another, reading by reading."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solarhub.telemetry.rollups.calendar import SECOND, Place
from solarhub.telemetry.rollups.counters import Standing, walk
from solarhub.telemetry.rollups.energies import Carry, Facts, carries_of, quarter_energies
from solarhub.telemetry.rollups.figures import Rows, gathered, together

HOUR = 3600
DAY = 86_400
UTC = Place("UTC", 31.5, 74.3)
SERIES = ("energy_today", "energy_total", "power_output")
NAN = float("nan")


@st.composite
def devices(draw: st.DrawFn) -> list[tuple[Facts, list[tuple[int, list[float]]], dict[str, Carry]]]:
    """Some that do nothing but rise, and some to which everything happens."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        facts = Facts(60.0, UTC, draw(st.sampled_from([None, 5.0, 50.0])), draw(st.sampled_from([None, 1000.0])))
        wild = draw(st.booleans())
        at, total, today = draw(st.sampled_from([12, 23])) * HOUR, draw(st.floats(10, 999)), draw(st.floats(0, 30))
        carries = {}
        if draw(st.booleans()):
            before = float(at - draw(st.sampled_from([30, 120, 9000])))
            carries = {"energy_total": Carry(total, before, before), "energy_today": Carry(today, before, before)}
            carries["power_output"] = Carry(1.0, before, before)
        rows = []
        for _ in range(draw(st.integers(1, 60))):
            at += draw(st.sampled_from([60, 60, 60, 200, 1500, 5000])) if wild else 60
            if at >= 26 * HOUR:
                break
            step = draw(st.floats(0, 0.08))
            total, today = (total + step) % 1000.0, today + step
            if wild and draw(st.booleans()):
                today = draw(st.sampled_from([today - step, 0.0]))
            if wild and draw(st.integers(0, 9)) == 0:
                total = draw(st.sampled_from([0.0, total / 3, total - 0.1, total + 30]))
            values = [today, max(total, 0.0), draw(st.floats(-0.1, 6))]
            if wild:
                values = [NAN if draw(st.integers(0, 9)) == 0 else value for value in values]
            rows.append((at, values))
        made.append((facts, rows, carries))
    return made


@settings(max_examples=200, deadline=None)
@given(devices())
def test_arrays_say_what_the_walk_says(fleet: Any) -> None:
    parts = [
        (key, SERIES, np.array([at for at, _ in rows]) * SECOND, np.array([values for _, values in rows]))
        for key, (_, rows, _) in enumerate(fleet)
        if rows
    ]
    if not parts:
        return
    [rows] = gathered(parts)
    carries = {(key, name): carry for key, (_, _, told) in enumerate(fleet) for name, carry in told.items()}
    rolled, gaps = quarter_energies(rows, carries_of(carries), {key: facts for key, (facts, _, _) in enumerate(fleet)})
    for place, name in ((0, "energy_today"), (1, "energy_total")):
        found_gaps = {(gap.device_key, gap.ended): gap for gap in gaps if gap.series == name}
        for key, (facts, told, before) in enumerate(fleet):
            carry = before.get(name)
            standing = None if carry is None else Standing(*carry)
            for row in np.flatnonzero(rolled.device_keys == key):
                start = rolled.starts[row] / SECOND
                mine = [(float(at), values) for at, values in told if start <= at < start + 900]
                readings = [(at, values[place]) for at, values in mine if not np.isnan(values[place])]
                interval = float(rolled.intervals[row])
                rules = facts.rules(is_daily=place == 0)._replace(interval_seconds=interval)
                expected = walk(readings, standing, start, start // DAY * DAY, rules)
                if not readings:
                    assert np.isnan(rolled.kwh[row, place])
                    continue
                assert expected.standing is not None
                assert rolled.kwh[row, place] == pytest.approx(
                    NAN if expected.kwh is None else expected.kwh, abs=1e-6, nan_ok=True
                )
                assert rolled.marks[row, place] == expected.marks
                assert rolled.last[row, place] == expected.standing.kwh
                for gap in expected.gaps:
                    same = found_gaps.pop((key, round(gap.ended * SECOND)))
                    assert (same.started, same.marks) == (round(gap.started * SECOND), gap.marks)
                    assert same.kwh == pytest.approx(gap.kwh)
                ended = rolled.last_at[row] / SECOND
                stands = expected.standing.moved_at < start
                moved = rolled.moved[row, place]
                assert moved == pytest.approx(expected.standing.moved_at if stands else NAN, nan_ok=True)
                standing = Standing(expected.standing.kwh, ended, expected.standing.moved_at if stands else ended)
        assert found_gaps == {}


def test_as_much_as_yesterday_after_a_silence_is_booked_to_today() -> None:
    told = rows_of((12 * HOUR, 5.0), (DAY + 12 * HOUR, 5.0), series="energy_today")
    rolled, gaps = quarter_energies(told, {}, {0: Facts(60.0, UTC, rated_kw=5.0)})
    assert rolled.kwh[:, 0].tolist() == [0.0, 0.0]
    assert [(gap.started, gap.ended, gap.kwh) for gap in gaps] == [
        (0, 12 * HOUR * SECOND, 5.0),
        (DAY * SECOND, (DAY + 12 * HOUR) * SECOND, 5.0),
    ]


def rows_of(*told: tuple[float, float], series: str = "power_output") -> Rows:
    return Rows(
        (series,),
        np.zeros(len(told), np.int64),
        np.array([round(at * SECOND) for at, _ in told]),
        np.array([[value] for _, value in told]),
    )


def area(*told: tuple[float, float], interval: float = 60.0) -> list[float]:
    rolled, _ = quarter_energies(rows_of(*told), {}, {0: Facts(interval, UTC)})
    return [float(kwh) for kwh in rolled.kwh[:, 0]]


def test_power_is_the_area_under_straight_lines() -> None:
    assert area((0, 0.0), (60, 6.0), (120, 6.0)) == [pytest.approx((3 + 6) / 60)]


def test_power_drawn_at_night_is_subtracted() -> None:
    assert area(*((60.0 * n, -0.004) for n in range(15))) == [pytest.approx(-0.004 * 14 / 60)]


def test_nothing_is_made_up_for_a_gap_of_more_than_three_intervals() -> None:
    assert area((0, 6.0), (180, 6.0)) == [pytest.approx(0.3)]
    assert area((0, 6.0), (181, 6.0)) == [pytest.approx(NAN, nan_ok=True)]
    assert area((0, 6.0), (181, 6.0), interval=61.0) == [pytest.approx(6 * 181 / 3600)]


def test_figures_leave_out_what_was_not_reported_and_codes_have_no_mean() -> None:
    series = ("operating_state", "power_output")
    at = np.arange(4) * 60 * SECOND
    readings = np.array([[4.0, 1.0], [4.0, NAN], [7.0, 5.0], [NAN, NAN]])
    rolled, _ = quarter_energies(Rows(series, np.zeros(4, np.int64), at, readings), {}, {0: Facts(60.0, UTC)})
    assert rolled.reported.tolist() == [[3, 2]]
    assert rolled.mean[0].tolist() == [pytest.approx(NAN, nan_ok=True), 3.0]
    assert (rolled.least.tolist(), rolled.greatest.tolist(), rolled.last.tolist()) == ([[4, 1]], [[7, 5]], [[7, 5]])


@given(
    st.lists(st.tuples(st.integers(0, 50_000), st.floats(-5, 5)), min_size=1, max_size=100, unique_by=lambda r: r[0])
)
def test_a_long_bucket_is_what_its_rows_say_however_it_was_put_together(told: list[tuple[int, float]]) -> None:
    told.sort()
    rolled, _ = quarter_energies(rows_of(*told), {}, {0: Facts(60.0, UTC)})
    half = np.arange(len(rolled.starts)) % 2 == 0
    begins = np.zeros(len(rolled.starts), np.int64)
    [whole] = together([(rolled.picked(half), begins[half]), (rolled.picked(~half), begins[~half])])
    values = [value for _, value in told]
    assert whole.mean[0, 0] == pytest.approx(np.mean(values), abs=1e-9)
    assert (whole.least[0, 0], whole.greatest[0, 0], whole.last[0, 0]) == (min(values), max(values), values[-1])
    assert (whole.samples[0], whole.last_at[0]) == (len(values), told[-1][0] * SECOND)


def test_buckets_under_other_layouts_are_put_together_by_name() -> None:
    first, _ = quarter_energies(rows_of((0, 1.0), (60, 3.0)), {}, {0: Facts(60.0, UTC)})
    second, _ = quarter_energies(rows_of((900, 50.0), series="frequency"), {}, {0: Facts(60.0, UTC)})
    begins = np.zeros(1, np.int64)
    [whole] = together([(first, begins), (second, begins)])
    assert whole.series == ("frequency", "power_output")
    assert (whole.mean.tolist(), whole.reported.tolist()) == ([[50.0, 2.0]], [[1, 2]])
    assert whole.starts.tolist() == [0]
