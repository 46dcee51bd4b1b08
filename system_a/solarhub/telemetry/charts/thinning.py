"""Fewer points that look the same: which of a line's points a chart of so many pixels needs. Pure.

Both keep the first and the last point. `lowest_and_highest` keeps every peak, at the price of two points a pixel;
`largest_triangles` keeps the shape with one (Steinarsson, "Downsampling time series for visual representation", 2013).
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.int64]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]


class Thinning(StrEnum):
    """How points are chosen where there are more than a chart can show."""

    MIN_MAX = "minmax"
    LTTB = "lttb"


def thinned(how: Thinning, at: Times, values: Floats, points: int) -> Places:
    """Places of at most `points` of them, in order; all where they are not more. `at` grows, no value is NaN."""
    if len(at) <= points:
        return np.arange(len(at))
    return largest_triangles(at, values, points) if how is Thinning.LTTB else lowest_and_highest(at, values, points)


def lowest_and_highest(at: Times, values: Floats, points: int) -> Places:
    """The least and the greatest of each of equally long parts of the window; at least 4 points."""
    parts = max((points - 2) // 2, 1)
    edges = np.linspace(float(at[0]), float(at[-1]) + 1.0, parts + 1)
    begins = np.searchsorted(at, edges)
    chosen = {0, len(at) - 1}
    for begin, end in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        if begin < end:
            part = values[begin:end]
            chosen.add(begin + int(part.argmin()))
            chosen.add(begin + int(part.argmax()))
    return np.array(sorted(chosen), dtype=np.intp)


def largest_triangles(at: Times, values: Floats, points: int) -> Places:
    """Of each of equally many points the one that spans the largest triangle with the last choice and what follows."""
    inner = points - 2
    edges = np.linspace(1, len(at) - 1, inner + 1).astype(np.intp)
    x = (at - at[0]).astype(np.float64)
    chosen = [0]
    for part in range(inner):
        begin, end = int(edges[part]), int(edges[part + 1])
        if begin >= end:
            continue
        after_begin, after_end = (end, int(edges[part + 2])) if part + 2 <= inner else (len(at) - 1, len(at))
        after = slice(after_begin, max(after_end, after_begin + 1))
        next_x, next_y = x[after].mean(), values[after].mean()
        last = chosen[-1]
        area = np.abs(
            (x[last] - next_x) * (values[begin:end] - values[last]) - (x[last] - x[begin:end]) * (next_y - values[last])
        )
        chosen.append(begin + int(area.argmax()))
    chosen.append(len(at) - 1)
    return np.array(chosen, dtype=np.intp)


def gaps(at: Times, longest: int) -> Places:
    """After which points a line is interrupted: the next one is more than `longest` microseconds away."""
    return np.flatnonzero(np.diff(at) > longest)
