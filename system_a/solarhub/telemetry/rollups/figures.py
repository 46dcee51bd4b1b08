"""What the rows of a quarter of an hour have in common, for many devices at once; and quarters in longer times. Pure.

Arrays stand in the order of device and time. Times are microseconds since 1970 unless a name says seconds. NaN: not
reported, or not known.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.metrics import CATALOGUE, Kind, Metric
from solarhub.metrics.own import PREFIX
from solarhub.telemetry.layout import Series

F = NDArray[np.float64]
I = NDArray[np.int64]  # noqa: E741 - beside F, as mathematicians write them


Own = frozenset[Metric]
"""Metrics of an organization's own among the series of its devices."""
NO_OWN: Own = frozenset()


class Roles(NamedTuple):
    """Places in a series tuple: of energy counters in kWh, of those among them that begin again each day, of codes."""

    counters: Sequence[int]
    daily: Sequence[bool]
    power: int | None
    """Of `power_output`, whose area is energy."""
    codes: Sequence[int]

    @property
    def tell_energy(self) -> bool:
        return bool(self.counters) or self.power is not None


@lru_cache(maxsize=4096)
def roles_of(series: Series, own: Own = NO_OWN) -> Roles:
    """A metric of somebody's own is good for what its kind and unit say, as those of the catalogue are."""
    known = {metric.name: metric for metric in own}
    counters, daily, codes = [], [], []
    for place, name in enumerate(series):
        quantity = name.partition(":")[0]
        metric = CATALOGUE.get(quantity) or known.get(quantity)
        if metric is None:
            continue
        if metric.unit == "kWh" and metric.kind in (Kind.CUMULATIVE, Kind.DAILY):
            counters.append(place)
            daily.append(metric.kind is Kind.DAILY)
        elif metric.kind.is_code:
            codes.append(place)
    power = series.index("power_output") if "power_output" in series else None
    return Roles(counters, daily, power, codes)


class Rows(NamedTuple):
    """Raw rows of many devices that report the same series."""

    series: Series
    device_keys: I
    at: I
    readings: F
    own: Own = NO_OWN

    @property
    def roles(self) -> Roles:
        return roles_of(self.series, self.own)


class Rolled(NamedTuple):
    """Buckets of many devices under one series tuple; the figures have a column for each series.

    `kwh`: growth of a counter, or area of `power_output`. `moved`: seconds since 1970 at which a counter last moved,
    where it stood still throughout. `intervals`: how far apart (s) rows are to be that leave nothing out, 0 where there
    are none.
    """

    series: Series
    device_keys: I
    starts: I
    last_at: I
    samples: I
    intervals: I
    mean: F
    least: F
    greatest: F
    last: F
    kwh: F
    reported: I
    marks: I
    moved: F

    def picked(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Rolled":
        """These rows of it."""
        columns: Any = (each[rows] for each in self[1:])
        return Rolled(self.series, *columns)


def own_names(series: Series) -> set[str]:
    """Metrics in it that the catalogue does not have, whatever their channel."""
    return {name.partition(":")[0] for name in series if name.startswith(PREFIX)}


def gathered(
    parts: Iterable[tuple[int, Series, I, F]], own: Mapping[int, Mapping[str, Metric]] = MappingProxyType({})
) -> list[Rows]:
    """Stretches (device_key, series, at, readings), put together by what is reported.

    A device with more than one layout is read under the union of them. `own`: the metrics of its organization, by
    device_key and name; one name may be two things in two organizations.
    """
    alike: dict[tuple[Series, Own], list[tuple[int, I, F]]] = {}
    for device_key, mine in groupby(sorted(parts, key=lambda part: part[0]), key=lambda part: part[0]):
        stretches = [(series, at, readings) for _, series, at, readings in mine]
        series, at, readings = stretches[0] if len(stretches) == 1 else _union(stretches)
        mine_own = own.get(device_key, {})
        known = frozenset(mine_own[name] for name in own_names(series) if name in mine_own) if mine_own else NO_OWN
        alike.setdefault((tuple(series), known), []).append((device_key, at, readings))
    return [
        Rows(
            series,
            np.repeat(np.array([key for key, _, _ in some], np.int64), [len(at) for _, at, _ in some]),
            np.concatenate([at for _, at, _ in some]),
            np.concatenate([readings for _, _, readings in some]),
            known,
        )
        for (series, known), some in alike.items()
    ]


def _union(stretches: Sequence[tuple[Series, I, F]]) -> tuple[Series, I, F]:
    series = tuple(sorted({name for names, _, _ in stretches for name in names}))
    places = {name: place for place, name in enumerate(series)}
    at = np.concatenate([each for _, each, _ in stretches])
    readings = np.full((len(at), len(series)), np.nan)
    first = 0
    for names, times, values in stretches:
        readings[first : first + len(times), [places[name] for name in names]] = values
        first += len(times)
    order = np.argsort(at, kind="stable")
    return series, at[order], readings[order]


def summed_up(rows: Rows, width: int) -> Rolled:
    """Mean, least, greatest, last and number of each bucket of `width`; nothing yet of energy."""
    starts = _first_of_each(rows.device_keys, rows.at // width)
    ends = np.append(starts[1:], len(rows.at)) - 1
    sizes = ends - starts + 1
    values = rows.readings
    missing = np.isnan(values)
    if missing.any():
        reported = sizes[:, None] - np.add.reduceat(missing, starts, axis=0, dtype=np.int64)
        places = np.where(missing, -1, np.arange(len(values))[:, None])
        newest = np.maximum.reduceat(places, starts, axis=0)
        known = reported > 0
        last = np.where(known, values[np.maximum(newest, 0), np.arange(values.shape[1])], np.nan)
        total = np.add.reduceat(np.where(missing, 0.0, values), starts, axis=0)
        mean = np.where(known, total / np.maximum(reported, 1), np.nan)
        least, greatest = np.fmin.reduceat(values, starts, axis=0), np.fmax.reduceat(values, starts, axis=0)
    else:
        reported = np.repeat(sizes[:, None], values.shape[1], axis=1)
        last = values[ends]
        mean = np.add.reduceat(values, starts, axis=0) / sizes[:, None]
        least, greatest = np.minimum.reduceat(values, starts, axis=0), np.maximum.reduceat(values, starts, axis=0)
    # a mean of equal values is that value, also in floating point
    mean = np.clip(mean, least, greatest)
    mean[:, list(rows.roles.codes)] = np.nan
    shape = mean.shape
    return Rolled(
        rows.series,
        rows.device_keys[starts],
        rows.at[starts] // width * width,
        rows.at[ends],
        sizes,
        np.zeros(len(sizes), np.int64),
        mean,
        least,
        greatest,
        last,
        np.full(shape, np.nan),
        reported,
        np.zeros(shape, np.int64),
        np.full(shape, np.nan),
    )


def _first_of_each(device_keys: I, buckets: I) -> I:
    """Where each device's bucket begins."""
    changes = (device_keys[1:] != device_keys[:-1]) | (buckets[1:] != buckets[:-1])
    return np.append(0, np.flatnonzero(changes) + 1)


def together(parts: Sequence[tuple[Rolled, I]]) -> list[Rolled]:
    """Longer buckets out of shorter ones: beside each part, where the longer bucket of each of its rows begins.

    A row with a negative one is left out.
    """
    alike: dict[Series, list[tuple[Rolled, I]]] = {}
    for part, begins in _shared_widened([(part.picked(begins >= 0), begins[begins >= 0]) for part, begins in parts]):
        if len(begins):
            alike.setdefault(part.series, []).append((part, begins))
    return [
        _condensed(_stacked([part for part, _ in some]), np.concatenate([b for _, b in some]))
        for some in alike.values()
    ]


def _shared_widened(parts: Sequence[tuple[Rolled, I]]) -> list[tuple[Rolled, I]]:
    """Rows whose bucket has rows of other parts too are put under the union of their series."""
    series_of: dict[tuple[int, int], set[Series]] = {}
    for part, begins in parts:
        for bucket in set(zip(part.device_keys.tolist(), begins.tolist(), strict=True)):
            series_of.setdefault(bucket, set()).add(part.series)
    shared = {bucket: tuple(sorted(set().union(*several))) for bucket, several in series_of.items() if len(several) > 1}
    if not shared:
        return list(parts)
    widened = []
    for part, begins in parts:
        unions = [shared.get(bucket) for bucket in zip(part.device_keys.tolist(), begins.tolist(), strict=True)]
        for union in set(unions):
            rows = np.array([each == union for each in unions], bool)
            mine = part.picked(rows)
            widened.append((mine if union is None else _widened(mine, union), begins[rows]))
    return widened


def _widened(part: Rolled, series: Series) -> Rolled:
    places = [series.index(name) for name in part.series]

    def wide(narrow: NDArray[np.generic], filler: float) -> NDArray[np.generic]:
        made = np.full((len(narrow), len(series)), filler, narrow.dtype)
        made[:, places] = narrow
        return made

    figures = {
        name: wide(getattr(part, name), np.nan) for name in ("mean", "least", "greatest", "last", "kwh", "moved")
    }
    counts = {name: wide(getattr(part, name), 0) for name in ("reported", "marks")}
    return part._replace(series=series, **figures, **counts)  # type: ignore[arg-type]  # mypy reads ** as one type


def _stacked(parts: Sequence[Rolled]) -> Rolled:
    columns: Any = (np.concatenate(column) for column in zip(*(part[1:] for part in parts), strict=True))
    return Rolled(parts[0].series, *columns)


def _condensed(part: Rolled, begins: I) -> Rolled:
    order = np.lexsort((part.starts, begins, part.device_keys))
    part, begins = part.picked(order), begins[order]
    starts = _first_of_each(part.device_keys, begins)
    ends = np.append(starts[1:], len(begins)) - 1
    samples = np.add.reduceat(part.samples, starts)
    reported = np.add.reduceat(part.reported, starts, axis=0)
    averaged = np.where(np.isnan(part.mean), 0, part.reported)  # of a code there is no mean
    weight = np.add.reduceat(averaged, starts, axis=0)
    weighed = np.add.reduceat(np.nan_to_num(part.mean) * averaged, starts, axis=0)
    told = part.reported > 0
    newest = np.maximum.reduceat(np.where(told, np.arange(len(begins))[:, None], -1), starts, axis=0)
    known = np.add.reduceat(~np.isnan(part.kwh), starts, axis=0) > 0
    least = np.fmin.reduceat(part.least, starts, axis=0)
    greatest = np.fmax.reduceat(part.greatest, starts, axis=0)
    mean = np.where(weight > 0, weighed / np.maximum(weight, 1), np.nan)
    return Rolled(
        part.series,
        part.device_keys[starts],
        begins[starts],
        part.last_at[ends],
        samples,
        np.rint(np.add.reduceat(part.samples * part.intervals, starts) / np.maximum(samples, 1)).astype(np.int64),
        np.clip(mean, least, greatest),
        least,
        greatest,
        np.where(newest >= 0, part.last[np.maximum(newest, 0), np.arange(part.last.shape[1])], np.nan),
        np.where(known, np.add.reduceat(np.nan_to_num(part.kwh), starts, axis=0), np.nan),
        reported,
        np.bitwise_or.reduceat(part.marks, starts, axis=0),
        np.full(part.mean.shape, np.nan)[starts],
    )
