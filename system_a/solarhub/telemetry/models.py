"""Raw samples. Rows come in by COPY (store.py) and go out by SQL (queries.py); the mapping describes the tables."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.audit.recording import audited
from solarhub.devices.models import Device
from solarhub.kit.db import Base, Versioned
from solarhub.kit.ids import uuid7
from solarhub.metrics import Kind, Metric, NightPolicy, own_metric
from solarhub.organizations.models import Organization


class TelemetryLayout(Base):
    """Which series (`metric` or `metric:channel`) stands at which place of a sample's readings.

    `series_sha256` is what it is found by: that of the names in their order, a line each.
    """

    __tablename__ = "telemetry_layouts"
    __table_args__ = (sa.UniqueConstraint("organization_key", "series_sha256"),)

    id: Mapped[int] = mapped_column(sa.Identity(always=True), primary_key=True)
    organization_key: Mapped[int] = mapped_column(sa.ForeignKey(Organization.organization_key, ondelete="RESTRICT"))
    series: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    series_sha256: Mapped[bytes]


class TelemetrySample(Base):
    """One device at one instant. `late`: an earlier commit held a newer one, so this was stored and never judged."""

    __tablename__ = "telemetry_samples"
    __table_args__ = ({"postgresql_partition_by": "RANGE (at)"},)

    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=1)
    at: Mapped[datetime] = mapped_column(primary_key=True, sort_order=2)
    organization_key: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(sort_order=3)
    layout_id: Mapped[int] = mapped_column(sort_order=4)
    late: Mapped[bool] = mapped_column(sort_order=5)
    readings: Mapped[list[float | None]] = mapped_column(ARRAY(sa.Double), sort_order=6)
    imported: Mapped[bool] = mapped_column(server_default=sa.false(), sort_order=7)
    """Brought along from somewhere else: never judged live."""


class TelemetryMark(Base):
    """An hour in which a device has rows that no roll-up has seen."""

    __tablename__ = "telemetry_marks"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    marked_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class TelemetryMarkEpoch(Base):
    """Counted up whenever marks are taken away; no row is epoch 0."""

    __tablename__ = "telemetry_mark_epoch"

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default=sa.true())
    epoch: Mapped[int] = mapped_column(sa.BigInteger)


class TelemetryConflict(Base):
    """How often a device reported instants of a day again, with other values than the first ones, which stay."""

    __tablename__ = "telemetry_conflicts"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "device_id"], [Device.organization_id, Device.id], ondelete="RESTRICT", deferrable=True
        ),
        sa.Index(None, "organization_id", "device_id"),
    )

    organization_id: Mapped[UUID]
    device_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    conflicts: Mapped[int] = mapped_column(sa.BigInteger)
    last_at: Mapped[datetime]
    """When the hub last heard one."""


class TelemetryBlock(Base):
    """Rows of a device from one UTC day, compressed (telemetry/cold); `imported` of its `rows` came from a file.

    `readings` are its values without those that were not reported; `part` tells blocks of one day apart.
    """

    __tablename__ = "telemetry_blocks"
    __table_args__ = (sa.Index(None, "organization_key", "day"),)

    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, sort_order=1)
    day: Mapped[date] = mapped_column(primary_key=True, sort_order=2)
    part: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False, sort_order=3)
    organization_key: Mapped[int]
    layout_id: Mapped[int] = mapped_column(sort_order=4)
    rows: Mapped[int] = mapped_column(sort_order=5)
    imported: Mapped[int] = mapped_column(sort_order=6)
    readings: Mapped[int] = mapped_column(sort_order=7)
    first_at: Mapped[datetime] = mapped_column(sort_order=8)
    last_at: Mapped[datetime] = mapped_column(sort_order=9)
    block: Mapped[bytes] = mapped_column(deferred=True, sort_order=10)


class TelemetryColdDay(Base):
    """A day of which there may be blocks; `compacted_at`: when its raw rows were last moved into them."""

    __tablename__ = "telemetry_cold_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    compacted_at: Mapped[datetime | None]


class TelemetryStirred(Base):
    """A device of which rows arrived while the day was being written into blocks."""

    __tablename__ = "telemetry_stirred"

    day: Mapped[date] = mapped_column(primary_key=True)
    device_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class QuarantinedReading(Base):
    """What could not be stored as a reading, and why: never silently dropped."""

    __tablename__ = "telemetry_quarantine"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "device_id"], [Device.organization_id, Device.id], ondelete="RESTRICT", deferrable=True
        ),
        sa.Index(None, "organization_id", "received_at"),
        sa.Index(None, "device_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID]
    received_at: Mapped[datetime]
    at: Mapped[datetime | None]
    metric: Mapped[str | None]
    reason: Mapped[str]
    raw: Mapped[str]
    replayed_at: Mapped[datetime | None]
    """When it was read anew and stored after all."""


class MqttIdentity(Base):
    """What the hub is called at brokers; drawn once, one row at most."""

    __tablename__ = "mqtt_identity"
    __table_args__ = (sa.CheckConstraint("is_only", name="is_only"),)

    is_only: Mapped[bool] = mapped_column(primary_key=True, server_default=sa.true())
    name: Mapped[str]


class MqttArrival(Base):
    """When a batch of messages came that do not say when they were written: should one come again, it says so.

    `marks` are 10 bytes each: the number of a message in its session, and 8 bytes of its hash.
    """

    __tablename__ = "mqtt_arrivals"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    marks: Mapped[bytes]


@audited("metric")
class CustomMetric(Versioned, Base):
    """A metric that an organization added for itself. Name, unit and kind stay: samples refer to them for ever.

    `removed_at`: since then no more values of it are taken; what there is stays readable.
    """

    __tablename__ = "custom_metrics"
    __table_args__ = (sa.UniqueConstraint("organization_id", "name"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    name: Mapped[str]
    unit: Mapped[str]
    kind: Mapped[str]
    minimum: Mapped[float]
    maximum: Mapped[float]
    night: Mapped[str]
    meaning: Mapped[str]
    removed_at: Mapped[datetime | None]

    @property
    def metric(self) -> Metric:
        """As the catalogue has it."""
        return own_metric(
            name=self.name,
            unit=self.unit,
            kind=Kind(self.kind),
            minimum=self.minimum,
            maximum=self.maximum,
            night=NightPolicy(self.night),
            meaning=self.meaning,
        )


@audited("found_sender", examples=lambda _: None)
class FoundSender(Base):
    """Somebody at a broker who is no device of the organization, or was not: waits, is adopted, or is ignored.

    `examples` maps a topic to {"at": RFC 3339, "payload": text}; `facts` are what it says of itself. `dialect` is empty
    where nobody understands it. `gateway_id` is the device under whose topics it was heard.
    """

    __tablename__ = "found_senders"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "id"),
        sa.ForeignKeyConstraint(
            ["organization_id", "device_id"],
            [Device.organization_id, Device.id],
            onupdate="CASCADE",
            ondelete="RESTRICT",
            deferrable=True,
        ),
        sa.Index(
            "uq_found_senders_waiting",
            "organization_id",
            "broker_key",
            "sender",
            unique=True,
            postgresql_where=sa.text("device_id IS NULL"),
        ),
        sa.Index(None, "organization_id", "device_id"),
        sa.Index(
            "ix_found_senders_adopted",
            "organization_id",
            "broker_key",
            "sender",
            postgresql_where=sa.text("device_id IS NOT NULL"),
        ),
        sa.Index("ix_found_senders_replay", "replay_asked_at", postgresql_where=sa.text("replay_asked_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"))
    broker_key: Mapped[str]
    sender: Mapped[str]
    dialect: Mapped[str]
    mapping_version: Mapped[int]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(sa.BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))
    examples: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))
    available: Mapped[bool | None]
    gateway_id: Mapped[UUID | None]
    device_id: Mapped[UUID | None]
    adopted_at: Mapped[datetime | None]
    time_zone: Mapped[str | None]
    """Of its times that name none; None: the plant's."""
    ignored_at: Mapped[datetime | None]
    replay_from: Mapped[datetime | None]
    replay_asked_at: Mapped[datetime | None]
    replayed_at: Mapped[datetime | None]
    replay_told: Mapped[dict[str, Any] | None]
    """What the last replay did, in numbers."""


class RawMessages(Base):
    """Messages of one sender as they came, many in a row (`found.bundle`).

    `instants` are those of the samples that were stored of them, in microseconds since 1970; None: nothing was, yet.
    """

    __tablename__ = "raw_messages"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "sender_id"],
            [FoundSender.organization_id, FoundSender.id],
            onupdate="CASCADE",
            ondelete="CASCADE",
            deferrable=True,
        ),
        sa.Index(None, "organization_id", "sender_id"),
        sa.Index(None, "sender_id", "last_at"),
        sa.Index(None, "last_at"),
        sa.Index("ix_raw_messages_pending", "sender_id", postgresql_where=sa.text("instants IS NULL")),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    organization_id: Mapped[UUID]
    sender_id: Mapped[UUID]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    messages: Mapped[int]
    dialect: Mapped[str]
    mapping_version: Mapped[int]
    instants: Mapped[list[int] | None] = mapped_column(ARRAY(sa.BigInteger))
    body: Mapped[bytes]


class FoundAnnouncement(Base):
    """A retained message in which somebody says what other topics carry; the last one of each topic."""

    __tablename__ = "found_announcements"

    organization_id: Mapped[UUID] = mapped_column(sa.ForeignKey(Organization.id, ondelete="RESTRICT"), primary_key=True)
    broker_key: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    payload: Mapped[bytes]
    received_at: Mapped[datetime]
