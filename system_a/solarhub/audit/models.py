"""Who did what."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base
from solarhub.kit.ids import uuid7


class AuditEntry(Base):
    """One act of one actor on one thing; `before` and `after` hold the fields that changed, secrets masked.

    Rows are only ever added. `organization_id` None: an act of no organization, such as signing in.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (sa.Index(None, "organization_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    # by name: the table is upstairs, and this room knows nobody there
    organization_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organizations.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    action: Mapped[str]
    target_type: Mapped[str]
    target_id: Mapped[UUID | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
