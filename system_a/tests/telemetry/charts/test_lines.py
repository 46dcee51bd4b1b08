import numpy as np

from solarhub.telemetry.charts.lines import NOTHING, Line, fitted, of_rows, total
from solarhub.telemetry.charts.thinning import Thinning
from solarhub.telemetry.history import Stretch

NAN = np.nan


def line(*points: tuple[int, float]) -> Line:
    return Line(np.array([at for at, _ in points], np.int64), np.array([value for _, value in points], np.float64))


def shown(drawn: Line) -> list[tuple[int, float | None]]:
    return [
        (at, None if np.isnan(value) else value)
        for at, value in zip(drawn.at.tolist(), drawn.value.tolist(), strict=True)
    ]


def test_rows_of_several_layouts_make_one_line_without_what_was_not_reported() -> None:
    rows = [
        Stretch(1, ("power_output", "voltage_ac"), np.array([10, 30]), np.array([[1.0, 230.0], [NAN, 231.0]])),
        Stretch(1, ("power_output",), np.array([20]), np.array([[2.0]])),
        Stretch(1, ("frequency",), np.array([15]), np.array([[50.0]])),
    ]
    assert shown(of_rows(rows, "power_output")) == [(10, 1.0), (20, 2.0)]
    assert of_rows(rows, "energy_total") is NOTHING


def test_a_total_adds_means_of_steps_and_holds_a_silent_device_for_three_intervals() -> None:
    steady = line(*((at, 1.0) for at in range(0, 100, 10)))
    silent = line((0, 2.0), (10, 4.0))
    summed = total({1: steady, 2: silent}, {1: 10, 2: 10}, 0, 10)
    assert shown(summed) == [
        (0, 3.0),
        (10, 5.0),
        (20, 5.0),
        (30, 5.0),
        (40, 5.0),
        *((at, 1.0) for at in range(50, 100, 10)),
    ]


def test_a_total_has_no_value_where_nobody_reported() -> None:
    summed = total({1: line((0, 1.0), (50, 1.0))}, {1: 10}, 0, 10)
    assert shown(summed) == [(0, 1.0), (50, 1.0)]
    assert total({1: NOTHING}, {1: 10}, 0, 10) is NOTHING


def test_a_gap_is_shown_however_few_points_there_are() -> None:
    quiet = [(at, float(at % 7)) for at in range(0, 10_000, 10)] + [(at, 1.0) for at in range(20_000, 30_000, 10)]
    drawn = fitted(line(*quiet), Thinning.LTTB, 20, 30)
    points = shown(drawn)
    assert len(points) <= 25
    place = next(number for number, (_, value) in enumerate(points) if value is None)
    assert points[place - 1][0] == 9_990
    assert points[place] == (9_991, None)
    assert points[place + 1] == (20_000, 1.0)


def test_what_stands_for_a_time_is_gathered_with_its_bounds() -> None:
    at = np.arange(0, 1000, 10, dtype=np.int64)
    value = np.sin(at / 100.0)
    drawn = fitted(Line(at, value, value - 1, value + 1), Thinning.MIN_MAX, 10, 15)
    assert len(drawn.at) == 10
    assert drawn.low is not None
    assert drawn.high is not None
    assert drawn.low.min() == (value - 1).min()
    assert drawn.high.max() == (value + 1).max()
    assert not np.isnan(drawn.value).any()
