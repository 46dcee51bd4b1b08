"""SQL of days' energy, as the worker: corrections on top of what was measured, and plants out of their devices."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session

_KEYS = sa.bindparam("device_keys", type_=ARRAY(sa.Integer))
_DAYS = sa.bindparam("days", type_=ARRAY(sa.Date))


class SiteDay(NamedTuple):
    """A day of a plant."""

    site_id: UUID
    day: date


async def sites_of(session: Session, device_days: Collection[tuple[int, date]]) -> set[SiteDay]:
    """At which plants these days of devices were spent."""
    if not device_days:
        return set()
    keys, days = zip(*sorted(device_days), strict=True)
    rows = await session.execute(_SITES_OF, {"device_keys": list(keys), "days": list(days)})
    return {SiteDay(site_id, day) for site_id, day in rows}


_SITES_OF = sa.text("""
select distinct r.site_id, r.day from unnest(:device_keys, :days) as w (device_key, day)
join rollup_days r on r.device_key = w.device_key and r.day = w.day
""").bindparams(_KEYS, _DAYS)


async def correct(session: Session, device_keys: Collection[int], empty_layouts: dict[int, int]) -> set[SiteDay]:
    """Puts what the ledger says of these devices on top of their days; the plants and days that it changed.

    `empty_layouts`: by device, the layout without any series, for days of which nothing else is known.
    """
    keys = {"device_keys": list(device_keys)}
    corrected = (await session.scalars(_IN_LEDGER, keys)).all()
    if not corrected:
        return set()
    keys = {"device_keys": list(corrected)}
    layouts = [empty_layouts[key] for key in corrected]
    made = await session.execute(_DAYS_OF_NOTHING, keys | {"layouts": layouts})
    undone = await session.execute(_UNDONE, keys)
    changed = await session.execute(_CORRECT, keys)
    return {SiteDay(site_id, day) for rows in (made, undone, changed) for site_id, day in rows}


_IN_LEDGER = sa.text("""
select distinct device_key from energy_corrections where device_key = any(:device_keys) order by device_key
""").bindparams(_KEYS)

_DAYS_OF_NOTHING = sa.text("""
insert into rollup_days as t (device_key, day, starts_at, ends_at, organization_key, site_id, layout_id, samples,
    interval_seconds, mean, least, greatest, last)
select c.device_key, day::date, day at time zone s.timezone, (day + interval '1 day') at time zone s.timezone,
    o.organization_key, d.site_id, w.layout_id, 0, 60, '{}', '{}', '{}', '{}'
from unnest(:device_keys, :layouts) as w (device_key, layout_id)
join energy_corrections c on c.device_key = w.device_key and c.undone_at is null
cross join lateral generate_series(c.first_day::timestamp, c.last_day::timestamp, interval '1 day') as day
join devices d on d.device_key = c.device_key
join sites s on s.id = d.site_id
join organizations o on o.id = d.organization_id
on conflict (device_key, day) do nothing
returning t.site_id, t.day
""").bindparams(_KEYS, sa.bindparam("layouts", type_=ARRAY(sa.Integer)))

_UNDONE = sa.text("""
update rollup_days r
set energy_kwh = r.measured_kwh, energy_marks = r.energy_marks & ~32, correction_id = null
where r.device_key = any(:device_keys) and r.correction_id is not null
    and not exists (select from energy_corrections c where c.id = r.correction_id and c.undone_at is null)
returning r.site_id, r.day
""").bindparams(_KEYS)

# As the days were measured to each other; evenly where nothing was.
_CORRECT = sa.text("""
with shared as (
    select c.id, r.device_key, r.day, c.kwh,
        greatest(coalesce(r.measured_kwh, 0), 0) as own,
        sum(greatest(coalesce(r.measured_kwh, 0), 0)) over (partition by c.id) as whole,
        count(*) over (partition by c.id) as days
    from energy_corrections c
    join rollup_days r on r.device_key = c.device_key and r.day between c.first_day and c.last_day
    where c.device_key = any(:device_keys) and c.undone_at is null
),
told as (
    select id, device_key, day, case when whole > 0 then kwh * own / whole else kwh / days end as kwh from shared
)
update rollup_days r
set energy_kwh = told.kwh, energy_marks = r.energy_marks | 32, correction_id = told.id
from told
where r.device_key = told.device_key and r.day = told.day
    and (r.energy_kwh, r.energy_marks & 32, r.correction_id) is distinct from (told.kwh, 32, told.id)
returning r.site_id, r.day
""").bindparams(_KEYS)


async def add_up(session: Session, days: Collection[SiteDay]) -> None:
    """The days of plants out of the days of their devices."""
    if days:
        sites, dates = zip(*sorted(days), strict=True)
        wanted = {"sites": list(sites), "days": list(dates)}
        await session.execute(_NOTHING_LEFT, wanted)
        await session.execute(_ADD_UP, wanted)


_SITES = sa.bindparam("sites", type_=ARRAY(sa.Uuid))
_NOTHING_LEFT = sa.text("""
delete from site_energy_days t using unnest(:sites, :days) as w (site_id, day)
where (t.site_id, t.day) = (w.site_id, w.day)
    and not exists (select from rollup_days r where r.site_id = w.site_id and r.day = w.day)
""").bindparams(_SITES, _DAYS)

_ADD_UP = sa.text("""
insert into site_energy_days as t (site_id, day, starts_at, ends_at, organization_id, energy_kwh, measured_kwh,
    energy_method, energy_marks, covered_seconds, devices)
select s.id, w.day, found.starts_at, found.ends_at, s.organization_id, found.energy_kwh, found.measured_kwh,
    found.energy_method, coalesce(found.energy_marks, 0), coalesce(found.covered_seconds, 0),
    greatest(found.heard, expected.devices)
from unnest(:sites, :days) as w (site_id, day)
join sites s on s.id = w.site_id
cross join lateral (
    select exists (select from devices i where i.site_id = s.id and i.device_type = 'inverter') as has_inverters
) its
cross join lateral (
    select max(r.starts_at) as starts_at, max(r.ends_at) as ends_at, sum(r.energy_kwh) as energy_kwh,
        sum(r.measured_kwh) as measured_kwh, bit_or(r.energy_marks) as energy_marks, count(*) as heard,
        sum(least(r.samples::double precision * r.interval_seconds, extract(epoch from r.ends_at - r.starts_at)))
            as covered_seconds,
        case when count(distinct r.energy_method) > 1 then 'mixed' else min(r.energy_method) end as energy_method
    from rollup_days r
    join devices d on d.device_key = r.device_key
    where r.site_id = s.id and r.day = w.day and (d.device_type = 'inverter' or not its.has_inverters)
) found
cross join lateral (
    select count(*) as devices from devices d
    where d.site_id = s.id and (d.device_type = 'inverter' or not its.has_inverters)
        and d.created_at < found.ends_at and (d.removed_at is null or d.removed_at >= found.ends_at)
) expected
where found.starts_at is not null
on conflict (site_id, day) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    organization_id = excluded.organization_id, energy_kwh = excluded.energy_kwh,
    measured_kwh = excluded.measured_kwh, energy_method = excluded.energy_method,
    energy_marks = excluded.energy_marks, covered_seconds = excluded.covered_seconds, devices = excluded.devices
""").bindparams(_SITES, _DAYS)
