"""What people ask of the past: a series over a window, whether its days are compressed already or not."""

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.metrics import Metric
from solarhub.telemetry.batch import microseconds, moment
from solarhub.telemetry.buckets import MOST_RAW, WIDTHS, Window, local_day, too_many_raw
from solarhub.telemetry.history import stretches
from solarhub.telemetry.queries import reading as queries
from solarhub.telemetry.vocabulary import Resolution


class Bucket(NamedTuple):
    """Of so many `values`; `mean` is None for a code, of which there is no mean."""

    start: datetime
    mean: float | None
    minimum: float
    maximum: float
    values: int


async def raw_series(session: Session, device: Device, series: str, window: Window) -> list[tuple[datetime, float]]:
    """Every value of a series in a window. Invalid where they are too many."""
    window.check()
    at, values = await _values(session, device, series, window)
    if len(at) > MOST_RAW:
        raise too_many_raw()
    return [(moment(instant), value) for instant, value in zip(at.tolist(), values.tolist(), strict=True)]


async def bucketed_series(
    session: Session, device: Device, metric: Metric, series: str, window: Window
) -> list[Bucket]:
    """A series of `metric` in buckets, of which one without a value is left out. Invalid for a window too long."""
    window.check()
    zone = ZoneInfo(await queries.timezone_of(session, device.site_id))
    at, values = await _values(session, device, series, window)
    if not len(at):
        return []
    begins = _starts(at, window, zone)
    starts, first = np.unique(begins, return_index=True)
    counts = np.diff(np.append(first, len(at)))
    means = np.add.reduceat(values, first) / counts
    lows, highs = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    has_mean = not metric.kind.is_code
    columns = (each.tolist() for each in (starts, means, lows, highs, counts))
    return [
        Bucket(moment(start), mean if has_mean else None, low, high, count)
        for start, mean, low, high, count in zip(*columns, strict=True)
    ]


async def _values(
    session: Session, device: Device, series: str, window: Window
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Instants (microseconds since 1970) and values, in the order of time."""
    parts = await stretches(session, [device.device_key], window.start, window.end, [series])
    at = np.concatenate([np.zeros(0, np.int64), *(part.at for part in parts)])
    values = np.concatenate([np.zeros(0), *(part.readings[:, 0] for part in parts)])
    reported = ~np.isnan(values)
    return at[reported], values[reported]


def _starts(at: NDArray[np.int64], window: Window, zone: ZoneInfo) -> NDArray[np.int64]:
    """When the bucket of each instant begins; a day begins at the site's midnight."""
    if window.resolution is not Resolution.DAY:
        width = WIDTHS[window.resolution] // timedelta(microseconds=1)
        return at // width * width
    day, midnights = moment(int(at[0])).astimezone(zone).date(), list[int]()
    while not midnights or midnights[-1] <= at[-1]:
        midnights.append(microseconds(local_day(day, zone)[0]))
        day += timedelta(days=1)
    found = np.array(midnights)
    return found[np.searchsorted(found, at, side="right") - 1]
