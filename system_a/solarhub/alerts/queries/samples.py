"""SQL of stored samples, as judging reads them back: after a restart, and where rows passed it by."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from solarhub.alerts.queries.arrays import INSTANT, KEY, one_of, table
from solarhub.devices.models import DeviceState
from solarhub.kit.db import Session
from solarhub.telemetry.models import TelemetryLayout, TelemetrySample


class StoredRow(NamedTuple):
    """A row of `telemetry_samples` that is not late; `layout_id` says what its readings are."""

    device_key: int
    at: datetime
    received_at: datetime
    organization_key: int
    layout_id: int
    readings: list[float | None]


async def newest_samples(session: Session) -> dict[int, datetime]:
    """Devices and their newest sample, where more may be stored than was judged."""
    found = await session.execute(
        sa.select(DeviceState.device_key, DeviceState.last_sample_at).where(
            DeviceState.last_sample_at.is_not(None),
            sa.or_(DeviceState.judged_until.is_(None), DeviceState.last_sample_at > DeviceState.judged_until),
        )
    )
    return {key: at for key, at in found if at is not None}


# The instants appear twice below: as columns for each device, and as constants by which partitions are left out.


async def rows_after(session: Session, after: Mapping[int, datetime], *, limit: int) -> list[StoredRow]:
    """For each device its oldest rows after the instant, at most `limit`, in the order of their time."""
    wanted = table("wanted", device_key=(KEY, list(after)), after=(INSTANT, list(after.values())))
    rows = (
        _rows_of(wanted.c.device_key)
        .where(TelemetrySample.at > wanted.c.after, TelemetrySample.at > min(after.values()))
        .order_by(TelemetrySample.at)
        .limit(limit)
        .lateral("samples")
    )
    return await _stored_rows(session, wanted, rows)


async def rows_before(
    session: Session, windows: Mapping[int, tuple[datetime, datetime]], *, limit: int
) -> list[StoredRow]:
    """For each device its newest rows in a window (start excluded, end included), at most `limit`, newest first."""
    starts, ends = zip(*windows.values(), strict=True)
    wanted = table("wanted", device_key=(KEY, list(windows)), since=(INSTANT, starts), until=(INSTANT, ends))
    rows = (
        _rows_of(wanted.c.device_key)
        .where(TelemetrySample.at > wanted.c.since, TelemetrySample.at <= wanted.c.until)
        .where(TelemetrySample.at > min(starts), TelemetrySample.at <= max(ends))
        .order_by(TelemetrySample.at.desc())
        .limit(limit)
        .lateral("samples")
    )
    return await _stored_rows(session, wanted, rows)


def _rows_of(device_key: sa.ColumnElement[int]) -> sa.Select[Any]:
    columns = [getattr(TelemetrySample, name) for name in StoredRow._fields]
    return sa.select(*columns).where(TelemetrySample.device_key == device_key, TelemetrySample.late.is_(False))


async def _stored_rows(session: Session, wanted: sa.TableValuedAlias, rows: sa.FromClause) -> list[StoredRow]:
    columns = [rows.c[name] for name in StoredRow._fields]
    found = await session.execute(sa.select(*columns).select_from(wanted).join(rows, sa.true()))
    return [StoredRow(*row) for row in found]


async def layouts(session: Session, layout_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The series of each layout, in the order of its readings."""
    found = await session.execute(
        sa.select(TelemetryLayout.id, TelemetryLayout.series).where(one_of(TelemetryLayout.id, layout_ids))
    )
    return {layout_id: tuple(series) for layout_id, series in found}


async def mark_judged(session: Session, judged: Mapping[int, datetime]) -> None:
    """Moves `judged_until` forward. Locks rows in the order of their ids, as ingest does, which writes them as well."""
    keys = sorted(judged)
    await session.execute(
        sa.select(DeviceState.device_key)
        .where(one_of(DeviceState.device_key, keys))
        .order_by(DeviceState.device_id)
        .with_for_update(key_share=True)
    )
    until = table("until", device_key=(KEY, keys), at=(INSTANT, [judged[key] for key in keys]))
    await session.execute(
        sa.update(DeviceState)
        .where(
            DeviceState.device_key == until.c.device_key,
            sa.or_(DeviceState.judged_until.is_(None), DeviceState.judged_until < until.c.at),
        )
        .values(judged_until=until.c.at),
        execution_options={"synchronize_session": False},
    )
