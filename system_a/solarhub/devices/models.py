"""What reports: devices, their credentials, and what was last heard of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.audit.recording import audited
from solarhub.devices.secrets import hidden
from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.kit.db import Base, Versioned, pg_enum
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
from solarhub.sites.models import Site

Base.registry.update_type_annotation_map(
    {
        DeviceType: pg_enum(DeviceType, "device_type"),
        DeviceStatus: pg_enum(DeviceStatus, "device_status"),
        ProtocolType: pg_enum(ProtocolType, "protocol_type"),
    }
)


def _of_device() -> sa.ForeignKeyConstraint:
    """The composite key that keeps a tenant's rows off another tenant's device."""
    return sa.ForeignKeyConstraint(
        ["organization_id", "device_id"], [Device.organization_id, Device.id], ondelete="RESTRICT", deferrable=True
    )


@audited("device", connection_config=hidden)
class Device(Versioned, Base):
    """An inverter, meter, battery … `device_key` stands for it in raw telemetry.

    `connection_config` is read through `devices.connection` with the protocol beside it; `device_metadata` is the
    column `metadata`, with `reporting_interval_seconds` (default 60) among its keys.
    """

    __tablename__ = "devices"
    __table_args__ = (
        sa.UniqueConstraint("serial_number"),
        sa.UniqueConstraint("device_key"),
        sa.UniqueConstraint("organization_id", "id"),
        sa.ForeignKeyConstraint(["organization_id"], [Organization.id], ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["organization_id", "site_id"], [Site.organization_id, Site.id], ondelete="RESTRICT", deferrable=True
        ),
        sa.UniqueConstraint("replaces"),
        sa.ForeignKeyConstraint(
            ["organization_id", "replaces"],
            ["devices.organization_id", "devices.id"],
            ondelete="RESTRICT",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "gateway_id"],
            ["devices.organization_id", "devices.id"],
            ondelete="RESTRICT",
            deferrable=True,
        ),
        sa.Index(None, "gateway_id"),
        sa.Index(None, "organization_id", "name", "id"),
        sa.Index(None, "site_id", "organization_id"),
        sa.Index(None, "status"),
        sa.Index(None, "last_seen_at"),
        sa.Index("ix_devices_online", "last_seen_at", postgresql_where=sa.text("status = 'online'")),
        sa.Index(None, "maintenance_until", postgresql_where=sa.text("maintenance_until IS NOT NULL")),
        sa.Index(
            "ix_devices_mqtt",
            "device_key",
            "version",
            postgresql_where=sa.text("protocol = 'mqtt' AND removed_at IS NULL"),
        ),
        sa.Index(None, "connection_config", postgresql_using="gin"),
        sa.Index(None, "metadata", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    device_key: Mapped[int] = mapped_column(sa.Identity(always=True))
    site_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    name: Mapped[str]
    description: Mapped[str | None]
    device_type: Mapped[DeviceType]
    manufacturer: Mapped[str | None]
    model: Mapped[str | None]
    serial_number: Mapped[str | None]
    firmware_version: Mapped[str | None]
    protocol: Mapped[ProtocolType]
    connection_config: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))
    status: Mapped[DeviceStatus] = mapped_column(default=DeviceStatus.UNKNOWN, server_default="unknown")
    last_seen_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    device_metadata: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict, server_default=sa.text("'{}'"))
    maintenance_until: Mapped[datetime | None]
    """When maintenance ends by itself; None while it lasts until somebody says so, and outside it."""
    replaces: Mapped[UUID | None]
    """The removed device in whose place it stands."""
    gateway_id: Mapped[UUID | None]
    """The gateway that speaks for it: what that one sends under this device's name is taken."""
    removed_at: Mapped[datetime | None]


@audited("device_token")
class DeviceToken(Base):
    """A device's credential for the HTTP door. Only its hash is kept: 256 random bits need no slow one.

    One that is in force and has no `expires_at` is the present one; there is at most one other beside it.
    """

    __tablename__ = "device_tokens"
    __table_args__ = (
        sa.UniqueConstraint("token_sha256"),
        _of_device(),
        sa.Index(None, "organization_id", "device_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID]
    token_sha256: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    expires_at: Mapped[datetime | None]
    """Set when a newer token takes over: until then both open the door."""
    revoked_at: Mapped[datetime | None]
    broker_hash: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    """What the hub's own MQTT broker compares it with, as mosquitto writes it."""


class DeviceState(Base):
    """What was last heard, written with every batch: apart from `devices`, whose version people's edits depend on.

    `latest` maps a series to {"at": RFC 3339, "value": number in catalogue units}. `judged_until` is how far a
    hub of the first versions had judged, in the samples' own time; since then `evaluation_positions` says it.
    """

    __tablename__ = "device_state"
    __table_args__ = (
        sa.UniqueConstraint("device_key"),
        _of_device(),
        sa.Index(None, "organization_id", "device_id"),
        {"postgresql_with": {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02}},
    )

    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    device_key: Mapped[int]
    last_sample_at: Mapped[datetime | None]
    last_received_at: Mapped[datetime | None]
    judged_until: Mapped[datetime | None]
    latest: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))


@audited("device_claim")
class DeviceClaim(Base):
    """A serial number that its claimant found taken. It says nothing of who holds it; `proof_sha256` is a token's hash.

    `state`: pending, granted (the number stands on `device_id` now), refused or withdrawn.
    """

    __tablename__ = "device_claims"
    __table_args__ = (
        _of_device(),
        sa.Index(None, "organization_id", "device_id"),
        sa.Index(None, "claimed_by"),
        sa.Index("uq_device_claims_open", "device_id", unique=True, postgresql_where=sa.text("state = 'pending'")),
        sa.Index(
            "ix_device_claims_pending",
            sa.text("looked_at NULLS FIRST"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID]
    serial_number: Mapped[str]
    message: Mapped[str | None]
    claimed_by: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    proof_sha256: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(default="pending", server_default="pending")
    looked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


@audited("device_claim_request")
class DeviceClaimRequest(Base):
    """The same claim as the device's present holder sees it.

    `answer`: granted or refused by the holder; proven by the claimant; lapsed when there was nothing left to answer.
    """

    __tablename__ = "device_claim_requests"
    __table_args__ = (
        sa.UniqueConstraint("claim_id", "device_id"),
        _of_device(),
        sa.Index(None, "organization_id", "device_id"),
        sa.Index(None, "answered_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    claim_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID]
    claimant_name: Mapped[str]
    message: Mapped[str | None]
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
