"""SQL by which kept messages end (worker)."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.telemetry.models import FoundSender, RawMessages


async def forget_old(worker: Session, before: datetime) -> int:
    """Messages that came before; how many bundles."""
    gone = await worker.execute(sa.delete(RawMessages).where(RawMessages.last_at < before).returning(RawMessages.id))
    return len(gone.all())


async def forget_excess(worker: Session, most_bytes: int) -> int:
    """The oldest messages of whoever has sent more than that; how many bundles."""
    gone = await worker.execute(
        sa.text("""
            delete from raw_messages r using (
                select id, sum(length(body)) over (partition by sender_id order by last_at desc, id desc) as size
                from raw_messages
            ) sized
            where sized.id = r.id and sized.size > :most_bytes
            returning r.id
        """),
        {"most_bytes": most_bytes},
    )
    return len(gone.all())


async def forget_silent(worker: Session, before: datetime) -> int:
    """Those who wait and were not heard since, with all that was kept of them; how many."""
    gone = await worker.execute(
        sa.delete(FoundSender)
        .where(FoundSender.device_id.is_(None), FoundSender.ignored_at.is_(None), FoundSender.last_seen_at < before)
        .returning(FoundSender.id)
    )
    return len(gone.all())


async def with_many_bundles(worker: Session, more_than: int, smaller_than: int) -> Sequence[UUID]:
    """Senders of whom so many small bundles lie there."""
    rows = await worker.scalars(
        sa.select(RawMessages.sender_id)
        .where(sa.func.length(RawMessages.body) < smaller_than)
        .group_by(RawMessages.sender_id)
        .having(sa.func.count() > more_than)
        .limit(20)
    )
    return rows.all()


async def small_bundles(worker: Session, sender_id: UUID, smaller_than: int, limit: int) -> list[RawMessages]:
    """The oldest ones, locked."""
    rows = await worker.scalars(
        sa.select(RawMessages)
        .where(RawMessages.sender_id == sender_id, sa.func.length(RawMessages.body) < smaller_than)
        .order_by(RawMessages.last_at, RawMessages.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(rows.all())


async def remove_bundles(worker: Session, ids: Sequence[int]) -> None:
    await worker.execute(sa.delete(RawMessages).where(RawMessages.id.in_(ids)))
