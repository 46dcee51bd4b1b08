"""People."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.preferences import Preferences
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Base, JsonValue, Versioned, pg_enum
from solarhub.kit.ids import uuid7

Base.registry.update_type_annotation_map({UserRole: pg_enum(UserRole, "user_role")})

NO_PASSWORD = "!"  # noqa: S105 - the mark of an account that nobody can sign in to yet, as in a passwd file
"""A person whom somebody else entered: no password matches until one is set."""


class User(Versioned, Base):
    """A person. Only the role super_admin means anything outside a membership; others are what an invitation offers."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("email"),
        sa.Index(None, "preferences", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    email: Mapped[str]
    phone: Mapped[str | None]
    password_hash: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    """The app role may write it and never read it back."""
    first_name: Mapped[str]
    last_name: Mapped[str]
    role: Mapped[UserRole] = mapped_column(default=UserRole.VIEWER, server_default="viewer")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    is_verified: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    preferences: Mapped[Preferences] = mapped_column(
        JsonValue(Preferences), default=Preferences, server_default=sa.text("'{}'")
    )
    removed_at: Mapped[datetime | None]
