"""SQL by which kept messages end (worker). Whoever tidies waits for nobody: what somebody is at comes next time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.telemetry.models import FoundSender, RawMessages


async def forget_old(worker: Session, before: datetime) -> int:
    """Messages that came before; how many bundles."""
    old = sa.select(RawMessages.id).where(RawMessages.last_at < before).with_for_update(skip_locked=True)
    gone = await worker.execute(sa.delete(RawMessages).where(RawMessages.id.in_(old)).returning(RawMessages.id))
    return len(gone.all())


async def forget_excess(worker: Session, most_bytes: int) -> int:
    """The oldest messages of whoever has sent more than that; how many bundles."""
    gone = await worker.execute(
        sa.text("""
            delete from raw_messages where id in (
                select r.id from raw_messages r join (
                    select id, sum(length(body)) over (partition by sender_id order by last_at desc, id desc) as size
                    from raw_messages
                ) sized on sized.id = r.id
                where sized.size > :most_bytes
                for update of r skip locked
            )
            returning id
        """),
        {"most_bytes": most_bytes},
    )
    return len(gone.all())


async def forget_silent(worker: Session, before: datetime) -> int:
    """Those who wait and were not heard since, with all that was kept of them; how many."""
    silent = (
        sa.select(FoundSender.id)
        .where(FoundSender.device_id.is_(None), FoundSender.ignored_at.is_(None), FoundSender.last_seen_at < before)
        .with_for_update(skip_locked=True)
    )
    gone = await worker.execute(sa.delete(FoundSender).where(FoundSender.id.in_(silent)).returning(FoundSender.id))
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
    """The oldest ones, locked after their sender, which their heirs refer to; none while somebody else has that."""
    sender = sa.select(FoundSender.id).where(FoundSender.id == sender_id)
    if await worker.scalar(sender.with_for_update(key_share=True, skip_locked=True)) is None:
        return []
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
