"""SQL of the corridor, on a raw connection of the worker: COPY is not spoken elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg

from solarhub.telemetry.batch import NEVER, Int32s, Int64s, moment
from solarhub.telemetry.corridor.copying import COLUMNS, NUMBERED
from solarhub.telemetry.corridor.states import State
from solarhub.telemetry.corridor.strip import Entry
from solarhub.telemetry.layout import Series, fingerprint

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

MICROSECONDS = "(extract(epoch from {}) * 1000000)::bigint"
AT = "('epoch'::timestamptz + {} * interval '1 microsecond')"
"""The inverse, and as exact."""

_STAGING = """
create temporary table if not exists incoming (number integer not null, like telemetry_samples including defaults)
on commit delete rows
"""

# Rows of one device and instant: the one with the smallest number comes first, and stays.
_FROM_STAGING = f"""
insert into telemetry_samples ({", ".join(COLUMNS)})
select {", ".join(COLUMNS)} from incoming order by device_key, at, number
on conflict (device_key, at) do nothing
returning device_key, {MICROSECONDS.format("at")} as at
"""  # noqa: S608 - put together of nothing but what stands here

_STORED = f"""
    s.xmin::text as version, {MICROSECONDS.format("s.received_at")} as received_at, s.late, s.imported
"""

# Of staged rows that met another: that one, where it is not the very same. The limits keep the planner from looking
# into every partition.
_MET = f"""
select i.number, s.version, s.received_at, s.late, s.imported, l.series, s.readings
from incoming i
cross join lateral (
    select s.layout_id, s.readings, {_STORED} from telemetry_samples s
    where s.device_key = i.device_key and s.at = i.at and s.at between $2 and $3 limit 1
) s
join telemetry_layouts l on l.id = s.layout_id
where i.number = any($1::integer[]) and (i.layout_id, i.readings) is distinct from (s.layout_id, s.readings)
"""  # noqa: S608 - put together of nothing but what stands here

_AT = f"""
select wanted.number, {_STORED}, l.series, s.readings
from unnest($1::integer[], $2::timestamptz[]) with ordinality as wanted (device_key, at, number)
join telemetry_samples s on s.device_key = wanted.device_key and s.at = wanted.at and s.at between $3 and $4
join telemetry_layouts l on l.id = s.layout_id
"""  # noqa: S608 - put together of nothing but what stands here

# By the transaction that wrote it a row is known again: nobody may have written another in its place meanwhile.
_TAKE = """
delete from telemetry_samples s
using unnest($1::integer[], $2::timestamptz[], $3::text[]) as taken (device_key, at, version)
where s.device_key = taken.device_key and s.at = taken.at and s.at between $4 and $5 and s.xmin::text = taken.version
returning 1
"""

# A row of its own for every device, so that from then on it is only changed. A device that is gone gets none.
_INTRODUCE = """
insert into device_state (device_id, organization_id, device_key)
select d.id, d.organization_id, d.device_key from devices d
where d.device_key = any($1::integer[])
    and not exists (select from device_state s where s.device_key = d.device_key)
order by d.device_key
on conflict do nothing
"""

# Where each device stands. What it last wrote of itself may be a little old, so its rows are looked at from there on;
# the lateral sub-select keeps the planner from looking into every partition.
_STANDINGS = f"""
select s.device_key, {MICROSECONDS.format("coalesce(newest.at, s.last_sample_at)")}
from device_state s
left join lateral (
    select t.at from telemetry_samples t
    where t.device_key = s.device_key and t.at >= coalesce(s.last_sample_at, '-infinity')
    order by t.at desc limit 1
) newest on true
where s.device_key = any($1::integer[])
"""  # noqa: S608 - put together of nothing but what stands here

# Newer rows, and the newest one where something was merged into it that was not told.
_UNTOLD = f"""
select s.device_key, {MICROSECONDS.format("t.at")} as at, {MICROSECONDS.format("t.received_at")} as received_at,
    l.series, t.readings
from device_state s
cross join lateral (
    select t.at, t.received_at, t.layout_id, t.readings from telemetry_samples t
    where t.device_key = s.device_key and t.at >= coalesce(s.last_sample_at, '-infinity') and not t.imported
    order by t.at desc limit $2
) t
join telemetry_layouts l on l.id = t.layout_id
where s.device_key = any($1::integer[]) and (s.last_sample_at is null or t.at > s.last_sample_at or exists (
    select from unnest(l.series, t.readings) as told (series, value)
    where told.value is not null and s.latest -> told.series ->> 'at'
        is distinct from to_char(t.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
))
"""  # noqa: S608 - put together of nothing but what stands here

_DEVICES = "select device_key from device_state where device_key > $1 order by device_key limit $2"

_LAYOUT = "select id from telemetry_layouts where organization_key = $1 and series_sha256 = $2"

_LAYOUTS_OF = "select count(*) from telemetry_layouts where organization_key = $1"

_NEW_LAYOUT = """
insert into telemetry_layouts (organization_key, series_sha256, series) values ($1, $2, $3)
on conflict (organization_key, series_sha256) do nothing
returning id
"""

# Older never overwrites newer, in the row nor in any one series of `latest`, whose times have a fixed width. Where
# everything is newer than all that is there, nothing has to be compared.
_STATES = f"""
update device_state s set
    last_sample_at = greatest(s.last_sample_at, {AT.format("told.newest")}),
    last_received_at = greatest(s.last_received_at, {AT.format("told.received_at")}),
    latest = case
        when told.latest is null then s.latest
        when s.last_sample_at is null or {AT.format("told.oldest")} > s.last_sample_at
            then s.latest || told.latest::jsonb
        else s.latest || coalesce((
            select jsonb_object_agg(series, reading) from jsonb_each(told.latest::jsonb) as fresh (series, reading)
            where s.latest -> series is null
                or (s.latest -> series ->> 'at') collate "C" < (reading ->> 'at') collate "C"
        ), '{{}}')
    end
from unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[])
    as told (device_key, newest, oldest, received_at, latest)
where s.device_key = told.device_key
"""  # noqa: S608 - put together of nothing but what stands here

_QUARANTINE = """
insert into telemetry_quarantine (organization_id, device_id, received_at, at, metric, reason, raw)
select organization_id, device_id, $3, at, metric, reason, raw
from unnest($1::uuid[], $2::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
    as refused (organization_id, device_id, at, metric, reason, raw)
"""

_CONFLICTS = """
insert into telemetry_conflicts as c (organization_id, device_id, day, conflicts, last_at)
select d.organization_id, d.id, met.day, met.conflicts, $4
from unnest($1::integer[], $2::date[], $3::bigint[]) as met (device_key, day, conflicts)
join devices d on d.device_key = met.device_key
order by d.id, met.day
on conflict (device_id, day) do update set conflicts = c.conflicts + excluded.conflicts, last_at = excluded.last_at
"""

_MARKS = """
insert into telemetry_marks (hour, device_key)
select to_timestamp(hour), device_key from unnest($1::bigint[], $2::integer[]) as seen (hour, device_key)
on conflict do nothing
"""


class Met(NamedTuple):
    """The stored row that another met; `number` says which. `version` is empty where it is no raw row."""

    number: int
    version: str
    received_at: int
    late: bool
    imported: bool
    readings: Mapping[str, float]


async def prepare(connection: "Connection") -> None:
    """What a connection needs before the first batch."""
    await connection.execute(_STAGING)


async def partition_of(connection: "Connection", day: date) -> str:
    """The table that holds the samples of a day (UTC); it is made where there is none."""
    name: str = await connection.fetchval("select ensure_telemetry_partition($1)", day)
    return name


async def introduce(connection: "Connection", device_keys: Sequence[int]) -> list[tuple[int, int]]:
    """Devices that are there, and their newest sample in microseconds since 1970, NEVER for none."""
    await connection.execute(_INTRODUCE, device_keys)
    rows = await connection.fetch(_STANDINGS, device_keys)
    return [(key, NEVER if newest is None else newest) for key, newest in rows]


async def devices_after(connection: "Connection", device_key: int, limit: int) -> list[int]:
    """The next devices that were ever heard, by their keys."""
    return [row[0] for row in await connection.fetch(_DEVICES, device_key, limit)]


async def untold_rows(connection: "Connection", device_keys: Sequence[int], limit: int) -> Sequence[asyncpg.Record]:
    """Rows of these devices of which `device_state` says nothing, or not all; at most `limit` of each, newest first.

    device_key, at and received_at (microseconds since 1970), series, readings.
    """
    return await connection.fetch(_UNTOLD, device_keys, limit)


async def layouts_of(connection: "Connection", organization_key: int) -> int:
    """How many layouts an organization has."""
    count: int = await connection.fetchval(_LAYOUTS_OF, organization_key)
    return count


async def layout(connection: "Connection", organization_key: int, series: Series) -> int | None:
    """The id of an organization's layout, if there is such a one."""
    found: int | None = await connection.fetchval(_LAYOUT, organization_key, fingerprint(series))
    return found


async def new_layout(connection: "Connection", organization_key: int, series: Series) -> int:
    """The id of an organization's layout that was not there a moment ago."""
    key = (organization_key, fingerprint(series))
    made = await connection.fetchval(_NEW_LAYOUT, *key, list(series))
    found: int = made if made is not None else await connection.fetchval(_LAYOUT, *key)
    return found


async def copy(connection: "Connection", table: str, rows: bytes) -> None:
    """Binary rows in the order of COLUMNS; a UniqueViolationError where one is there already."""
    await connection.copy_to_table(table, source=_buffer(rows), columns=COLUMNS, format="binary")


async def stage(connection: "Connection", rows: bytes) -> set[tuple[int, int]]:
    """Binary rows in the order of NUMBERED; device and instant of those that were not there."""
    await connection.copy_to_table("incoming", source=_buffer(rows), columns=NUMBERED, format="binary")
    return {(key, at) for key, at in await connection.fetch(_FROM_STAGING)}


def _buffer(rows: bytes) -> Any:
    """Bytes themselves would be taken for the name of a file; that a buffer is taken too, the types do not say."""
    return memoryview(rows)


async def met(connection: "Connection", numbers: Sequence[int], earliest: int, latest: int) -> list[Met]:
    """The rows that staged ones with these numbers met, where they differ; all lie between two instants."""
    rows = await connection.fetch(_MET, numbers, moment(earliest), moment(latest))
    return [_met(*row) for row in rows]


async def raw_at(connection: "Connection", device_keys: Sequence[int], at: Sequence[int]) -> list[Met]:
    """Raw rows of devices at these instants; their numbers count from 1."""
    limits = moment(min(at)), moment(max(at))
    return [_met(*row) for row in await connection.fetch(_AT, device_keys, list(map(moment, at)), *limits)]


def _met(number: int, version: str, received_at: int, *row: Any) -> Met:
    late, imported, series, readings = row
    told = {name: value for name, value in zip(series, readings, strict=True) if value is not None}
    return Met(number, version, received_at, late, imported, told)


async def take_away(
    connection: "Connection", device_keys: Sequence[int], at: Sequence[int], versions: Sequence[str]
) -> int:
    """Raw rows of devices at these instants go, as long as they are still these; how many."""
    limits = moment(min(at)), moment(max(at))
    return len(await connection.fetch(_TAKE, device_keys, list(map(moment, at)), versions, *limits))


async def empty_staging(connection: "Connection") -> None:
    """What was staged is done with."""
    await connection.execute("delete from incoming")


async def tell_states(connection: "Connection", states: Sequence[State]) -> None:
    """Writes what was last heard; in the order of keys, so that two writers never wait for each other in a circle."""
    await connection.execute(
        _STATES,
        [state.device_key for state in states],
        [None if state.newest == NEVER else state.newest for state in states],
        [None if state.oldest == NEVER else state.oldest for state in states],
        [None if state.received_at == NEVER else state.received_at for state in states],
        [state.latest for state in states],
    )


async def quarantine(connection: "Connection", entries: Sequence[Entry], received_at: int) -> None:
    """Keeps what could not be stored as a reading."""
    await connection.execute(
        _QUARANTINE,
        [device.organization_id for device, _ in entries],
        [device.device_id for device, _ in entries],
        moment(received_at),
        [entry.at for _, entry in entries],
        [entry.metric for _, entry in entries],
        [entry.reason.value for _, entry in entries],
        [entry.raw for _, entry in entries],
    )


async def count_conflicts(
    connection: "Connection", conflicts: Mapping[tuple[int, date], int], received_at: int
) -> None:
    """Adds to the counts of devices and days."""
    await connection.execute(
        _CONFLICTS,
        [key for key, _ in conflicts],
        [day for _, day in conflicts],
        list(conflicts.values()),
        moment(received_at),
    )


async def mark_epoch(connection: "Connection") -> int:
    """The epoch of the roll-ups' marks; until the transaction ends nobody takes marks away."""
    epoch: int = await connection.fetchval("select hold_telemetry_marks()")
    return epoch


async def mark(connection: "Connection", device_keys: Int32s, hours: Int64s) -> None:
    """Device-hours, by the microseconds since 1970 at which they begin."""
    await connection.execute(_MARKS, (hours // 1_000_000).tolist(), device_keys.tolist())
