"""SQL that works out once more what should have fired: gaps and islands over stored rows, in tables of a transaction.

It shares nothing with judging but the tables: rules are read from their JSON, durations and gaps are intervals, and
each alert is found from the one before it. Slow: it reads every row of the stretch.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.kit.db import Session

_INSTANT = sa.DateTime(timezone=True)


class Stretch(NamedTuple):
    """Which rows are looked at: those of an organization, taken from `since` to before `until`.

    Alerts are compared from `start` on. Rows that were received after `received_until` need not be judged yet.
    """

    organization_id: UUID
    since: datetime
    start: datetime
    until: datetime
    received_until: datetime


class Day(NamedTuple):
    """A stretch of daylight at a plant, its end excluded."""

    site_id: UUID
    starts: datetime
    ends: datetime


_RULES = """
create temporary table verified_pairs on commit drop as
select row_number() over () as pair, r.id as rule_id, r.name as rule_name, d.id as device_id, d.device_key,
    d.name as device_name, d.site_id, r.condition ->> 'metric' as metric, r.condition ->> 'operator' as operator,
    (r.condition ->> 'threshold')::double precision as threshold,
    make_interval(secs => coalesce((r.condition ->> 'duration_seconds')::double precision, 0)) as duration,
    make_interval(mins => r.cooldown_minutes) as cooldown, r.auto_resolve, r.asks_since,
    coalesce(r.condition ->> 'when', 'always') = 'daylight' as daylight,
    make_interval(secs => 3 * coalesce(nullif((d.metadata ->> 'reporting_interval_seconds')::double precision, 0), 60))
        as longest_gap
from alert_rules r
join devices d on d.organization_id = r.organization_id and d.removed_at is null
    and (r.site_id is null or r.site_id = d.site_id)
    and coalesce(r.condition ->> 'device_type', d.device_type::text) = d.device_type::text
where r.organization_id = :organization_id and r.is_active and r.removed_at is null
"""

_PLACES = """
select distinct s.id, s.latitude, s.longitude from verified_pairs p join sites s on s.id = p.site_id where p.daylight
"""

_DAYS = """
create temporary table verified_days on commit drop as
select row_number() over () as day, site_id, starts, ends
from unnest(:sites, :starts, :ends) as d (site_id, starts, ends)
"""

_SAMPLES = """
create temporary table verified_samples on commit drop as
select s.device_key, m.metric, s.at, s.received_at, s.readings[array_position(l.series, m.metric)] as value
from telemetry_samples s
join telemetry_layouts l on l.id = s.layout_id
join (select distinct metric from verified_pairs) m on m.metric = any (l.series)
where s.device_key in (select device_key from verified_pairs) and s.at >= :since and s.at < :until
    and not s.late and not s.imported and s.received_at <= :received_until
    and s.readings[array_position(l.series, m.metric)] <> 'NaN'
"""

_JUDGED = """
create temporary table verified_judged on commit drop as
select p.pair, s.at, s.received_at, s.value, d.day,
    case p.operator when 'lt' then s.value < p.threshold when 'lte' then s.value <= p.threshold
        when 'gt' then s.value > p.threshold when 'gte' then s.value >= p.threshold
        when 'eq' then s.value = p.threshold when 'neq' then s.value <> p.threshold end as breaches
from verified_pairs p
join verified_samples s on s.device_key = p.device_key and s.metric = p.metric
left join verified_days d on p.daylight and d.site_id = p.site_id and s.at >= d.starts and s.at < d.ends
where s.received_at > p.asks_since and (not p.daylight or d.day is not null)
"""

# A run is broken by a clear sample alone; a streak also by silence and by a night.
_BREACHES = """
create temporary table verified_breaches on commit drop as
with marked as (
    select j.*, p.longest_gap, lag(j.at) over past as at_before, lag(j.breaches) over past as breached_before,
        lag(j.day) over past as day_before, count(*) filter (where not j.breaches) over past as run,
        min(j.at) filter (where not j.breaches) over (
            partition by j.pair order by j.at rows between current row and unbounded following
        ) as cleared_at
    from verified_judged j join verified_pairs p on p.pair = j.pair
    window past as (partition by j.pair order by j.at)
), streaks as (
    select *, count(*) filter (
        where at_before is null or not breached_before or at - at_before > longest_gap
            or day is distinct from day_before
    ) over (partition by pair order by at) as streak
    from marked where breaches
)
select pair, run, at, received_at, value, cleared_at, min(at) over (partition by pair, streak) as started_at
from streaks
"""

# What a device reported before the rows that are read may be part of a breach: then only what follows the first clear
# sample is known.
_BEGINNINGS = """
create temporary table verified_beginnings on commit drop as
select p.pair, case
    when not exists (select from telemetry_samples s where s.device_key = p.device_key and s.at < :until
                     and (s.at < :since or s.received_at <= p.asks_since))
        and not exists (select from telemetry_blocks b where b.device_key = p.device_key)
    then timestamptz '-infinity'
    else coalesce((select min(j.at) from verified_judged j where j.pair = p.pair and not j.breaches), 'infinity')
    end as known_after
from verified_pairs p
"""

_DUE = """
create temporary table verified_due on commit drop as
select b.*, first_value(b.received_at) over (partition by b.pair, b.run order by b.at) as run_due_received_at
from verified_breaches b
join verified_pairs p on p.pair = b.pair
join verified_beginnings k on k.pair = b.pair
where b.at - b.started_at >= p.duration and b.at > k.known_after
"""

# Each alert from the one before it: the first sample of a later run that is due after the cooldown. Where a rule leaves
# its alerts to people, that run must not have been due while the alert was open, which only what is recorded can tell.
_FIRED = """
create temporary table verified_fired on commit drop as
with recursive fired as (
    select p.pair, -1::bigint as run, e.triggered_at, null::timestamptz as started_at, null::double precision as value,
        e.closed_at as over_at, null::timestamptz as cleared_at
    from verified_pairs p
    join verified_beginnings k on k.pair = p.pair
    left join lateral (
        select e.triggered_at, e.closed_at from alert_episodes e
        where e.rule_id = p.rule_id and e.target = 'device:' || p.device_id and e.triggered_at <= k.known_after
        order by e.triggered_at desc limit 1
    ) e on true
    union all
    select f.pair, n.run, n.at, n.started_at, n.value,
        (select e.closed_at from alert_episodes e where e.rule_id = p.rule_id
            and e.target = 'device:' || p.device_id and e.streak_started_at = n.started_at),
        n.cleared_at
    from fired f
    join verified_pairs p on p.pair = f.pair
    cross join lateral (
        select d.* from verified_due d
        where d.pair = f.pair and d.run > f.run and (
            f.triggered_at is null
            or d.at >= f.triggered_at + p.cooldown and (p.auto_resolve or d.run_due_received_at > f.over_at)
        )
        order by d.at limit 1
    ) n
)
select pair, triggered_at, started_at, value, cleared_at from fired where run >= 0 and triggered_at >= :start
"""

_DIFFERENCES = """
with recorded as (
    select p.pair, e.triggered_at, e.streak_started_at, e.closed_at, a.resolved_by
    from verified_pairs p
    join verified_beginnings k on k.pair = p.pair
    join alert_episodes e on e.rule_id = p.rule_id and e.target = 'device:' || p.device_id
    left join alerts a on a.id = e.alert_id
    where e.triggered_at >= :start and e.triggered_at < :until and e.triggered_at > k.known_after
        and not exists (select from telemetry_samples s where s.device_key = p.device_key and s.at = e.triggered_at
                        and s.received_at > :received_until)
)
select p.rule_id, p.rule_name as rule, p.device_id, p.device_name as device,
    coalesce(f.triggered_at, r.triggered_at) as triggered_at,
    case when r.pair is null then 'missing' when f.pair is null then 'unfounded'
        when r.streak_started_at <> f.started_at then 'another streak' else 'not resolved' end as what,
    f.started_at as streak_should_start_at, r.streak_started_at,
    case when p.auto_resolve then f.cleared_at end as should_be_resolved_at, r.closed_at as resolved_at
from verified_fired f
full join recorded r on r.pair = f.pair and r.triggered_at = f.triggered_at
join verified_pairs p on p.pair = coalesce(f.pair, r.pair)
where r.pair is null or f.pair is null or r.streak_started_at <> f.started_at
    or p.auto_resolve and f.cleared_at is not null and r.resolved_by is null
        and (r.closed_at is null or r.closed_at > f.cleared_at)
order by 5, 2, 4, 1, 3
"""


async def prepare(session: Session, stretch: Stretch) -> Sequence[Any]:
    """Finds which rule watches which device; the plants (id, latitude, longitude) whose daylight somebody asks for."""
    await session.execute(sa.text("select set_config('statement_timeout', '0', true)"))
    await session.execute(sa.text(_RULES), {"organization_id": stretch.organization_id})
    return (await session.execute(sa.text(_PLACES))).all()


async def work_out(session: Session, stretch: Stretch, days: Sequence[Day]) -> int:
    """What should have fired, into `verified_fired`; how many samples were held against rules."""
    await session.execute(
        sa.text(_DAYS).bindparams(
            sa.bindparam("sites", [day.site_id for day in days], ARRAY(sa.Uuid())),
            sa.bindparam("starts", [day.starts for day in days], ARRAY(_INSTANT)),
            sa.bindparam("ends", [day.ends for day in days], ARRAY(_INSTANT)),
        )
    )
    bounds = stretch._asdict()
    for statement in (_SAMPLES, _JUDGED, _BREACHES, _BEGINNINGS, _DUE):
        named = sa.text(statement)
        await session.execute(named, {name: bounds[name] for name in named.compile().params})
    await session.execute(sa.text("create index on verified_due (pair, at)"))
    await session.execute(sa.text("analyze verified_due"))
    await session.execute(sa.text(_FIRED), {"start": stretch.start})
    return int((await session.execute(sa.text("select count(*) from verified_judged"))).scalar_one())


async def fired(session: Session) -> int:
    """How many alerts should have fired."""
    return int((await session.execute(sa.text("select count(*) from verified_fired"))).scalar_one())


async def differences(session: Session, stretch: Stretch) -> Sequence[Mapping[str, Any]]:
    """Where that differs from what is recorded, and how."""
    bounds = {"start": stretch.start, "until": stretch.until, "received_until": stretch.received_until}
    return [dict(row) for row in (await session.execute(sa.text(_DIFFERENCES), bounds)).mappings()]


async def oldest_raw_instant(session: Session) -> datetime | None:
    """Rows taken before may lie in blocks, which SQL cannot read; None: there are no blocks."""
    found = await session.execute(
        sa.text("select ((max(day) + 1)::timestamp at time zone 'UTC') from telemetry_cold_days")
    )
    at: datetime | None = found.scalar_one()
    return at
