"""SQL of putting messages into the outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from solarhub.kit.db import Session
from solarhub.notifications.models import Notification

_ROWS_AT_ONCE = 1000  # a statement takes 32,767 values


class NewRow(TypedDict):
    """What whoever posts a message writes."""

    id: UUID
    organization_id: UUID | None
    user_id: UUID | None
    channel: str
    recipient: str
    event: str
    subject_id: UUID | None
    content: dict[str, Any]
    secret_sealed: str | None
    not_before: datetime | None


async def add(session: Session, rows: Sequence[NewRow]) -> int:
    """Inserts messages that are not there yet; returns how many those were.

    Neither a conflict's index nor RETURNING is named: both would ask for the right to see the row, which a guest of the
    organization and the auth role do not have.
    """
    written = 0
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        values = [
            {**row, "not_before": row["not_before"] or sa.func.now()} for row in rows[start : start + _ROWS_AT_ONCE]
        ]
        result = await session.execute(insert(Notification).values(values).on_conflict_do_nothing())
        written += cast("sa.CursorResult[Any]", result).rowcount
    return written
