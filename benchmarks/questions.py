"""What the hub asks of the document's tables, and as whom.

Statements are the hub's own where it has them. The others stand here in the words in which the document asks for them,
until the part of the hub that needs them is there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from solarhub.accounts.queries import people as accounts
from solarhub.alerts.models import Alert
from solarhub.alerts.queries import reading as alerts
from solarhub.alerts.schemas import AlertFilter
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from solarhub.devices.models import Device
from solarhub.devices.queries import devices
from solarhub.devices.queries.heartbeat import heard_devices
from solarhub.devices.schemas import DeviceFilter
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.queries import views as fleet
from solarhub.fleet.schemas.views import DeviceStatusSummary, SiteCapacity, SiteFilter
from solarhub.kit.db import Session
from solarhub.organizations.access import KnownOrganization, Standing
from solarhub.organizations.actor import Actor
from solarhub.organizations.roles import PERMISSIONS
from solarhub.organizations.vocabulary import OrganizationStatus, OrgMemberRole

from benchmarks.fleet import Fleet
from benchmarks.people import email
from benchmarks.plants import broker

OPEN = (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)


@dataclass(frozen=True)
class Asked:
    """The parameters of one run: a question takes from it what it needs. `number` counts the runs."""

    fleet: Fleet
    organization: UUID
    number: int

    @property
    def now(self) -> datetime:
        return self.fleet.now


Ask = Callable[[Session, Asked], Awaitable[int]]
"""Sends the statement, fetches every row and returns how many there were."""


@dataclass(frozen=True)
class Question:
    """`figure` names it in latest.json, `says` in the table."""

    figure: str
    says: str
    role: Literal["app", "auth", "worker"]
    ask: Ask
    runs: int = 500


async def _count(session: Session, statement: sa.Executable) -> int:
    return len((await session.execute(statement)).all())


async def who_signs_in(session: Session, asked: Asked) -> int:
    user = await accounts.user_by_email(session, email(asked.number * 7919 % asked.fleet.size.users))
    return int(user is not None)


async def devices_by_status(session: Session, asked: Asked) -> int:
    """A page and the total, as the list shows them."""
    status = list(DeviceStatus)[asked.number % len(DeviceStatus)]
    found, _ = await devices.standings(session, asked.organization, DeviceFilter(status=status))
    return len(found)


async def silent_devices(session: Session, asked: Asked) -> int:
    since = asked.now - timedelta(minutes=10 + asked.number % 20)
    wanted = sa.select(Device.id, Device.organization_id, Device.last_seen_at)
    return await _count(session, wanted.where(Device.status == DeviceStatus.ONLINE, Device.last_seen_at < since))


async def heartbeat(session: Session, asked: Asked) -> int:
    """The whole fleet held against what was last heard; the locks end with the run's transaction."""
    return sum([len(rows) async for rows in heard_devices(session, asked.now, at_once=5000)])


async def newest_alerts(session: Session, asked: Asked) -> int:
    found, _ = await alerts.alerts(session, asked.organization, AlertFilter())
    return len(found)


async def alerts_of_an_hour(session: Session, asked: Asked) -> int:
    until = asked.now - timedelta(hours=asked.number * 37 % 17_000)
    wanted = sa.select(Alert).where(Alert.triggered_at >= until - timedelta(hours=1), Alert.triggered_at < until)
    return await _count(session, wanted.order_by(Alert.triggered_at))


async def alerts_by_status_and_severity(session: Session, asked: Asked) -> int:
    wanted = AlertFilter(status=[OPEN[asked.number % 2]], severity=[list(AlertSeverity)[asked.number % 3]])
    found, _ = await alerts.alerts(session, asked.organization, wanted)
    return len(found)


async def alerts_to_escalate(session: Session, asked: Asked) -> int:
    """A hundred at a time, claimed; the claim ends with the run's transaction, which is rolled back."""
    wanted = (
        sa.select(Alert.id, Alert.organization_id, Alert.rule_id, Alert.severity, Alert.triggered_at)
        .where(
            Alert.status == AlertStatus.ACTIVE,
            Alert.escalated == sa.false(),
            Alert.triggered_at < asked.now - timedelta(minutes=15 + asked.number % 60),
        )
        .order_by(Alert.triggered_at)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    return await _count(session, wanted)


async def devices_behind_a_broker(session: Session, asked: Asked) -> int:
    wanted = sa.select(Device.id, Device.name)
    return await _count(session, wanted.where(Device.connection_config.contains({"broker": broker(asked.number)})))


def _owner(asked: Asked) -> Standing:
    """An owner's standing there, as far as a statement looks at it."""
    organization = KnownOrganization(asked.organization, 0, "", "", OrganizationStatus.ACTIVE, {})
    owner = OrgMemberRole.OWNER
    return Standing(Actor(asked.organization), organization, owner, PERMISSIONS[owner], {})


async def active_alerts_summary(session: Session, asked: Asked) -> int:
    return int(await fleet.active_alerts_summary(session, _owner(asked)) is not None)


async def device_status_summary(session: Session, asked: Asked) -> int:
    found, _ = await fleet.page_by_site(session, _owner(asked), DeviceStatusSummary, SiteFilter())
    return len(found)


async def site_capacity(session: Session, asked: Asked) -> int:
    found, _ = await fleet.page_by_site(session, _owner(asked), SiteCapacity, SiteFilter())
    return len(found)


QUESTIONS = (
    Question("login_lookup", "login look-up by e-mail", "auth", who_signs_in),
    Question("devices_by_status", "devices by status", "app", devices_by_status),
    Question("offline_detection", "offline detection", "worker", silent_devices),
    Question("heartbeat", "the roll-forward's look at the whole fleet", "worker", heartbeat, runs=50),
    Question("alerts_by_time", "newest alerts", "app", newest_alerts),
    Question("alerts_of_an_hour", "alerts of an hour, everybody's", "worker", alerts_of_an_hour),
    Question("alerts_by_status_severity", "open alerts by status and severity", "app", alerts_by_status_and_severity),
    Question("escalation", "the escalation worker's query", "worker", alerts_to_escalate),
    Question("active_alerts_summary", "v_active_alerts_summary", "app", active_alerts_summary),
    Question("device_status_summary", "v_device_status_summary", "app", device_status_summary),
    Question("site_capacity", "v_site_capacity", "app", site_capacity),
    Question("json_containment", "JSON containment", "worker", devices_behind_a_broker),
    Question("json_containment_as_app", "JSON containment, for contrast", "app", devices_behind_a_broker),
)
