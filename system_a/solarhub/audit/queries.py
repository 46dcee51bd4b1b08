"""SQL of audit."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.audit.models import AuditEntry
from solarhub.audit.schemas import AuditFilter
from solarhub.kit.db import Session
from solarhub.kit.listing import between, each_row_of, equal, page_of_rows

AuditRow = sa.Row[*tuple[Any, ...]]
"""The fields of an `AuditAnswer`."""

# by name: the table is upstairs
_users = sa.table("users", sa.column("id", sa.Uuid), sa.column("first_name"), sa.column("last_name"))


def _wanted(organization_id: UUID, asked: AuditFilter) -> sa.Select[Any]:
    name = sa.func.nullif(sa.func.concat_ws(" ", _users.c.first_name, _users.c.last_name), "")
    return (
        sa.select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.actor_kind,
            AuditEntry.actor_id,
            name.label("actor_name"),
            AuditEntry.api_key_id,
            AuditEntry.action,
            AuditEntry.target_type,
            AuditEntry.target_id,
            AuditEntry.before,
            AuditEntry.after,
            AuditEntry.address,
            AuditEntry.request_id,
        )
        .outerjoin(_users, _users.c.id == AuditEntry.actor_id)
        .where(
            AuditEntry.organization_id == organization_id,
            *equal(
                (AuditEntry.actor_id, asked.actor),
                (AuditEntry.action, asked.action),
                (AuditEntry.target_type, asked.kind),
                (AuditEntry.target_id, asked.target),
            ),
            *between(AuditEntry.at, asked.since, asked.until),
        )
        .order_by(AuditEntry.id.desc())
    )


async def entries(session: Session, organization_id: UUID, asked: AuditFilter) -> tuple[Sequence[AuditRow], int]:
    """A page of acts, newest first, with one row more where there are more; and how many there are in all."""
    wanted = _wanted(organization_id, asked)
    ahead = wanted if asked.cursor is None else wanted.where(AuditEntry.id < asked.cursor.id)
    return await page_of_rows(session, ahead, asked, counted=wanted)


def every_entry(session: Session, organization_id: UUID, asked: AuditFilter) -> AsyncIterator[AuditRow]:
    """All of them, newest first, read while they are used."""
    return each_row_of(session, _wanted(organization_id, asked))
