"""SQL of figures whose raw rows are gone, as the worker: a roll-up writes what it finds, and here it finds nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session
from solarhub.telemetry.queries.rolling import SHARDS_LOCK, list_later


class Emptied(NamedTuple):
    """Quarters of an hour of devices, and how many rows they had before some or all of them left."""

    device_keys: Sequence[int]
    starts: Sequence[datetime]
    rows: Sequence[int]


async def wait_for_rolling(worker: Session, device_key: int) -> None:
    """Until the end of the transaction nobody rolls this device; whoever is at it has seen rows that are leaving."""
    await worker.execute(_WAIT, {"class": SHARDS_LOCK, "device_key": device_key})


_WAIT = sa.text("""
select pg_advisory_xact_lock(:class, rollup_shard(site_id)) from devices where device_key = :device_key
""")


async def forget(worker: Session, emptied: Emptied) -> int:
    """Takes figures of these quarters away; what is longer is put together anew of those that stay. How many went.

    Figures of more rows than there were stay: retention has taken the others, and roll-ups are for good.
    """
    if not emptied.device_keys:
        return 0
    told = {name: list(column) for name, column in emptied._asdict().items()}
    rows = await worker.execute(_FORGET_QUARTERS, told)
    gone = sorted((key, start) for key, start in rows)
    if gone:
        keys, starts = (list(column) for column in zip(*gone, strict=True))
        wanted = {"device_keys": keys, "starts": starts}
        for statement in (_FORGET_GAPS, _FORGET_MONTHS, _DAYS_ANEW):
            await worker.execute(statement, wanted)
        ends = sorted({(key, start + _QUARTER) for key, start in gone} - set(gone))
        await list_later(worker, [key for key, _ in ends], [end for _, end in ends])
    return len(gone)


_QUARTER = timedelta(minutes=15)
_KEYS = sa.bindparam("device_keys", type_=ARRAY(sa.Integer))
_STARTS = sa.bindparam("starts", type_=ARRAY(sa.DateTime(timezone=True)))
_GONE = "unnest(:device_keys, :starts) as gone (device_key, start)"


def _of_gone(statement: str) -> Any:
    return sa.text(statement).bindparams(_KEYS, _STARTS)


_FORGET_QUARTERS = sa.text("""
delete from rollup_quarters q using unnest(:device_keys, :starts, :rows) as gone (device_key, start, rows)
where (q.device_key, q.start) = (gone.device_key, gone.start) and q.samples <= gone.rows
returning q.device_key, q.start
""").bindparams(_KEYS, _STARTS, sa.bindparam("rows", type_=ARRAY(sa.Integer)))
# A silence that ended at one of these rows may have begun days before.
_FORGET_GAPS = _of_gone(f"""
with forgotten as (
    delete from rollup_gaps g using {_GONE}
    where g.device_key = gone.device_key and g.ended_at >= gone.start
        and g.ended_at < gone.start + interval '15 minutes'
    returning g.device_key, g.started_at, g.ended_at
)
insert into rollup_days_todo as t (shard, device_key, day, from_quarters)
select distinct rollup_shard(s.id), d.device_key, each.day::date, true
from forgotten f join devices d using (device_key) join sites s on s.id = d.site_id
cross join lateral generate_series(
    (f.started_at at time zone s.timezone)::date, (f.ended_at at time zone s.timezone)::date, interval '1 day'
) as each (day)
on conflict (shard, device_key, day) do update set from_quarters = true
""")  # noqa: S608 - put together of what stands here
_FORGET_MONTHS = _of_gone(f"""
delete from rollup_months m using (
    select distinct gone.device_key, date_trunc('month', gone.start at time zone s.timezone)::date as month
    from {_GONE} join devices d using (device_key) join sites s on s.id = d.site_id
) touched
where (m.device_key, m.month) = (touched.device_key, touched.month)
""")  # noqa: S608 - put together of what stands here
_DAYS_ANEW = _of_gone(f"""
insert into rollup_days_todo as t (shard, device_key, day, from_quarters)
select distinct rollup_shard(s.id), d.device_key, (gone.start at time zone s.timezone)::date, true
from {_GONE} join devices d using (device_key) join sites s on s.id = d.site_id
on conflict (shard, device_key, day) do update set from_quarters = true
""")  # noqa: S608 - put together of what stands here
