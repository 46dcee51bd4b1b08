"""SQL of what leaves: blocks that are older than their organization keeps them. As the worker."""

from datetime import date, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.organizations.models import Organization
from solarhub.telemetry.models import TelemetryBlock


class Stock(NamedTuple):
    """What lies in blocks of one organization; `old_…`: what retention would remove by now."""

    organization_key: int
    name: str
    slug: str
    days: int
    rows: int
    imported: int
    readings: int
    bytes: int
    old_rows: int
    old_bytes: int


class RawDay(NamedTuple):
    """A day of raw rows: `rows` as the server estimates them, `bytes` with its index."""

    day: date
    rows: int
    bytes: int


async def settings_of_organizations(session: Session) -> list[tuple[int, dict[str, Any]]]:
    """Key and settings of every organization, removed ones too: their rows are there still."""
    rows = await session.execute(sa.select(Organization.organization_key, Organization.settings))
    return [(key, settings) for key, settings in rows]


async def remove_blocks(session: Session, organization_key: int, first_kept: date, *, limit: int) -> int:
    """Blocks of earlier days, without those that hold imported rows; how many rows went with them."""
    key = sa.tuple_(TelemetryBlock.device_key, TelemetryBlock.day, TelemetryBlock.part)
    old = (
        sa.select(TelemetryBlock.device_key, TelemetryBlock.day, TelemetryBlock.part)
        .where(*_old(organization_key, first_kept), TelemetryBlock.imported == 0)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = await session.scalars(sa.delete(TelemetryBlock).where(key.in_(old)).returning(TelemetryBlock.rows))
    return sum(gone)


async def mixed_blocks(
    session: Session, organization_key: int, first_kept: date, *, limit: int
) -> list[tuple[int, date]]:
    """Device and day of some blocks of earlier days that hold imported rows beside others."""
    rows = await session.execute(
        sa.select(TelemetryBlock.device_key, TelemetryBlock.day)
        .distinct()
        .where(
            *_old(organization_key, first_kept),
            TelemetryBlock.imported > 0,
            TelemetryBlock.imported < TelemetryBlock.rows,
        )
        .limit(limit)
    )
    return [(key, day) for key, day in rows]


async def has_imported_rows(session: Session, day: date) -> bool:
    """Whether any raw row of that day was imported."""
    return bool(await session.scalar(_HAS_IMPORTED, {"start": day, "end": day + timedelta(days=1)}))


async def stock(session: Session, first_kept: dict[int, date]) -> list[Stock]:
    """What lies in blocks, by organization; `first_kept` by its key."""
    old: sa.ColumnElement[bool] = sa.false()
    if first_kept:
        kept = sa.case(first_kept, value=TelemetryBlock.organization_key, else_=sa.literal(date.min))
        old = sa.and_(TelemetryBlock.day < kept, TelemetryBlock.imported < TelemetryBlock.rows)
    size = sa.func.octet_length(TelemetryBlock.block)
    live = TelemetryBlock.rows - TelemetryBlock.imported

    def total(column: sa.SQLColumnExpression[int]) -> sa.ColumnElement[int]:
        return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)

    rows = await session.execute(
        sa.select(
            Organization.organization_key,
            Organization.name,
            Organization.slug,
            sa.func.count(TelemetryBlock.day.distinct()),
            total(TelemetryBlock.rows),
            total(TelemetryBlock.imported),
            total(TelemetryBlock.readings),
            total(size),
            total(sa.case((old, live), else_=0)),
            total(sa.case((sa.and_(old, TelemetryBlock.imported == 0), size), else_=0)),
        )
        .join(TelemetryBlock, TelemetryBlock.organization_key == Organization.organization_key)
        .group_by(Organization.organization_key, Organization.name, Organization.slug)
        .order_by(Organization.name, Organization.organization_key)
    )
    return [Stock._make(row) for row in rows]


async def raw_stock(session: Session) -> list[RawDay]:
    """Days of raw rows, the newest first."""
    return [RawDay(*row) for row in await session.execute(_RAW_STOCK)]


async def table_bytes(session: Session) -> int:
    """The table of blocks with all that belongs to it, in bytes on the disk."""
    return int(await session.scalar(sa.text("select pg_total_relation_size('public.telemetry_blocks')")) or 0)


def _old(organization_key: int, first_kept: date) -> tuple[sa.ColumnElement[bool], ...]:
    return TelemetryBlock.organization_key == organization_key, TelemetryBlock.day < first_kept


_HAS_IMPORTED = sa.text("""
select exists (
    select from telemetry_samples s
    where s.at >= cast(:start as timestamp) at time zone 'UTC' and s.at < cast(:end as timestamp) at time zone 'UTC'
        and s.imported
)
""").bindparams(sa.bindparam("start", type_=sa.Date), sa.bindparam("end", type_=sa.Date))

_RAW_STOCK = sa.text("""
select to_date(right(c.relname, 8), 'YYYYMMDD') as day, greatest(c.reltuples, 0)::bigint, pg_total_relation_size(c.oid)
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = to_regclass('public.telemetry_samples') and c.relname ~ '^telemetry_samples_[0-9]{8}$'
order by 1 desc
""")
