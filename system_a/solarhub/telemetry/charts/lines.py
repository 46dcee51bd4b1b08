"""What stands in a chart's line, from raw rows or roll-ups: merged, summed over a site, thinned, interrupted. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from solarhub.telemetry.charts.thinning import Floats, Thinning, Times, gaps, thinned

if TYPE_CHECKING:
    from solarhub.telemetry.history import Stretch

SILENT_INTERVALS = 3
"""A line is interrupted where a device was silent for more than so many reporting intervals."""


@dataclass(frozen=True, slots=True)
class Line:
    """Values at instants (microseconds since 1970 UTC), NaN where the line is interrupted.

    `low` and `high`, where there are any, bound what was measured in the time that each value stands for.
    """

    at: Times
    value: Floats
    low: Floats | None = None
    high: Floats | None = None


NOTHING = Line(np.empty(0, np.int64), np.empty(0))


def of_rows(stretches: "Iterable[Stretch]", series: str) -> Line:
    """A device's raw values of one series, whatever layouts it reported under."""
    parts = [(each.at, each.readings[:, each.series.index(series)]) for each in stretches if series in each.series]
    if not parts:
        return NOTHING
    at = np.concatenate([part for part, _ in parts])
    value = np.concatenate([part for _, part in parts])
    there = ~np.isnan(value)
    at, value = at[there], value[there]
    order = np.argsort(at, kind="stable")
    return Line(at[order], value[order])


def total(lines: Mapping[int, Line], intervals: Mapping[int, int], start: int, width: int) -> Line:
    """The sum of several devices' lines in steps of `width` microseconds from `start` on, by mean of each step.

    `intervals`: how often each reports. A device that is silent keeps its last value for three of its intervals; a step
    for which nobody reported is a gap.
    """
    ends = [int(line.at[-1]) for line in lines.values() if len(line.at)]
    if not ends:
        return NOTHING
    steps = (max(ends) - start) // width + 1
    summed, told = np.zeros(steps), np.zeros(steps, dtype=bool)
    for key, line in lines.items():
        if len(line.at) == 0:
            continue
        means = _means(line, start, width, steps)
        held = _held(means, max(SILENT_INTERVALS * intervals[key] // width, 1))
        there = ~np.isnan(held)
        summed[there] += held[there]
        told |= ~np.isnan(means)
    at = start + np.flatnonzero(told) * width
    return Line(at, summed[told])


def _means(line: Line, start: int, width: int, steps: int) -> Floats:
    step = (line.at - start) // width
    count = np.bincount(step, minlength=steps)
    sums = np.bincount(step, weights=line.value, minlength=steps)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, sums / count, np.nan)


def _held(means: Floats, most: int) -> Floats:
    """Gaps of up to `most` steps filled by what stood before them."""
    places = np.arange(len(means))
    last = np.maximum.accumulate(np.where(np.isnan(means), -1, places))
    usable = (last >= 0) & (places - last <= most)
    return np.where(usable, means[np.maximum(last, 0)], np.nan)


def fitted(line: Line, how: Thinning, points: int, silence: int) -> Line:
    """At most about `points` points, and an interruption wherever nothing was told for `silence` microseconds.

    What is bounded is gathered step by step instead: least of the least, greatest of the greatest.
    """
    if line.low is not None and line.high is not None and len(line.at) > points:
        return _interrupted(_gathered(line, line.low, line.high, points), silence * (len(line.at) // points + 1))
    chosen = thinned(how, line.at, line.value, points)
    breaks = set(gaps(line.at, silence).tolist())
    if breaks:  # the ends of a gap are points that are needed
        ends = [place for place in breaks for place in (place, place + 1)]
        chosen = np.union1d(chosen, np.array(ends, dtype=np.intp))
    thin = Line(
        line.at[chosen],
        line.value[chosen],
        None if line.low is None else line.low[chosen],
        None if line.high is None else line.high[chosen],
    )
    return _broken(thin, [place for place, at in enumerate(chosen.tolist()) if at in breaks])


def _gathered(line: Line, low: Floats, high: Floats, points: int) -> Line:
    begins = np.unique(np.searchsorted(line.at, np.linspace(line.at[0], line.at[-1] + 1, points + 1)[:-1]))
    counts = np.diff(np.append(begins, len(line.at)))
    return Line(
        line.at[begins],
        np.add.reduceat(line.value, begins) / counts,
        np.minimum.reduceat(low, begins),
        np.maximum.reduceat(high, begins),
    )


def _interrupted(line: Line, silence: int) -> Line:
    return _broken(line, gaps(line.at, silence).tolist())


def _broken(line: Line, after: Sequence[int]) -> Line:
    """NaN behind these places, an instant after each."""
    if not after:
        return line
    where = np.array(after, dtype=np.intp) + 1

    def opened(values: Floats | None) -> Floats | None:
        return None if values is None else np.insert(values, where, np.nan)

    value = opened(line.value)
    assert value is not None  # noqa: S101 - a line has values
    return Line(np.insert(line.at, where, line.at[where - 1] + 1), value, opened(line.low), opened(line.high))
