"""SQL of quarantine, as an organization's people see it, and as the worker reads it anew."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.kit.listing import between, equal, page_of_rows
from solarhub.telemetry.models import QuarantinedReading
from solarhub.telemetry.quarantine.schemas import QuarantineFilter, Replay
from solarhub.telemetry.vocabulary import Reason

Entry = QuarantinedReading
Row = sa.Row[*tuple[Any, ...]]


def _chosen(organization_id: UUID, asked: QuarantineFilter | Replay) -> list[sa.ColumnElement[bool]]:
    return [
        Entry.organization_id == organization_id,
        *equal((Entry.device_id, asked.device_id), (Entry.reason, asked.reason), (Entry.metric, asked.metric)),
        *between(Entry.received_at, asked.since, asked.until),
    ]


async def entries(session: Session, organization_id: UUID, asked: QuarantineFilter) -> tuple[Sequence[Row], int]:
    """A page of entries, newest first, with the names of their devices."""
    columns = (Entry.id, Entry.device_id, Entry.received_at, Entry.at, Entry.metric, Entry.reason, Entry.raw)
    wanted = (
        sa.select(*columns, Entry.replayed_at, Device.name.label("device"))
        .join(Device, Device.id == Entry.device_id)
        .where(*_chosen(organization_id, asked))
        .order_by(Entry.received_at.desc(), Entry.id.desc())
    )
    if asked.open is not None:
        wanted = wanted.where(Entry.replayed_at.is_(None) if asked.open else Entry.replayed_at.is_not(None))
    return await page_of_rows(session, wanted, asked)


async def causes(session: Session, organization_id: UUID, *, most: int) -> Sequence[Row]:
    """What is refused again and again, by device, metric and reason; the most frequent first."""
    count = sa.func.count().label("entries")
    rows = await session.execute(
        sa.select(
            Entry.device_id,
            Device.name.label("device"),
            Entry.metric,
            Entry.reason,
            count,
            sa.func.min(Entry.received_at).label("first_at"),
            sa.func.max(Entry.received_at).label("last_at"),
        )
        .join(Device, Device.id == Entry.device_id)
        .where(Entry.organization_id == organization_id, Entry.replayed_at.is_(None))
        .group_by(Entry.device_id, Device.name, Entry.metric, Entry.reason)
        .order_by(count.desc(), Entry.device_id, Entry.metric)
        .limit(most)
    )
    return rows.all()


async def to_replay(
    session: Session, organization_id: UUID, asked: Replay, reasons: Collection[Reason], *, limit: int
) -> Sequence[QuarantinedReading]:
    """Entries that are refused so far, the oldest first."""
    found = await session.scalars(
        sa.select(Entry)
        .where(
            *_chosen(organization_id, asked),
            Entry.replayed_at.is_(None),
            Entry.reason.in_([reason.value for reason in reasons]),
        )
        .order_by(Entry.received_at, Entry.id)
        .limit(limit)
    )
    return found.all()


async def note_replayed(worker: Session, ids: Collection[int]) -> None:
    await worker.execute(
        sa.update(Entry)
        .where(Entry.id.in_(ids))
        .values(replayed_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )
