"""SQL of telemetry, as people read it: through the parent table, under row-level security."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of_rows
from solarhub.kit.paging import Page
from solarhub.sites.models import Site
from solarhub.telemetry.buckets import WIDTHS, Window
from solarhub.telemetry.energy import Reported
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


async def generators(session: Session, site_id: UUID) -> Sequence[Device]:
    """Devices whose energy is the site's: its inverters, or where it has none, all; removed ones for their past."""
    every = (await session.scalars(sa.select(Device).where(Device.site_id == site_id).order_by(Device.name))).all()
    return [device for device in every if device.device_type is DeviceType.INVERTER] or every


async def energy_readings(
    session: Session, device_keys: Sequence[int], start: datetime, end: datetime
) -> list[tuple[int, Reported]]:
    """What each device that reported in the stretch says of its energy, by device_key."""
    at = TelemetrySample.at

    def listed(told: sa.ColumnElement[float]) -> sa.ColumnElement[Sequence[float]]:
        return sa.func.array_agg(aggregate_order_by(told, at.asc()), type_=ARRAY(sa.Double))

    rows = await session.execute(
        sa.select(
            TelemetrySample.device_key,
            listed(sa.cast(sa.func.extract("epoch", at), sa.Double)),
            listed(_value("energy_total")),
            listed(_value("energy_today")),
            listed(_value("power_output")),
        )
        .join(TelemetryLayout, _OWN_LAYOUT)
        .where(*_stretch(device_keys, start, end))
        .group_by(TelemetrySample.device_key)
    )
    return [(key, Reported(seconds, total, today, power)) for key, seconds, total, today, power in rows]


async def totals_at(
    session: Session, device_keys: Sequence[int], start: datetime, look_back: timedelta
) -> dict[int, float]:
    """`energy_total` in kWh as it stood at `start`, by device_key: the last one told before, no older than `look_back`,
    or else the first one since. Each is a look at an index; a device without either is left out."""
    rows = await session.execute(
        _TOTALS_AT, {"device_keys": list(device_keys), "start": start, "earliest": start - look_back}
    )
    return dict(rows.all())


_TOTAL = "s.readings[array_position(l.series, 'energy_total')]"
_TOTALS_AT = sa.text(f"""
select wanted.device_key, coalesce(earlier.kwh, later.kwh) from unnest(:device_keys) as wanted (device_key)
left join lateral (
    select {_TOTAL} as kwh from telemetry_samples s join telemetry_layouts l on l.id = s.layout_id
    where s.device_key = wanted.device_key and s.at >= :earliest and s.at < :start and {_TOTAL} is not null
    order by s.at desc limit 1
) earlier on true
left join lateral (
    select {_TOTAL} as kwh from telemetry_samples s join telemetry_layouts l on l.id = s.layout_id
    where earlier.kwh is null and s.device_key = wanted.device_key and s.at >= :start and {_TOTAL} is not null
    order by s.at limit 1
) later on true
where coalesce(earlier.kwh, later.kwh) is not null
""").bindparams(  # noqa: S608 - put together of nothing but what stands here
    sa.bindparam("device_keys", type_=ARRAY(sa.Integer)), _instant("start"), _instant("earliest")
)

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
