"""What the names in a sample mean, worked out once for every way in which devices write them: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from solarhub.metrics import Catalogue, Metric, is_channel
from solarhub.telemetry.batch import Flags, Floats
from solarhub.telemetry.sample import MOST_SERIES

Name = str | tuple[str, str]
"""A metric or a series as it is written, or a metric and a channel of it."""

Places = npt.NDArray[np.intp]

_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How the values of samples that write these names, in this order, are read.

    `series` are sorted; the value of `series[i]` is the `order[i]`-th that was written, and plausible between
    `minimum[i]` and `maximum[i]`. `relative` are the places of those whose range depends on the device's rating:
    it lies between `low` and `high` times its rated power in kW as well.
    """

    series: tuple[str, ...]
    order: Places | None
    """None: they are written in the order of `series`."""
    minimum: Floats
    maximum: Floats
    relative: Places
    low: Floats
    high: Floats

    def implausible(self, readings: Floats, rated_kw: Floats) -> Flags:
        """Which of these rows hold a value that cannot be; `rated_kw` is NaN where nobody knows it."""
        bad = np.logical_not(((readings >= self.minimum) & (readings <= self.maximum)).all(axis=1))
        if len(self.relative):
            told = readings[:, self.relative]
            rating = rated_kw[:, np.newaxis]
            # a comparison with NaN is false: where there is no rating nothing is refused by it
            bad |= ((told < self.low * rating) | (told > self.high * rating)).any(axis=1)
        found: Flags = bad
        return found


@lru_cache(_REMEMBERED)
def plan_of(catalogue: Catalogue, names: tuple[Name, ...]) -> Plan | None:
    """None where a name is not taken as it stands: then each sample has to be looked at by itself."""
    if not 0 < len(names) <= MOST_SERIES:
        return None
    known: list[Metric] = []
    written: list[str] = []
    for name in names:
        text = name if isinstance(name, str) else ":".join(name)
        metric_name, colon, channel = text.partition(":")
        metric = catalogue.get(metric_name)
        if metric is None or (colon and not is_channel(channel)):
            return None
        known.append(metric)
        written.append(text)
    if len(set(written)) < len(written):
        return None
    order, series = _sorted(written)
    ranges = [known[place].relative for place in order]
    relative = [place for place, bounds in enumerate(ranges) if bounds is not None]
    return Plan(
        series=series,
        order=None if order == sorted(order) else np.array(order, np.intp),
        minimum=np.array([known[place].minimum for place in order], np.float64),
        maximum=np.array([known[place].maximum for place in order], np.float64),
        relative=np.array(relative, np.intp),
        low=np.array([bounds[0] for bounds in ranges if bounds is not None], np.float64),
        high=np.array([bounds[1] for bounds in ranges if bounds is not None], np.float64),
    )


@lru_cache(_REMEMBERED)
def plan_of_judged(series: tuple[str, ...]) -> Plan:
    """For samples whose values were judged one by one: whatever they hold is taken."""
    order, places = _sorted(series)
    nothing = np.zeros(0)
    return Plan(
        series=places,
        order=None if order == sorted(order) else np.array(order, np.intp),
        minimum=np.full(len(places), -np.inf),
        maximum=np.full(len(places), np.inf),
        relative=np.zeros(0, np.intp),
        low=nothing,
        high=nothing,
    )


def _sorted(written: Iterable[str]) -> tuple[list[int], tuple[str, ...]]:
    names = list(written)
    order = sorted(range(len(names)), key=names.__getitem__)
    return order, tuple(names[place] for place in order)
