"""SQL of telling people about alerts, as the worker role: what waits to be told, who may hear it, what they heard."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from solarhub.accounts.models import User, name_of
from solarhub.accounts.preferences import Preferences
from solarhub.alerts.models import Alert, AlertAnnouncement, AlertEpisode, AlertRule
from solarhub.alerts.queries.arrays import TEXT, one_of, table
from solarhub.alerts.queries.arrays import UUID as UUID_TYPE
from solarhub.alerts.vocabulary import AlertEvent
from solarhub.devices.models import Device
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.kit.db import Session
from solarhub.notifications.models import Notification
from solarhub.notifications.vocabulary import State
from solarhub.organizations.models import Organization, OrganizationMember, SiteGrant, Webhook
from solarhub.organizations.vocabulary import OrganizationStatus, OrgMemberRole
from solarhub.sites.models import Site
from solarhub.sites.vocabulary import SiteStatus
from solarhub.telemetry.models import CustomMetric


class Waiting(NamedTuple):
    """An announcement that nobody was told of yet."""

    alert_id: UUID
    event: AlertEvent


class Listener(NamedTuple):
    """Somebody who may hear of the alerts in a place: an organization's, or a site's id."""

    place_id: UUID
    user_id: UUID
    email: str
    preferences: Preferences


class Heard(NamedTuple):
    """A message about an alert's opening that went out or will. `recipient` of a webhook is its id."""

    alert_id: UUID
    channel: str
    recipient: str
    user_id: UUID | None


class Subject(NamedTuple):
    """An alert with all that is said about it."""

    alert: Alert
    since: datetime
    rule: AlertRule
    plant: str
    device: str | None
    resolved_by: str | None
    is_heard: bool
    """Whether its organization still sends messages."""
    is_gone: bool
    """Whether its device, its plant or its rule was removed, or its plant decommissioned."""
    own_unit: str | None
    """Of a metric of the organization's own."""


async def claim(session: Session, *, at_most: int) -> list[Waiting]:
    """The oldest announcements that wait, locked; those that another worker has in hand are left to it.

    What concerns a plant or a device in maintenance waits until that is over, unless it is over before: an alert that
    opened and closed in the meantime is not held back, for nobody is told of it.
    """
    other = aliased(AlertAnnouncement)
    both = sa.exists().where(
        other.alert_id == AlertAnnouncement.alert_id,
        other.event != AlertAnnouncement.event,
        other.addressed_at.is_(None),
    )
    in_maintenance = sa.or_(
        Site.status == SiteStatus.MAINTENANCE,
        sa.func.coalesce(Device.status == DeviceStatus.MAINTENANCE, sa.false()),
    )
    rows = await session.execute(
        sa.select(AlertAnnouncement.alert_id, AlertAnnouncement.event)
        .join(Alert, Alert.id == AlertAnnouncement.alert_id)
        .join(Site, Site.id == Alert.site_id)
        .outerjoin(Device, Device.id == Alert.device_id)
        .where(AlertAnnouncement.addressed_at.is_(None), sa.or_(~in_maintenance, both))
        .order_by(AlertAnnouncement.created_at, AlertAnnouncement.event.desc())
        .limit(at_most)
        .with_for_update(skip_locked=True, of=AlertAnnouncement)
    )
    return [Waiting(alert_id, AlertEvent(event)) for alert_id, event in rows]


async def opening_in_hand(session: Session, alert_ids: Collection[UUID]) -> set[UUID]:
    """Those whose opening waits: another worker has it, or it is held back."""
    rows = await session.scalars(
        sa.select(AlertAnnouncement.alert_id).where(
            one_of(AlertAnnouncement.alert_id, alert_ids),
            AlertAnnouncement.event == AlertEvent.OPENED,
            AlertAnnouncement.addressed_at.is_(None),
        )
    )
    return set(rows)


async def mark_addressed(session: Session, settled: Collection[Waiting]) -> None:
    done = table(
        "done",
        alert_id=(UUID_TYPE, [each.alert_id for each in settled]),
        event=(TEXT, [each.event.value for each in settled]),
    )
    await session.execute(
        sa.update(AlertAnnouncement)
        .where(AlertAnnouncement.alert_id == done.c.alert_id, AlertAnnouncement.event == done.c.event)
        .values(addressed_at=sa.func.now()),
        execution_options={"synchronize_session": False},
    )


async def subjects(session: Session, alert_ids: Collection[UUID]) -> dict[UUID, Subject]:
    resolver = aliased(User)
    rows = await session.execute(
        sa.select(
            Alert,
            AlertEpisode.streak_started_at,
            AlertRule,
            Site.name,
            Device.name,
            sa.case((resolver.id.is_not(None), name_of(resolver))),
            sa.and_(Organization.status == OrganizationStatus.ACTIVE, Organization.removed_at.is_(None)),
            sa.or_(
                AlertRule.removed_at.is_not(None),
                Site.removed_at.is_not(None),
                Site.status == SiteStatus.DECOMMISSIONED,
                sa.and_(Device.id.is_not(None), Device.removed_at.is_not(None)),
            ),
            CustomMetric.unit,
        )
        .join(AlertEpisode, AlertEpisode.alert_id == Alert.id)
        .join(AlertRule, AlertRule.id == Alert.rule_id)
        .join(Site, Site.id == Alert.site_id)
        .join(Organization, Organization.id == Alert.organization_id)
        .outerjoin(Device, Device.id == Alert.device_id)
        .outerjoin(
            CustomMetric,
            sa.and_(CustomMetric.organization_id == Alert.organization_id, CustomMetric.name == Alert.metric_name),
        )
        .outerjoin(resolver, resolver.id == Alert.resolved_by)
        .where(one_of(Alert.id, alert_ids))
    )
    return {row[0].id: Subject(*row) for row in rows}


# ------------------------------------------------------------------------------------------------------ who may hear


_BELONGS = (
    OrganizationMember.removed_at.is_(None),
    OrganizationMember.joined_at.is_not(None),
)
_IN_FORCE = (
    SiteGrant.removed_at.is_(None),
    SiteGrant.accepted_at.is_not(None),
    sa.or_(SiteGrant.expires_at.is_(None), SiteGrant.expires_at > sa.func.now()),
)
_IS_THERE = (User.is_active, User.removed_at.is_(None))


async def members(
    session: Session, organization_ids: Collection[UUID], roles: Collection[OrgMemberRole]
) -> list[Listener]:
    """Members in these roles whose address is theirs: they verified it, or an invitation to it reached them."""
    rows = await session.execute(
        sa.select(OrganizationMember.organization_id, User.id, User.email, User.preferences)
        .join(User, User.id == OrganizationMember.user_id)
        .where(
            one_of(OrganizationMember.organization_id, organization_ids),
            OrganizationMember.role.in_(roles),
            *_BELONGS,
            *_IS_THERE,
            sa.or_(User.is_verified, OrganizationMember.invitation_accepted),
        )
    )
    return [Listener(*row) for row in rows]


async def guests(session: Session, site_ids: Collection[UUID], roles: Collection[OrgMemberRole]) -> list[Listener]:
    """People to whom one of these sites was lent in one of these roles: to themselves, or to their organization."""
    themselves = (
        sa.select(SiteGrant.site_id, User.id, User.email, User.preferences)
        .join(User, User.id == SiteGrant.user_id)
        .where(one_of(SiteGrant.site_id, site_ids), SiteGrant.role.in_(roles), *_IN_FORCE, *_IS_THERE)
    )
    through_theirs = (
        sa.select(SiteGrant.site_id, User.id, User.email, User.preferences)
        .join(Organization, Organization.id == SiteGrant.grantee_organization_id)
        .join(OrganizationMember, OrganizationMember.organization_id == Organization.id)
        .join(User, User.id == OrganizationMember.user_id)
        .where(
            one_of(SiteGrant.site_id, site_ids),
            SiteGrant.role.in_(roles),
            OrganizationMember.role.in_(roles),
            Organization.removed_at.is_(None),
            Organization.status == OrganizationStatus.ACTIVE,
            *_IN_FORCE,
            *_BELONGS,
            *_IS_THERE,
            sa.or_(User.is_verified, OrganizationMember.invitation_accepted),
        )
    )
    found = [row for statement in (themselves, through_theirs) for row in await session.execute(statement)]
    return [Listener(*row) for row in found]


async def webhooks(session: Session, organization_ids: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Organization and id of every webhook that is told of alerts."""
    rows = await session.execute(
        sa.select(Webhook.organization_id, Webhook.id).where(
            one_of(Webhook.organization_id, organization_ids), Webhook.is_active, Webhook.removed_at.is_(None)
        )
    )
    return [(organization_id, webhook_id) for organization_id, webhook_id in rows]


# --------------------------------------------------------------------------------------------------- what they heard


async def withdraw(session: Session, alert_ids: Collection[UUID], event: str) -> None:
    """Cancels messages about these alerts that nobody has begun to send."""
    await session.execute(
        sa.update(Notification)
        .where(
            one_of(Notification.subject_id, alert_ids),
            Notification.event == event,
            Notification.state == State.PENDING,
            Notification.attempts == 0,
        )
        .values(state=State.CANCELLED, settled_at=sa.func.now(), secret_sealed=None),
        execution_options={"synchronize_session": False},
    )


async def heard(session: Session, alert_ids: Collection[UUID], event: str) -> list[Heard]:
    """Messages about these alerts that went out, or that may yet."""
    rows = await session.execute(
        sa.select(Notification.subject_id, Notification.channel, Notification.recipient, Notification.user_id).where(
            one_of(Notification.subject_id, alert_ids),
            Notification.event == event,
            Notification.state.in_((State.PENDING, State.SENDING, State.SENT)),
        )
    )
    return _heard(rows)


async def who_were_told(session: Session, messages: Collection[tuple[UUID, str, str, str]]) -> Sequence[Heard]:
    """The rows of messages that went out, given as subject, event, channel and recipient."""
    subject_ids, events, channels, recipients = zip(*messages, strict=True)
    sent = table(
        "sent",
        subject_id=(UUID_TYPE, subject_ids),
        event=(TEXT, events),
        channel=(TEXT, channels),
        recipient=(TEXT, recipients),
    )
    rows = await session.execute(
        sa.select(Notification.subject_id, Notification.channel, Notification.recipient, Notification.user_id)
        .join(
            sent,
            sa.and_(
                Notification.subject_id == sent.c.subject_id,
                Notification.event == sent.c.event,
                Notification.channel == sent.c.channel,
                Notification.recipient == sent.c.recipient,
            ),
        )
        .order_by(Notification.settled_at, Notification.id)
    )
    return _heard(rows)


def _heard(rows: Iterable[sa.Row[UUID | None, str, str, UUID | None]]) -> list[Heard]:
    return [
        Heard(subject_id, channel, recipient, user_id)
        for subject_id, channel, recipient, user_id in rows
        if subject_id is not None
    ]


async def notes_of_deliveries(session: Session, alert_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """What is noted on these alerts, which are locked in the order of their ids, as whoever else moves several."""
    rows = await session.execute(
        sa.select(Alert.id, Alert.notifications_sent)
        .where(one_of(Alert.id, set(alert_ids)))
        .order_by(Alert.id)
        .with_for_update(key_share=True)
    )
    return {alert_id: list(noted) for alert_id, noted in rows}


async def note_deliveries(session: Session, noted: Mapping[UUID, list[str]]) -> None:
    alerts: Any = Alert.__table__
    await session.execute(
        sa.update(alerts)
        .where(alerts.c.id == sa.bindparam("alert_id", type_=UUID_TYPE))
        .values(notifications_sent=sa.bindparam("told", type_=ARRAY(sa.Text))),
        [{"alert_id": alert_id, "told": told} for alert_id, told in noted.items()],
    )
