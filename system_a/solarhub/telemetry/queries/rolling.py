"""SQL of what is still to be rolled, as the worker: marks of the corridor, and lists that workers share."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session

SHARDS_LOCK = 0x524F4C4C
"""First key of the advisory locks that workers share the shards out by."""


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


_KEYS = sa.bindparam("device_keys", type_=ARRAY(sa.Integer))


async def fleet_size(session: Session) -> int:
    """About how many devices have ever reported: as the statistics have it, or, where none were made yet, as the server
    has counted rows since it started."""
    return int(await session.scalar(_FLEET_SIZE) or 0)


_FLEET_SIZE = sa.text("""
select greatest(reltuples, pg_stat_get_live_tuples(oid)) from pg_class where oid = 'device_state'::regclass
""")


async def take_marks(session: Session, marked_before: datetime) -> int:
    """Moves marks that are old enough to the worker's own list; how many. The caller holds the lock of the marks."""
    taken = await session.execute(_TAKE_MARKS, {"marked_before": marked_before})
    count: int = taken.scalar_one()
    if count:
        await session.execute(_NEXT_EPOCH)
    return count


_TAKE_MARKS = sa.text("""
with due as (delete from telemetry_marks where marked_at < :marked_before returning hour, device_key),
listed as (
    insert into rollup_todo (shard, device_key, hour)
    select rollup_shard(d.site_id), due.device_key, due.hour from due join devices d using (device_key)
    on conflict do nothing
)
select count(*) from due
""").bindparams(_instant("marked_before"))

_NEXT_EPOCH = sa.text("""
insert into telemetry_mark_epoch as e (epoch) values (1) on conflict (is_only) do update set epoch = e.epoch + 1
""")


async def lock_marks(session: Session, lock: int) -> None:
    """Until the end of the transaction nobody writes marks."""
    await session.execute(sa.text("select pg_advisory_xact_lock(:lock)"), {"lock": lock})


class Claim(NamedTuple):
    """Hours in UTC and days at the site that this transaction has taken upon itself, by device_key."""

    hours: list[tuple[int, datetime]]
    days: list[tuple[int, date, bool]]


async def claim(session: Session, most: int) -> Claim:
    """Takes work off the lists, of shards on which nobody else is at work; a transaction that fails gives it back."""
    claimed = Claim([], [])
    for shard in (await session.scalars(_SHARDS)).all():
        left = most - len(claimed.hours) - len(claimed.days)
        if left <= 0:
            break
        if await session.scalar(_TRY, {"class": SHARDS_LOCK, "shard": shard}):
            hours = await session.execute(_CLAIM_HOURS, {"shard": shard, "most": left})
            claimed.hours.extend((key, hour) for key, hour in hours)
            days = await session.execute(_CLAIM_DAYS, {"shard": shard, "most": left})
            claimed.days.extend((key, day, from_quarters) for key, day, from_quarters in days)
    return claimed


_SHARDS = sa.text("""
select shard from generate_series(0, 15) as shard
where exists (select from rollup_todo t where t.shard = shard.shard)
    or exists (select from rollup_days_todo t where t.shard = shard.shard)
order by random()
""")
_TRY = sa.text("select pg_try_advisory_xact_lock(:class, :shard)")
_CLAIM_HOURS = sa.text("""
delete from rollup_todo t using (
    select shard, device_key, hour from rollup_todo where shard = :shard order by device_key, hour limit :most
) mine
where (t.shard, t.device_key, t.hour) = (mine.shard, mine.device_key, mine.hour)
returning t.device_key, t.hour
""")
_CLAIM_DAYS = sa.text("""
delete from rollup_days_todo t using (
    select shard, device_key, day from rollup_days_todo where shard = :shard order by device_key, day limit :most
) mine
where (t.shard, t.device_key, t.day) = (mine.shard, mine.device_key, mine.day)
returning t.device_key, t.day, t.from_quarters
""")


async def list_clocks(session: Session) -> None:
    """Days of plants whose clocks are others now go onto the list, a plant at a time."""
    await session.execute(_CLOCKS)


_CLOCKS = sa.text("""
with changed as (delete from rollup_clocks_todo returning site_id)
insert into rollup_days_todo as t (shard, device_key, day, from_quarters)
select distinct rollup_shard(s.id), d.device_key, (q.start at time zone s.timezone)::date + more.days, true
from changed join sites s on s.id = changed.site_id
join devices d on d.site_id = s.id and d.organization_id = s.organization_id
join rollup_hours q on q.device_key = d.device_key
cross join (values (-1), (0), (1)) as more (days)
on conflict (shard, device_key, day) do update set from_quarters = true
""")


async def list_later(session: Session, device_keys: Sequence[int], ends: Sequence[datetime]) -> None:
    """The next hour that was rolled after these, of each device: what it counts from is another now."""
    await session.execute(_LATER, {"device_keys": list(device_keys), "ends": list(ends)})


_LATER = sa.text("""
insert into rollup_todo (shard, device_key, hour)
select rollup_shard(d.site_id), w.device_key, date_trunc('hour', next.start, 'UTC')
from unnest(:device_keys, :ends) as w (device_key, ends)
join devices d on d.device_key = w.device_key
cross join lateral (
    select q.start from rollup_quarters q where q.device_key = w.device_key and q.start >= w.ends
    order by q.start limit 1
) next
on conflict do nothing
""").bindparams(_KEYS, sa.bindparam("ends", type_=ARRAY(sa.DateTime(timezone=True))))


async def list_days(session: Session, days: Iterable[tuple[int, date]]) -> None:
    """Days at the site that other hours had something to say of."""
    wanted = sorted(set(days))
    if wanted:
        keys, dates = zip(*wanted, strict=True)
        await session.execute(_LIST_DAYS, {"device_keys": list(keys), "days": list(dates)})


_DAYS = sa.bindparam("days", type_=ARRAY(sa.Date))
_LIST_DAYS = sa.text("""
insert into rollup_days_todo (shard, device_key, day)
select rollup_shard(d.site_id), w.device_key, w.day from unnest(:device_keys, :days) as w (device_key, day)
join devices d on d.device_key = w.device_key
on conflict do nothing
""").bindparams(_KEYS, _DAYS)


async def list_months(session: Session, days: Iterable[tuple[int, date]], due_at: datetime) -> None:
    """The months of these days, to be put together anew by and by."""
    wanted = sorted({(key, day.replace(day=1)) for key, day in days})
    if wanted:
        keys, months = zip(*wanted, strict=True)
        await session.execute(_LIST_MONTHS, {"device_keys": list(keys), "days": list(months), "due_at": due_at})


_LIST_MONTHS = sa.text("""
insert into rollup_months_todo (device_key, month, due_at)
select device_key, month, :due_at from unnest(:device_keys, :days) as w (device_key, month) on conflict do nothing
""").bindparams(_KEYS, _DAYS, _instant("due_at"))


async def claim_months(session: Session, now: datetime, most: int) -> list[tuple[int, date]]:
    """Months that are due, and that nobody else is at work on."""
    rows = await session.execute(_CLAIM_MONTHS, {"now": now, "most": most})
    return [(key, month) for key, month in rows]


_CLAIM_MONTHS = sa.text("""
delete from rollup_months_todo t using (
    select device_key, month from rollup_months_todo where due_at <= :now
    order by due_at limit :most for update skip locked
) mine
where (t.device_key, t.month) = (mine.device_key, mine.month)
returning t.device_key, t.month
""").bindparams(_instant("now"))
