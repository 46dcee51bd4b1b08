"""SQL of energy as people read it: from roll-ups, under row-level security."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.db import Session
from solarhub.kit.listing import count_by_names, cut_by_names, page_of_rows, place
from solarhub.kit.paging import Page
from solarhub.organizations.access import Look
from solarhub.organizations.walls import Question
from solarhub.sites.models import Site
from solarhub.telemetry.rollups.models import EnergyCorrection, RollupDay, SiteEnergyDay
from solarhub.telemetry.vocabulary import Period

Row = sa.Row[*tuple[Any, ...]]


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


_KEYS = sa.bindparam("device_keys", type_=ARRAY(sa.Integer))


async def generators(session: Session, site_id: UUID) -> list[tuple[Device, DeviceState | None]]:
    """Devices whose energy is the site's: its inverters, or where it has none, all; removed ones for their past."""
    rows = await session.execute(
        sa.select(Device, DeviceState)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(Device.site_id == site_id)
        .order_by(Device.name, Device.id)
    )
    every: list[tuple[Device, DeviceState | None]] = [(device, state) for device, state in rows]
    return [each for each in every if each[0].device_type is DeviceType.INVERTER] or every


async def days_from(session: Session, device_keys: Collection[int], start: datetime) -> Sequence[Row]:
    """Of the day of each device that begins at `start`: what counts, what was measured, and as of when.

    `total_kwh` is what `energy_total` showed then.
    """
    return (await session.execute(_DAYS_FROM, {"device_keys": list(device_keys), "start": start})).all()


_DAYS_FROM = sa.text("""
select r.device_key, r.energy_kwh, r.measured_kwh, r.energy_method, r.energy_marks, r.last_at, r.samples,
    r.interval_seconds, nullif(r.last[array_position(l.series, 'energy_total')], 'NaN') as total_kwh
from rollup_days r
join telemetry_layouts l on l.id = r.layout_id
where r.device_key = any(:device_keys) and r.starts_at = :start
    and r.day between (:start at time zone 'UTC')::date - 1 and (:start at time zone 'UTC')::date + 1
""").bindparams(_KEYS, _instant("start"))


async def totals_before(
    session: Session, device_keys: Collection[int], start: datetime, earliest: datetime
) -> dict[int, float]:
    """What `energy_total` showed in the newest quarter before `start` that is no older than `earliest`, in kWh."""
    wanted = {"device_keys": list(device_keys), "start": start, "earliest": earliest}
    return {key: kwh for key, kwh in await session.execute(_TOTALS_BEFORE, wanted) if kwh is not None}


_TOTALS_BEFORE = sa.text("""
select w.device_key, nullif(q.last[array_position(l.series, 'energy_total')], 'NaN')
from unnest(:device_keys) as w (device_key)
cross join lateral (
    select r.last, r.layout_id from rollup_quarters r
    where r.device_key = w.device_key and r.start >= :earliest and r.start < :start order by r.start desc limit 1
) q
join telemetry_layouts l on l.id = q.layout_id
""").bindparams(_KEYS, _instant("start"), _instant("earliest"))


class Course(NamedTuple):
    """Mean power in kW of quarters of an hour by where they begin, and how far that reaches."""

    device_key: int
    starts: Sequence[datetime]
    means: Sequence[float]
    last_at: datetime


async def courses(session: Session, device_keys: Collection[int], start: datetime, end: datetime) -> list[Course]:
    """Of `power_output`, of each device that was rolled up from `start` to before `end`."""
    rows = await session.execute(_COURSES, {"device_keys": list(device_keys), "start": start, "end": end})
    return [Course(*row) for row in rows]


_COURSES = sa.text("""
select q.device_key, array_agg(q.start), array_agg(q.mean[array_position(l.series, 'power_output')]), max(q.last_at)
from rollup_quarters q
join telemetry_layouts l on l.id = q.layout_id
where q.device_key = any(:device_keys) and q.start >= :start and q.start < :end
    and 'power_output' = any(l.series)
group by q.device_key
""").bindparams(_KEYS, _instant("start"), _instant("end"))

# ------------------------------------------------------------------------------------------------------------- periods


class Periods(NamedTuple):
    """Columns of days, months or years, side by side and in their order; seconds heard, and to be heard, of devices."""

    starts: Sequence[date]
    kwh: Sequence[float | None]
    measured_kwh: Sequence[float | None]
    methods: Sequence[str | None]
    marks: Sequence[int]
    covered_seconds: Sequence[float]
    expected_seconds: Sequence[float]


class SitePeriods(NamedTuple):
    """A site's energy; `periods` None: nothing was rolled up in that time."""

    site_id: UUID
    name: str
    timezone: str
    periods: Periods | None


async def periods_of_sites(
    look: Look, first: date, last: date, by: Period, page: Page
) -> tuple[list[SitePeriods], int]:
    """A page of sites by name, each with its energy from `first` to `last`, and how many there are."""
    rows = await look.ask(_PERIODS_OF_PAGES[by], **place(page), first=first, last=last)
    if rows:
        counted: int = rows[0][3]
    else:
        [(counted,)] = await look.ask(_COUNT, **place(page))
    return [SitePeriods(row[0], row[1], row[2], _side_by_side_told(row[4:])) for row in rows], counted


def _side_by_side_told(columns: Sequence[Any]) -> Periods | None:
    return Periods(*columns) if columns[0] is not None else None


async def periods_of_site(session: Session, site_id: UUID, first: date, last: date, by: Period) -> Periods | None:
    """None: nothing was rolled up in that time."""
    return (await _periods(session, [site_id], first, last, by)).get(site_id)


async def _periods(
    session: Session, site_ids: Sequence[UUID], first: date, last: date, by: Period
) -> dict[UUID, Periods]:
    rows = await session.execute(_periods_of_sites(by), {"site_ids": list(site_ids), "first": first, "last": last})
    return {site_id: Periods(*columns) for site_id, *columns in rows}


@cache
def _periods_of_sites(by: Period) -> sa.Select[*tuple[Any, ...]]:
    wanted = sa.bindparam("site_ids", type_=ARRAY(sa.Uuid))  # one value, where IN would send each by itself
    return _side_by_side(_days_of(sa.any_(wanted), by).subquery())


def _days_of(some: Any, by: Period) -> sa.Select[*tuple[Any, ...]]:
    day = SiteEnergyDay
    return _figures(day, day.site_id, day.covered_seconds, day.devices, by).where(
        day.site_id == some,
        day.day >= sa.bindparam("first", type_=sa.Date),
        day.day <= sa.bindparam("last", type_=sa.Date),
    )


async def periods_of_device(session: Session, device_key: int, first: date, last: date, by: Period) -> Periods | None:
    """The same of one device, each day at the site where it stood then."""
    day = RollupDay
    heard = sa.func.least(sa.cast(day.samples, sa.Double) * day.interval_seconds, _elapsed(day))
    each = _figures(day, day.device_key, heard, sa.literal(1), by).where(
        day.device_key == device_key, day.day >= first, day.day <= last
    )
    rows = (await session.execute(_side_by_side(each.subquery()))).all()
    return Periods(*rows[0][1:]) if rows else None


def _elapsed(day: Any) -> sa.ColumnElement[float]:
    passed = sa.func.least(day.ends_at, sa.func.now()) - day.starts_at
    return sa.cast(sa.extract("epoch", passed), sa.Double)


def _figures(day: Any, of: Any, covered: Any, devices: Any, by: Period) -> sa.Select[*tuple[Any, ...]]:
    """A row for each period; a day is one already."""
    one = by is Period.DAY
    total = (lambda column: column) if one else sa.func.sum
    method = day.energy_method
    found = sa.select(
        of.label("of"),
        _start(day.day, by).label("start"),
        total(day.energy_kwh).label("kwh"),
        total(day.measured_kwh).label("measured_kwh"),
        (method if one else _method(method)).label("method"),
        (day.energy_marks if one else sa.func.bit_or(day.energy_marks)).label("marks"),
        sa.cast(total(covered), sa.Double).label("covered"),
        sa.cast(total(devices * _elapsed(day)), sa.Double).label("expected"),
    )
    return found if one else found.group_by(of, _start(day.day, by))


def _start(day: Any, by: Period) -> sa.ColumnElement[date]:
    if by is Period.DAY:
        return sa.type_coerce(day, sa.Date)
    return sa.cast(sa.func.date_trunc(sa.literal_column(f"'{by.value}'"), sa.cast(day, sa.DateTime)), sa.Date)


def _method(method: Any) -> sa.ColumnElement[str]:
    return sa.case((sa.func.min(method) != sa.func.max(method), "mixed"), else_=sa.func.min(method))


def _side_by_side(each: sa.Subquery) -> sa.Select[*tuple[Any, ...]]:
    names = ("start", "kwh", "measured_kwh", "method", "marks", "covered", "expected")
    columns = (sa.func.array_agg(aggregate_order_by(each.c[name], each.c.start.asc())) for name in names)
    return sa.select(each.c.of, *columns).group_by(each.c.of)


_SITES = sa.select(Site.id, Site.name, Site.timezone).where(Site.removed_at.is_(None)).order_by(Site.name, Site.id)


def _periods_of_page(by: Period) -> sa.Select[*tuple[Any, ...]]:
    """A page of sites, how many there are, and the figures of each: in one look."""
    site = cut_by_names(_SITES).cte("page")
    counted = count_by_names(_SITES).scalar_subquery().label("counted")
    # site by site: a join may read the days of all the organization's sites
    found = _side_by_side(_days_of(site.c.id, by).correlate(site).subquery()).lateral("found")
    columns = [column for column in found.c if column.key != "of"]
    return (
        sa.select(site.c.id, site.c.name, site.c.timezone, counted, *columns)
        .select_from(site.outerjoin(found, sa.true()))
        .order_by(site.c.name, site.c.id)
    )


_PERIODS_OF_PAGES = {by: Question(_periods_of_page(by)) for by in Period}
_COUNT = Question(count_by_names(_SITES))


# ------------------------------------------------------------------------------------------------------------- ledger


async def corrections(session: Session, device_id: UUID, page: Page) -> tuple[Sequence[sa.Row[EnergyCorrection]], int]:
    """The device's lines of the ledger, the newest first."""
    wanted = (
        sa.select(EnergyCorrection)
        .where(EnergyCorrection.device_id == device_id)
        .order_by(EnergyCorrection.corrected_at.desc(), EnergyCorrection.id.desc())
    )
    return await page_of_rows(session, wanted, page)


async def correction(session: Session, device_id: UUID, correction_id: UUID) -> EnergyCorrection | None:
    return await session.scalar(
        sa.select(EnergyCorrection).where(EnergyCorrection.id == correction_id, EnergyCorrection.device_id == device_id)
    )


async def correction_within(session: Session, device_id: UUID, first: date, last: date) -> EnergyCorrection | None:
    """One in force that touches these days."""
    return await session.scalar(
        sa.select(EnergyCorrection)
        .where(
            EnergyCorrection.device_id == device_id,
            EnergyCorrection.undone_at.is_(None),
            EnergyCorrection.first_day <= last,
            EnergyCorrection.last_day >= first,
        )
        .limit(1)
    )


async def energy_between(session: Session, device_key: int, first: date, last: date) -> float | None:
    """What counts of these days together, in kWh; None where nothing is known of any."""
    return await session.scalar(
        sa.select(sa.func.sum(RollupDay.energy_kwh)).where(
            RollupDay.device_key == device_key, RollupDay.day >= first, RollupDay.day <= last
        )
    )


async def list_day(session: Session, device_key: int, site_id: UUID, day: date) -> None:
    """The worker is to put the device's day together anew, and with it what the ledger says of the device."""
    await session.execute(_LIST_DAY, {"device_key": device_key, "site_id": site_id, "day": day})


_LIST_DAY = sa.text("""
insert into rollup_days_todo (shard, device_key, day) values (rollup_shard(:site_id), :device_key, :day)
on conflict do nothing
""").bindparams(sa.bindparam("site_id", type_=sa.Uuid), sa.bindparam("day", type_=sa.Date))
