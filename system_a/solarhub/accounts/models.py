"""People."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.preferences import Preferences
from solarhub.accounts.vocabulary import UserRole
from solarhub.audit.recording import audited
from solarhub.kit.db import Base, JsonValue, Versioned, pg_enum
from solarhub.kit.ids import uuid7

Base.registry.update_type_annotation_map({UserRole: pg_enum(UserRole, "user_role")})

NO_PASSWORD = "!"  # noqa: S105 - the mark of an account that nobody can sign in to yet, as in a passwd file
"""A person whom somebody else entered: no password matches until one is set."""


@audited("person")
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


def name_of(person: type[User]) -> sa.ColumnElement[str]:
    """First and last name, in a statement; empty for somebody who has told none, or is not there."""
    return sa.func.btrim(sa.func.concat_ws(" ", person.first_name, person.last_name))


class UserSession(Base):
    """Somebody who signed in, on one browser. Only the token's hash is kept: 256 random bits need no slow one.

    While it is `awaiting_second_factor` it opens nothing but the door that takes the code. Times are the database's.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (sa.UniqueConstraint("token_sha256"), sa.Index(None, "user_id"), sa.Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    token_sha256: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    awaiting_second_factor: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    second_factor_at: Mapped[datetime | None]
    address: Mapped[str | None]
    user_agent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    last_seen_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class UserLink(Base):
    """A link that works once: reading it deletes it. `email` is the address that a verification or a change proves."""

    __tablename__ = "user_links"
    __table_args__ = (sa.UniqueConstraint("token_sha256"), sa.Index(None, "user_id"), sa.Index(None, "expires_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    purpose: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    email: Mapped[str | None]
    token_sha256: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    expires_at: Mapped[datetime]


class SecondFactor(Base):
    """The seed of a person's authenticator, sealed; `last_step` is the newest time step that was used."""

    __tablename__ = "user_second_factors"

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"), primary_key=True)
    secret_sealed: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class RecoveryCode(Base):
    """What opens an account whose authenticator is lost; using it deletes it."""

    __tablename__ = "user_recovery_codes"

    user_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"), primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class Throttle(Base):
    """How full a bucket of attempts is, as the instant at which it will be empty again."""

    __tablename__ = "throttles"
    __table_args__ = (sa.Index(None, "empty_at"), {"postgresql_with": {"fillfactor": 70}})

    bucket: Mapped[str] = mapped_column(primary_key=True)
    empty_at: Mapped[datetime]
