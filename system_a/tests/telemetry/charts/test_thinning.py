import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.charts.thinning import Floats, Thinning, Times, gaps, thinned

BOTH = pytest.mark.parametrize("how", list(Thinning))


def walk(seed: int, count: int) -> tuple[Times, Floats]:
    dice = np.random.default_rng(seed)
    return np.cumsum(dice.integers(1, 90, count)).astype(np.int64), np.cumsum(dice.normal(size=count))


@BOTH
@given(st.integers(0, 2**32), st.integers(1, 2000), st.integers(10, 300))
def test_no_more_points_than_asked_for_remain_in_their_order_with_both_ends(
    how: Thinning, seed: int, count: int, points: int
) -> None:
    at, values = walk(seed, count)
    chosen = thinned(how, at, values, points)
    assert len(chosen) <= max(points, 2)
    assert (np.diff(chosen) > 0).all()
    assert (chosen[0], chosen[-1]) == (0, count - 1)
    if count <= points:
        assert len(chosen) == count


@given(st.integers(0, 2**32), st.integers(100, 2000), st.integers(10, 90))
def test_every_peak_of_a_part_is_kept_by_its_extremes(seed: int, count: int, points: int) -> None:
    at, values = walk(seed, count)
    chosen = thinned(Thinning.MIN_MAX, at, values, points)
    kept = values[chosen]
    assert kept.max() == values.max()
    assert kept.min() == values.min()


def test_a_single_spike_survives_a_year_of_quiet() -> None:
    at = np.arange(500_000, dtype=np.int64)
    values = np.zeros(500_000)
    values[123_456] = 7.0
    for how in Thinning:
        assert 123_456 in thinned(how, at, values, 600)


def test_triangles_keep_the_shape_better_than_every_nth_point() -> None:
    at, values = walk(7, 5_000)
    chosen = thinned(Thinning.LTTB, at, values, 100)
    every = np.linspace(0, 4_999, 100).astype(np.intp)

    def error(places: "np.typing.NDArray[np.intp]") -> float:
        return float(np.abs(np.interp(at, at[places], values[places]) - values).mean())

    assert error(chosen) < error(every)


def test_a_line_is_interrupted_where_nothing_was_told_for_longer() -> None:
    at = np.array([0, 60, 120, 301, 361], dtype=np.int64)
    assert gaps(at, 180).tolist() == [2]
    assert gaps(at, 181).tolist() == []
