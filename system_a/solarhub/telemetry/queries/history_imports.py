"""SQL of files of the past: who may be meant in them, what became of them, and rows that leave again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.listing import page_of_rows
from solarhub.kit.paging import Page
from solarhub.sites.models import Site
from solarhub.telemetry.portals.models import HistoryImport, HistoryImportPart

Row = sa.Row[*tuple[Any, ...]]
One, Part = HistoryImport, HistoryImportPart


async def devices(
    session: Session, organization_id: UUID, *, site_id: UUID | None, device_id: UUID | None, limit: int
) -> Sequence[Row]:
    """Devices that are there, with their plants: the one, those of a plant, or all."""
    wanted = (
        sa.select(
            Device.id,
            Device.device_key,
            Device.name,
            Device.serial_number,
            Device.site_id,
            Site.name.label("site"),
            Site.timezone,
            Device.device_metadata,
        )
        .join(Site, Site.id == Device.site_id)
        .where(Device.organization_id == organization_id, Device.removed_at.is_(None))
        .order_by(Device.id)
        .limit(limit)
    )
    if site_id is not None:
        wanted = wanted.where(Device.site_id == site_id)
    if device_id is not None:
        wanted = wanted.where(Device.id == device_id)
    return (await session.execute(wanted)).all()


async def imports(session: Session, organization_id: UUID, asked: Page) -> tuple[Sequence[Row], int]:
    """A page of them with the sums of their parts, the newest first."""
    wanted = _summed_up(organization_id).order_by(One.started_at.desc(), One.id.desc())
    return await page_of_rows(session, wanted, asked)


async def summed_up(session: Session, organization_id: UUID, import_id: UUID) -> Row:
    """One that is there, with the sums of its parts."""
    return (await session.execute(_summed_up(organization_id).where(One.id == import_id))).one()


def _summed_up(organization_id: UUID) -> sa.Select[*tuple[Any, ...]]:
    sums = (
        sa.select(
            *(_sum(column) for column in (Part.stored, Part.duplicates, Part.conflicts, Part.taken_out)),
            sa.func.count(Part.device_key.distinct()).label("devices"),
            sa.func.min(Part.first_at).label("first_at"),
            sa.func.max(Part.last_at).label("last_at"),
        )
        .where(Part.organization_id == One.organization_id, Part.import_id == One.id)
        .lateral()
    )
    return sa.select(One, *sums.c).join(sums, sa.true()).where(One.organization_id == organization_id)


async def devices_of(session: Session, organization_id: UUID, import_id: UUID) -> Sequence[Row]:
    """What became of each device's rows, by its name."""
    rows = await session.execute(
        sa.select(
            Part.device_id,
            Part.device,
            *(_sum(column) for column in (Part.stored, Part.duplicates, Part.conflicts, Part.taken_out)),
            sa.func.min(Part.first_at).label("first_at"),
            sa.func.max(Part.last_at).label("last_at"),
        )
        .where(Part.organization_id == organization_id, Part.import_id == import_id)
        .group_by(Part.device_id, Part.device)
        .order_by(Part.device, Part.device_id)
    )
    return rows.all()


def _sum(column: Any) -> sa.ColumnElement[int]:
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger).label(column.key)


async def one(session: Session, import_id: UUID, *, locked: bool = False) -> HistoryImport | None:
    wanted = sa.select(One).where(One.id == import_id)
    return await session.scalar(wanted.with_for_update() if locked else wanted)


# ----------------------------------------------------------------------------------------------------- as the worker


async def add_part(worker: Session, part: dict[str, Any]) -> None:
    await worker.execute(sa.insert(Part).values(part))


async def parts_to_undo(worker: Session, organization_id: UUID, import_id: UUID) -> list[int]:
    """The numbers of those whose rows are there."""
    rows = await worker.scalars(
        sa.select(Part.part)
        .where(Part.organization_id == organization_id, Part.import_id == import_id, Part.instants.is_not(None))
        .order_by(Part.part)
    )
    return list(rows)


async def part(worker: Session, organization_id: UUID, import_id: UUID, number: int) -> HistoryImportPart | None:
    """Locked; None for one whose rows have left meanwhile."""
    wanted = sa.select(Part).where(
        Part.organization_id == organization_id,
        Part.import_id == import_id,
        Part.part == number,
        Part.instants.is_not(None),
    )
    return await worker.scalar(wanted.with_for_update())


async def note_taken_out(worker: Session, found: HistoryImportPart, count: int) -> None:
    await worker.execute(
        sa.update(Part)
        .where(
            Part.organization_id == found.organization_id, Part.import_id == found.import_id, Part.part == found.part
        )
        .values(taken_out=count, instants=None)
    )


async def remove_raw(worker: Session, device_key: int, at: Collection[datetime]) -> set[int]:
    """Imported raw rows of a device at these instants; those (in microseconds since 1970) at which there was one."""
    instants = sorted(at)
    if not instants:
        return set()
    stretch = {"device_key": device_key, "instants": instants, "first": instants[0], "last": instants[-1]}
    return set(await worker.scalars(_REMOVE_RAW, stretch))


_REMOVE_RAW = sa.text("""
delete from telemetry_samples
where device_key = :device_key and at = any(:instants) and at between :first and :last and imported
returning (extract(epoch from at) * 1000000)::bigint
""").bindparams(
    sa.bindparam("device_key", type_=sa.Integer),
    sa.bindparam("instants", type_=ARRAY(sa.DateTime(timezone=True))),
    *(sa.bindparam(name, type_=sa.DateTime(timezone=True)) for name in ("first", "last")),
)
