"""Plants, and the distribution companies that they hang on."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.audit.recording import audited
from solarhub.kit.db import Base, JsonValue, Versioned, pg_enum
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites.address import Address
from solarhub.sites.configuration import Configuration
from solarhub.sites.vocabulary import SiteStatus

Base.registry.update_type_annotation_map({SiteStatus: pg_enum(SiteStatus, "site_status")})


class Disco(Base):
    """A distribution company; belongs to no tenant."""

    __tablename__ = "discos"

    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    region: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


@audited("site")
class Site(Versioned, Base):
    """A plant. `disco_code` is computed from the configuration, so that a key can hold the name to a known company."""

    __tablename__ = "sites"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "id"),
        sa.Index(None, "organization_id", "name", "id"),
        sa.Index(None, "disco_code"),
        sa.Index(None, "maintenance_until", postgresql_where=sa.text("maintenance_until IS NOT NULL")),
        sa.Index(None, "address", postgresql_using="gin"),
        sa.Index(None, "configuration", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    name: Mapped[str]
    description: Mapped[str | None]
    status: Mapped[SiteStatus] = mapped_column(default=SiteStatus.ACTIVE, server_default="active")
    address: Mapped[Address] = mapped_column(JsonValue(Address), default=Address, server_default=sa.text("'{}'"))
    latitude: Mapped[float]
    longitude: Mapped[float]
    timezone: Mapped[str] = mapped_column(default="Asia/Karachi", server_default="Asia/Karachi")
    configuration: Mapped[Configuration] = mapped_column(
        JsonValue(Configuration), default=Configuration, server_default=sa.text("'{}'")
    )
    disco_code: Mapped[str | None] = mapped_column(
        sa.ForeignKey(Disco.code, ondelete="RESTRICT"),
        sa.Computed("configuration ->> 'disco_provider'::text", persisted=True),
    )
    maintenance_until: Mapped[datetime | None]
    """When maintenance ends by itself; None while it lasts until somebody says so, and outside it."""
    removed_at: Mapped[datetime | None]


@audited("handover")
class SiteHandover(Base):
    """A plant on its way to another organization. `organization_id` is the giver; `keep_role` is what it keeps.

    `invited_organization` is the slug or id that was named: nobody looked whether there is one. Once it is accepted,
    the raw samples under `device_keys` follow, backwards from today: all of those from the day `telemetry_moved_to` on
    have, and at `telemetry_moved_at` the last one had.
    """

    __tablename__ = "site_handovers"
    __table_args__ = (
        sa.UniqueConstraint("invitation_token"),
        sa.Index(None, "organization_id"),
        sa.Index(None, "to_organization_id"),
        sa.Index(None, "offered_by"),
        sa.Index(None, "accepted_by"),
        sa.Index(
            "uq_site_handovers_open",
            "site_id",
            unique=True,
            postgresql_where=sa.text("accepted_at IS NULL AND withdrawn_at IS NULL"),
        ),
        sa.Index(
            "ix_site_handovers_moving",
            "accepted_at",
            postgresql_where=sa.text("accepted_at IS NOT NULL AND telemetry_moved_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    site_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Site.id, ondelete="RESTRICT"))
    site_name: Mapped[str]
    """As it was called then: its giver sees it no more."""
    to_organization_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    offered_by: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    invited_name: Mapped[str | None]
    invited_email: Mapped[str | None]
    invited_phone: Mapped[str | None]
    invited_organization: Mapped[str | None]
    invitation_token: Mapped[str | None]
    invitation_expires: Mapped[datetime | None]
    keep_role: Mapped[OrgMemberRole | None]
    keep_until: Mapped[datetime | None]
    accepted_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    device_keys: Mapped[list[int]] = mapped_column(ARRAY(sa.Integer), server_default=sa.text("'{}'"))
    telemetry_moved_to: Mapped[date | None]
    telemetry_moved_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
