"""Rules, alerts, and the rows that make one breach one alert."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from solarhub.accounts.models import User
from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from solarhub.audit.recording import audited
from solarhub.devices.models import Device
from solarhub.kit.db import Base, JsonValue, Versioned, pg_enum
from solarhub.kit.ids import uuid7
from solarhub.organizations.models import Organization
from solarhub.sites.models import Site

Base.registry.update_type_annotation_map(
    {
        AlertSeverity: pg_enum(AlertSeverity, "alert_severity"),
        AlertStatus: pg_enum(AlertStatus, "alert_status"),
    }
)


def _of_organization(column: str, owner: "type[Site | Device | AlertRule]") -> sa.ForeignKeyConstraint:
    """A composite key: what is referred to belongs to the same organization."""
    return sa.ForeignKeyConstraint(
        ["organization_id", column], [owner.organization_id, owner.id], ondelete="RESTRICT", deferrable=True
    )


@audited("alert_rule")
class AlertRule(Versioned, Base):
    """What somebody wants to be told. Watches every device in its organization, or in one site of it.

    It judges what the hub took in after `asks_since`, which a trigger moves whenever it asks something else.
    """

    __tablename__ = "alert_rules"
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "id"),
        sa.ForeignKeyConstraint(["organization_id"], [Organization.id], ondelete="RESTRICT"),
        _of_organization("site_id", Site),
        sa.Index(None, "site_id"),
        sa.Index(None, "condition", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    site_id: Mapped[UUID | None]
    name: Mapped[str]
    description: Mapped[str | None]
    condition: Mapped[Condition] = mapped_column(JsonValue(Condition))
    severity: Mapped[AlertSeverity]
    channels: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default=sa.text("'{}'"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    cooldown_minutes: Mapped[int] = mapped_column(default=0, server_default=sa.text("0"))
    auto_resolve: Mapped[bool] = mapped_column(default=True, server_default=sa.true())
    removed_at: Mapped[datetime | None]
    asks_since: Mapped[datetime] = mapped_column(server_default=sa.func.now(), server_onupdate=sa.FetchedValue())


@audited("alert")
class Alert(Versioned, Base):
    """One breach that somebody is told of. Times are the samples' own; `device_id` is empty for a whole site."""

    __tablename__ = "alerts"
    __table_args__ = (
        _of_organization("rule_id", AlertRule),
        sa.ForeignKeyConstraint(["organization_id"], [Organization.id], ondelete="RESTRICT"),
        _of_organization("site_id", Site),
        _of_organization("device_id", Device),
        sa.Index(None, "rule_id"),
        sa.Index(None, "organization_id", "status", "severity", "triggered_at"),
        sa.Index(None, "organization_id", "triggered_at"),
        sa.Index(
            "ix_alerts_open",
            "organization_id",
            "triggered_at",
            "status",
            "severity",
            postgresql_where=sa.text("status IN ('active', 'acknowledged')"),
        ),
        sa.Index(None, "site_id", "triggered_at"),
        sa.Index(None, "device_id"),
        sa.Index(None, "triggered_at"),
        sa.Index(None, "status", "severity"),
        sa.Index(
            "ix_alerts_escalation", "triggered_at", postgresql_where=sa.text("status = 'active' AND escalated = FALSE")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    rule_id: Mapped[UUID]
    organization_id: Mapped[UUID]
    site_id: Mapped[UUID]
    device_id: Mapped[UUID | None]
    severity: Mapped[AlertSeverity]
    status: Mapped[AlertStatus] = mapped_column(default=AlertStatus.ACTIVE, server_default="active")
    title: Mapped[str]
    message: Mapped[str]
    metric_name: Mapped[str | None]
    metric_value: Mapped[float | None]
    threshold_value: Mapped[float | None]
    triggered_at: Mapped[datetime]
    acknowledged_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    acknowledged_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    resolved_at: Mapped[datetime | None]
    notifications_sent: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), default=list, server_default=sa.text("'{}'"))
    escalated: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    escalated_at: Mapped[datetime | None]


class AlertEpisode(Base):
    """One streak of one rule on one target. Its keys are what makes a second alert impossible; it owns the alert's id.

    `target` is `device:<uuid>` or `site:<uuid>`: never NULL, or a unique index would let duplicates through.
    """

    __tablename__ = "alert_episodes"
    __table_args__ = (
        sa.UniqueConstraint("rule_id", "target", "streak_started_at"),
        sa.UniqueConstraint("organization_id", "alert_id"),
        _of_organization("rule_id", AlertRule),
        sa.Index(
            "uq_alert_episodes_open", "rule_id", "target", unique=True, postgresql_where=sa.text("closed_at IS NULL")
        ),
    )

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    rule_id: Mapped[UUID]
    target: Mapped[str]
    streak_started_at: Mapped[datetime]
    triggered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class AlertRuleState(Base):
    """Where a rule stands on a target, as of the sample at `changed_at`; written at transitions alone."""

    __tablename__ = "alert_rule_states"
    __table_args__ = (
        _of_organization("rule_id", AlertRule),
        _of_organization("device_id", Device),
        sa.Index(None, "organization_id", "device_id"),
        {"postgresql_with": {"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02}},
    )

    rule_id: Mapped[UUID] = mapped_column(primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    device_id: Mapped[UUID | None]
    rule_version: Mapped[int]
    streak_started_at: Mapped[datetime | None]
    awaiting_clear: Mapped[bool] = mapped_column(server_default=sa.false())
    open_alert_id: Mapped[UUID | None]
    last_triggered_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class EvaluationLease(Base):
    """Who judges a shard of devices, and until when unless renewed; no owner: it was let go."""

    __tablename__ = "evaluation_leases"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner: Mapped[str]
    leased_until: Mapped[datetime]


class Evaluator(Base):
    """One that judges or stands by, until when unless it says so again."""

    __tablename__ = "evaluators"

    owner: Mapped[str] = mapped_column(primary_key=True)
    seen_until: Mapped[datetime]


class EvaluationPosition(Base):
    """How far the devices of a shard are judged: `judged_until[i]`, microseconds since 1970, of `device_keys[i]`."""

    __tablename__ = "evaluation_positions"

    shard: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    device_keys: Mapped[list[int]] = mapped_column(ARRAY(sa.Integer))
    judged_until: Mapped[list[int]] = mapped_column(ARRAY(sa.BigInteger))


class EvaluationCall(Base):
    """More of these devices is stored: from the process that stored it to the one that judges their shard."""

    __tablename__ = "evaluation_calls"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    shard: Mapped[int]
    device_keys: Mapped[list[int]] = mapped_column(ARRAY(sa.Integer))


class EvaluationEdit(Base):
    """That a rule, a device or a plant (`kind`) was edited; written by triggers. `edited_by` is the transaction's."""

    __tablename__ = "evaluation_edits"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), primary_key=True)
    kind: Mapped[str]
    object_id: Mapped[UUID]
    edited_by: Mapped[int] = mapped_column(
        sa.BigInteger, server_default=sa.text("(pg_current_xact_id()::text)::bigint"), index=True
    )
    edited_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


def _of_episode() -> sa.ForeignKeyConstraint:
    """To the episode, not to the alert: the episode stays when alerts are archived."""
    return sa.ForeignKeyConstraint(
        ["organization_id", "alert_id"],
        [AlertEpisode.organization_id, AlertEpisode.alert_id],
        ondelete="RESTRICT",
        deferrable=True,
    )


class AlertNote(Base):
    """What somebody wrote about an alert, or did with it without a word; `act`: acknowledge, resolve or comment."""

    __tablename__ = "alert_notes"
    __table_args__ = (_of_episode(), sa.Index(None, "organization_id", "alert_id"), sa.Index(None, "author_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, server_default=sa.func.gen_random_uuid())
    organization_id: Mapped[UUID]
    alert_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id, ondelete="RESTRICT"))
    act: Mapped[str]
    note: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())


class AlertAnnouncement(Base):
    """That an alert opened or closed, written by the transaction that did it; `addressed_at`: messages were made."""

    __tablename__ = "alert_announcements"
    __table_args__ = (
        _of_episode(),
        sa.Index(None, "organization_id", "alert_id"),
        sa.Index("ix_alert_announcements_waiting", "created_at", postgresql_where=sa.text("addressed_at IS NULL")),
    )

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    addressed_at: Mapped[datetime | None]
