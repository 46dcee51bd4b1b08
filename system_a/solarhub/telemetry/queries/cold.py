"""SQL of compressed days: raw rows as they go in, blocks, and the partitions that leave. As the worker."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization
from solarhub.telemetry.batch import moment
from solarhub.telemetry.models import TelemetryBlock, TelemetryColdDay, TelemetryLayout, TelemetryStirred

_LOCKS = 0x434F4C44
"""Class of the advisory locks under which a device's blocks are written."""


class RawRows(NamedTuple):
    """Rows of one device under one layout, in any order, as array_send() packs them."""

    device_key: int
    organization_key: int
    series: Sequence[str]
    at: bytes
    flags: bytes
    readings: bytes


class StoredBlock(NamedTuple):
    """A block and whose it is."""

    device_key: int
    day: date
    part: int
    organization_key: int
    series: Sequence[str]
    block: bytes


class NewBlock(NamedTuple):
    """A block on its way into the table; times in microseconds since 1970."""

    organization_key: int
    device_key: int
    day: date
    part: int
    layout_id: int
    rows: int
    imported: int
    readings: int
    first: int
    last: int
    block: bytes


# ------------------------------------------------------------------------------------------------- days and partitions


async def raw_days(session: Session, before: date) -> list[date]:
    """Days of which there is a raw partition, older than that one, the oldest first."""
    rows = await session.scalars(_RAW_DAYS, {"before": before})
    return list(rows)


async def compacted(session: Session, days: Collection[date]) -> dict[date, datetime | None]:
    """Those of the days of which there may be blocks, and when raw rows were last moved into them."""
    rows = await session.execute(
        sa.select(TelemetryColdDay.day, TelemetryColdDay.compacted_at).where(TelemetryColdDay.day.in_(days))
    )
    return dict(rows.all())


async def watch(session: Session, day: date) -> bool:
    """From the end of this transaction on, late rows of that day are told of; false: it has no raw rows."""
    return bool(await session.scalar(sa.select(sa.func.watch_telemetry_partition(day))))


async def drop(session: Session, day: date, *, into_blocks: bool) -> str:
    """Raw rows of a day go: dropped, gone before, stirred (some may lie in no block), or too busy at the moment."""
    return str(await session.scalar(sa.select(sa.func.drop_telemetry_partition(day, into_blocks))))


async def count_rows(session: Session, day: date) -> int:
    """How many raw rows a day has: all of them are looked at, which takes its time."""
    await session.execute(sa.select(sa.func.set_config("statement_timeout", "1h", sa.true())))
    count = await session.scalar(_COUNT, _of(day))
    return int(count or 0)


async def note_cold(session: Session, days: Iterable[date], *, compacted_at: datetime | None = None) -> None:
    """There may be blocks of these days from now on; `compacted_at`: and no raw rows of before."""
    note = insert(TelemetryColdDay).values([{"day": day, "compacted_at": compacted_at} for day in sorted(set(days))])
    if compacted_at is None:
        await session.execute(note.on_conflict_do_nothing())
    else:
        await session.execute(
            note.on_conflict_do_update(
                index_elements=[TelemetryColdDay.day], set_={"compacted_at": note.excluded.compacted_at}
            )
        )


async def stirred(session: Session, day: date, *, limit: int) -> list[int]:
    """Devices of which rows arrived since the day is watched, as long as they are not settled."""
    some = (
        sa.select(TelemetryStirred.device_key)
        .where(TelemetryStirred.day == day)
        .order_by(TelemetryStirred.device_key)
        .limit(limit)
    )
    return list(await session.scalars(some))


async def settle(session: Session, day: date, device_keys: Sequence[int]) -> None:
    """Forgets that rows of these devices arrived: they are about to be read."""
    await session.execute(
        sa.delete(TelemetryStirred).where(TelemetryStirred.day == day, TelemetryStirred.device_key.in_(device_keys))
    )


# ----------------------------------------------------------------------------------------------------- devices and rows


async def next_devices(session: Session, day: date, after: int, *, limit: int) -> list[tuple[int, int]]:
    """The next devices of which there are raw rows in a day, by their keys, and how many rows each has."""
    rows = await session.execute(_NEXT_DEVICES, {"after": after, "limit": limit, **_of(day)})
    return [(key, count) for key, count in rows]


async def lock_devices(session: Session, device_keys: Iterable[int]) -> None:
    """Nobody else writes blocks of these devices until the transaction ends."""
    await session.execute(_LOCK, {"class": _LOCKS, "device_keys": sorted(set(device_keys))})


async def keepers(session: Session, device_keys: Sequence[int]) -> dict[int, int]:
    """The organization's key for each of the devices; none of them changes hands until the transaction ends."""
    rows = await session.execute(
        sa.select(Device.device_key, Organization.organization_key)
        .join(Organization, Organization.id == Device.organization_id)
        .where(Device.device_key.in_(device_keys))
        .order_by(Device.id)  # as a handover takes them, so that neither waits for the other in a circle
        .with_for_update(key_share=True, read=True, of=Device)
    )
    return dict(rows.all())


async def raw_rows(session: Session, device_keys: Sequence[int], day: date) -> list[RawRows]:
    rows = await session.execute(_RAW_ROWS, {"device_keys": list(device_keys), **_of(day)})
    return [RawRows(*row) for row in rows]


async def blocks_of(session: Session, device_keys: Sequence[int], days: Collection[date]) -> list[StoredBlock]:
    """Blocks of these devices and days, by device, day and part."""
    key = TelemetryBlock.device_key, TelemetryBlock.day, TelemetryBlock.part
    rows = await session.execute(
        sa.select(*key, TelemetryBlock.organization_key, TelemetryLayout.series, TelemetryBlock.block)
        .join(TelemetryLayout, TelemetryLayout.id == TelemetryBlock.layout_id)
        .where(TelemetryBlock.device_key.in_(device_keys), TelemetryBlock.day.in_(days))
        .order_by(*key)
    )
    return [StoredBlock(*row) for row in rows]


async def replace_blocks(
    session: Session, device_keys: Sequence[int], days: Collection[date], new: Sequence[NewBlock]
) -> None:
    """Puts blocks in the place of all that these devices have in these days."""
    await session.execute(
        sa.delete(TelemetryBlock).where(TelemetryBlock.device_key.in_(device_keys), TelemetryBlock.day.in_(days))
    )
    if not new:
        return
    columns = [list(column) for column in zip(*new, strict=True)]
    columns[8], columns[9] = [moment(at) for at in columns[8]], [moment(at) for at in columns[9]]
    await session.execute(_INSERT, dict(zip(NewBlock._fields, columns, strict=True)))


# ----------------------------------------------------------------------------------------------------- imported rows


async def insert_raw(
    session: Session,
    keys: tuple[int, int, int],
    at: Sequence[int],
    readings: Sequence[Sequence[float | None]],
) -> set[int]:
    """Imported rows of a day that is not over for long enough; the instants of those that were not there.

    `keys` are the organization's, the device's, and the id of the layout.
    """
    organization_key, device_key, layout_id = keys
    rows = await session.scalars(
        _INSERT_RAW,
        {
            "organization_key": organization_key,
            "device_key": device_key,
            "layout_id": layout_id,
            "at": [moment(each) for each in at],
            "readings": [
                "{" + ",".join("NULL" if value is None else repr(value) for value in row) + "}" for row in readings
            ],
        },
    )
    return set(rows)


async def ensure_partition(session: Session, day: date) -> None:
    await session.execute(sa.select(sa.func.ensure_telemetry_partition(day)))


async def mark(session: Session, marks: Mapping[int, Collection[int]]) -> None:
    """Hours (seconds since 1970) by device, in which there are rows that no roll-up has seen."""
    hours = [(hour, key) for key, theirs in marks.items() for hour in theirs]
    if hours:
        # nobody takes marks away until this transaction ends, and with it the rows are there
        await session.execute(sa.select(sa.func.hold_telemetry_marks()))
        found = sorted(hours)
        await session.execute(_MARK, {"hours": [hour for hour, _ in found], "device_keys": [key for _, key in found]})


# ----------------------------------------------------------------------------------------------------------------------


def _of(day: date) -> dict[str, object]:
    start = moment((day - date(1970, 1, 1)).days * 86_400_000_000)
    return {"start": start, "end": start + timedelta(days=1)}


def _instant(name: str) -> sa.BindParameter[datetime]:
    return sa.bindparam(name, type_=sa.DateTime(timezone=True))


def _integers(name: str) -> sa.BindParameter[Sequence[int]]:
    return sa.bindparam(name, type_=ARRAY(sa.Integer))


_DAY = (_instant("start"), _instant("end"))

_RAW_DAYS = sa.text("""
select day from (
    select to_date(right(c.relname, 8), 'YYYYMMDD') as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = to_regclass('public.telemetry_samples') and c.relname ~ '^telemetry_samples_[0-9]{8}$'
) days
where day < :before order by day
""").bindparams(sa.bindparam("before", type_=sa.Date))

_COUNT = sa.text("select count(*) from telemetry_samples where at >= :start and at < :end").bindparams(*_DAY)

# One look at the index for each device, and no row of the others.
_NEXT_DEVICES = sa.text("""
with recursive next (device_key, place) as (
    (
        select device_key, 1 from telemetry_samples where at >= :start and at < :end and device_key > :after
        order by device_key limit 1
    )
    union all
    select found.device_key, place + 1 from next cross join lateral (
        select s.device_key from telemetry_samples s
        where s.at >= :start and s.at < :end and s.device_key > next.device_key
        order by s.device_key limit 1
    ) found
    where place < :limit
)
select device_key, (
    select count(*) from telemetry_samples s where s.device_key = next.device_key and s.at >= :start and s.at < :end
) from next order by device_key
""").bindparams(*_DAY)

_LOCK = sa.text("""
select pg_advisory_xact_lock(:class, device_key)
from (select device_key from unnest(:device_keys) as wanted (device_key) order by device_key) wanted
""").bindparams(_integers("device_keys"), sa.bindparam("class", type_=sa.Integer))

# An array of empty arrays cannot be: a row that reports nothing has one NaN too many, which belongs to no series.
_RAW_ROWS = sa.text("""
select g.device_key, g.organization_key, l.series, g.at, g.flags, g.readings
from (
    select s.device_key, s.layout_id, max(s.organization_key) as organization_key, array_send(array_agg(s.at)) as at,
        array_send(array_agg(s.late::integer + 2 * s.imported::integer)) as flags,
        array_send(array_agg(
            case when s.readings = '{}' then '{NaN}' else array_replace(s.readings, null, 'NaN') end
        )) as readings
    from telemetry_samples s
    where s.device_key = any(:device_keys) and s.at >= :start and s.at < :end
    group by s.device_key, s.layout_id
) g
join telemetry_layouts l on l.id = g.layout_id
order by g.device_key, g.layout_id
""").bindparams(_integers("device_keys"), *_DAY)

_INSERT = sa.text(f"""
insert into telemetry_blocks ({", ".join(NewBlock._fields[:-3])}, first_at, last_at, block)
select * from unnest(
    {", ".join(f":{name}" for name in NewBlock._fields)}
)
""").bindparams(  # noqa: S608 - put together of nothing but what stands here
    _integers("organization_key"),
    _integers("device_key"),
    sa.bindparam("day", type_=ARRAY(sa.Date)),
    sa.bindparam("part", type_=ARRAY(sa.SmallInteger)),
    _integers("layout_id"),
    _integers("rows"),
    _integers("imported"),
    _integers("readings"),
    sa.bindparam("first", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("last", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("block", type_=ARRAY(sa.LargeBinary)),
)

_INSERT_RAW = sa.text("""
insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, imported, readings)
select :organization_key, :device_key, at, now(), :layout_id, true, true, readings::double precision[]
from unnest(:at, :readings) as brought (at, readings)
on conflict (device_key, at) do nothing
returning (extract(epoch from at) * 1000000)::bigint
""").bindparams(
    sa.bindparam("organization_key", type_=sa.Integer),
    sa.bindparam("device_key", type_=sa.Integer),
    sa.bindparam("layout_id", type_=sa.Integer),
    sa.bindparam("at", type_=ARRAY(sa.DateTime(timezone=True))),
    sa.bindparam("readings", type_=ARRAY(sa.Text)),
)

_MARK = sa.text("""
insert into telemetry_marks (hour, device_key)
select to_timestamp(hour), device_key from unnest(:hours, :device_keys) as seen (hour, device_key)
on conflict do nothing
""").bindparams(sa.bindparam("hours", type_=ARRAY(sa.BigInteger)), _integers("device_keys"))
