"""SQL of telemetry, as people read it: through the parent table, under row-level security."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of_rows
from solarhub.kit.paging import Page
from solarhub.sites.models import Site
from solarhub.telemetry.buckets import WIDTHS, Window
from solarhub.telemetry.models import TelemetryLayout, TelemetrySample
from solarhub.telemetry.vocabulary import Resolution


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


_ORIGIN: sa.ColumnElement[datetime] = sa.literal_column("timestamptz '2000-01-01 00:00Z'")


async def state(session: Session, device_id: UUID) -> DeviceState | None:
    """What a device reported last."""
    return await session.get(DeviceState, device_id)


async def states_of_site(
    session: Session, site_id: UUID, page: Page
) -> tuple[Sequence[sa.Row[Device, DeviceState | None]], int]:
    """A page of the site's devices by name, with what each reported last, and how many there are."""
    wanted = (
        sa.select(Device, DeviceState)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(Device.site_id == site_id, Device.removed_at.is_(None))
        .order_by(Device.name, Device.id)
    )
    return await page_of_rows(session, wanted, page)


async def states_since(
    session: Session, after: tuple[datetime, UUID], site_ids: Collection[UUID], *, limit: int
) -> Sequence[tuple[Device, DeviceState]]:
    """Devices of these sites, or of all, in the order in which they were last heard (then by id), behind `after`."""
    wanted = (
        sa.select(Device, DeviceState)
        .join(DeviceState, DeviceState.device_id == Device.id)
        .where(sa.tuple_(DeviceState.last_received_at, Device.id) > sa.tuple_(*after), Device.removed_at.is_(None))
        .order_by(DeviceState.last_received_at, Device.id)
        .limit(limit)
    )
    if site_ids:
        wanted = wanted.where(Device.site_id.in_(site_ids))
    return [(device, state) for device, state in await session.execute(wanted)]


async def timezone_of(session: Session, site_id: UUID) -> str:
    return (await session.scalars(sa.select(Site.timezone).where(Site.id == site_id))).one()


async def raw(
    session: Session, device_key: int, series: str, window: Window, *, limit: int
) -> list[tuple[datetime, float]]:
    """Instants and values in a window, in the order of time."""
    value = _value(series)
    rows = await session.execute(
        sa.select(TelemetrySample.at, value)
        .join(TelemetryLayout, _OWN_LAYOUT)
        .where(*_stretch([device_key], window.start, window.end), value.is_not(None))
        .order_by(TelemetrySample.at)
        .limit(limit)
    )
    return [(at, reading) for at, reading in rows]


async def bucketed(
    session: Session, device_key: int, series: str, window: Window, timezone: str
) -> list[tuple[datetime, float, float, float, int]]:
    """Start, mean, least, greatest and number of the values of each bucket in which there are any."""
    at, value = TelemetrySample.at, _value(series)
    if window.resolution is Resolution.DAY:
        start: sa.ColumnElement[datetime] = sa.func.date_trunc("day", at, timezone)
    else:
        start = sa.func.date_bin(sa.cast(WIDTHS[window.resolution], sa.Interval), at, _ORIGIN)
    each = (
        sa.select(sa.type_coerce(start, sa.DateTime(timezone=True)).label("start"), value.label("value"))
        .join(TelemetryLayout, _OWN_LAYOUT)
        .where(*_stretch([device_key], window.start, window.end), value.is_not(None))
        .subquery()
    )
    of_each = sa.func.avg(each.c.value), sa.func.min(each.c.value), sa.func.max(each.c.value), sa.func.count()
    rows = await session.execute(sa.select(each.c.start, *of_each).group_by(each.c.start).order_by(each.c.start))
    return [(begins, mean, least, greatest, count) for begins, mean, least, greatest, count in rows]


# ----------------------------------------------------------------------------------------------------------------------

_OWN_LAYOUT = TelemetryLayout.id == TelemetrySample.layout_id


def _value(series: str) -> sa.ColumnElement[float]:
    """The reading of a series, wherever the sample's layout has it; NULL where it has none."""
    reading: sa.ColumnElement[float] = TelemetrySample.readings[sa.func.array_position(TelemetryLayout.series, series)]
    return reading


def _stretch(device_keys: Sequence[int], start: datetime, end: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Samples of these devices from `start` to before `end`."""
    at = TelemetrySample.at
    return TelemetrySample.device_key.in_(device_keys), at >= start, at < end
