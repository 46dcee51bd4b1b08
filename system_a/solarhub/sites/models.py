"""Plants, and the distribution companies that they hang on."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.kit.db import Base, JsonValue, Versioned, pg_enum
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
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


class Site(Versioned, Base):
    """A plant. `disco_code` is computed from the configuration, so that a key can hold the name to a known company."""

    __tablename__ = "sites"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "id"),
        sa.Index(None, "disco_code"),
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
    removed_at: Mapped[datetime | None]
