"""Answers that are given twice for one request: what `Idempotency-Key` keeps for a day."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base, Session
from solarhub.kit.resealing import SealedColumn


class IdempotentAnswer(Base):
    """The answer to a create, for whoever asked. `status` is empty while the first request is still at work."""

    __tablename__ = "idempotent_answers"
    __table_args__ = (sa.Index(None, "created_at"),)

    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[bytes]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


SEALED = SealedColumn(IdempotentAnswer.body, (IdempotentAnswer.actor_id, IdempotentAnswer.key))


async def take(session: Session, actor_id: UUID, key: str, request_sha256: bytes) -> IdempotentAnswer | None:
    """Takes the key for this transaction, or returns what was answered under it; waits for whoever is at work on it."""
    taken = await session.execute(
        insert(IdempotentAnswer)
        .values(actor_id=actor_id, key=key, request_sha256=request_sha256)
        .on_conflict_do_nothing()
        .returning(IdempotentAnswer.key)
    )
    if taken.first() is not None:
        return None
    return await session.scalar(
        sa.select(IdempotentAnswer).where(IdempotentAnswer.actor_id == actor_id, IdempotentAnswer.key == key)
    )


async def keep(
    session: Session, actor_id: UUID, key: str, *, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Keeps the answer beside what it tells of, in the same transaction."""
    await session.execute(
        sa.update(IdempotentAnswer)
        .where(IdempotentAnswer.actor_id == actor_id, IdempotentAnswer.key == key)
        .values(status=status, headers=dict(headers), body=body)
    )


async def forget_old(session: Session, hours: int = 24) -> int:
    """Deletes what was kept long enough; how many (worker role)."""
    forgotten = await session.execute(
        sa.delete(IdempotentAnswer)
        .where(IdempotentAnswer.created_at < sa.func.now() - sa.func.make_interval(0, 0, 0, 0, hours))
        .returning(IdempotentAnswer.key)
    )
    return len(forgotten.all())
