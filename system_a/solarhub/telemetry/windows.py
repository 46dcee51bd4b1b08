"""What people ask of the past: a series over a window."""

from datetime import datetime
from typing import NamedTuple

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.metrics import Metric
from solarhub.telemetry.buckets import MOST_RAW, Window, too_many_raw
from solarhub.telemetry.queries import reading as queries


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
    rows = await queries.raw(session, device.device_key, series, window, limit=MOST_RAW + 1)
    if len(rows) > MOST_RAW:
        raise too_many_raw()
    return rows


async def bucketed_series(
    session: Session, device: Device, metric: Metric, series: str, window: Window
) -> list[Bucket]:
    """A series of `metric` in buckets, of which one without a value is left out. Invalid for a window too long."""
    window.check()
    timezone = await queries.timezone_of(session, device.site_id)
    rows = await queries.bucketed(session, device.device_key, series, window, timezone)
    has_mean = not metric.kind.is_code
    return [Bucket(start, mean if has_mean else None, low, high, count) for start, mean, low, high, count in rows]
