"""Answers that are given twice for one request: what `Idempotency-Key` keeps for a day."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base


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
