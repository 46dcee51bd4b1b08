"""Messages on their way to people."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base
from solarhub.kit.ids import uuid7


class Notification(Base):
    """One message to one recipient on one way, written in the transaction that causes it.

    `recipient` is an e-mail address, or the id of a webhook; `event` and `subject_id` say what it is about, and make it
    once. `content` is what is sent; what must not lie about, such as a link that signs somebody in, is `secret_sealed`
    until it has been sent. `state`: pending, sending (leased), sent, failed or cancelled. `recorded_at`: when whoever
    caused it was told that it went out.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        sa.Index(
            "uq_notifications_subject_id_event_channel_recipient",
            "subject_id",
            "event",
            "channel",
            "recipient",
            unique=True,
            postgresql_where=sa.text("subject_id IS NOT NULL"),
        ),
        sa.Index(None, "organization_id", "created_at"),
        sa.Index(None, "user_id"),
        sa.Index("ix_notifications_due", "channel", "not_before", postgresql_where=sa.text("state = 'pending'")),
        sa.Index("ix_notifications_leased", "lease_until", postgresql_where=sa.text("state = 'sending'")),
        sa.Index(
            "ix_notifications_unrecorded",
            "settled_at",
            postgresql_where=sa.text("state = 'sent' AND recorded_at IS NULL AND subject_id IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    # by name: both tables are upstairs, and this room knows nobody there
    organization_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organizations.id", ondelete="RESTRICT"))
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id", ondelete="RESTRICT"))
    channel: Mapped[str]
    recipient: Mapped[str]
    event: Mapped[str]
    subject_id: Mapped[UUID | None]
    content: Mapped[dict[str, Any]]
    secret_sealed: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    state: Mapped[str] = mapped_column(default="pending", server_default="pending")
    attempts: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    not_before: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    lease_until: Mapped[datetime | None] = mapped_column(deferred=True)
    lease_token: Mapped[UUID | None] = mapped_column(deferred=True)
    provider_id: Mapped[str | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    settled_at: Mapped[datetime | None]
    recorded_at: Mapped[datetime | None] = mapped_column(deferred=True)
