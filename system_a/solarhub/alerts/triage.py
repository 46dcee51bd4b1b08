"""What people do about an alert: take it on, write something about it, declare it over.

Each verb looks at the state and moves it under one lock. None asks for a version: deliveries are noted on alerts all
the while, and nobody who says "I see to it" is to be told that somebody else was faster than their reading.
"""

from uuid import UUID

from solarhub.alerts.models import Alert
from solarhub.alerts.queries import triage as queries
from solarhub.alerts.queries.announcements import announce
from solarhub.alerts.vocabulary import OPEN, Act, AlertEvent, AlertStatus
from solarhub.audit.recording import acting, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, NotFound
from solarhub.organizations.actor import Actor


async def find(session: Session, alert_id: UUID) -> Alert:
    """NotFound for one that is not there, or is somebody else's."""
    alert = await queries.alert(session, alert_id)
    if alert is None:
        raise NotFound
    return alert


async def find_to_move(session: Session, alert_id: UUID) -> Alert:
    """As `find`, and locked."""
    alert = await queries.alert_to_move(session, alert_id)
    if alert is None:
        raise NotFound
    return alert


async def acknowledge(session: Session, actor: Actor, alert: Alert, note: str | None) -> Alert:
    """Somebody sees to it. Conflict for one that is not active any more."""
    if alert.status is not AlertStatus.ACTIVE:
        raise _impossible(alert, "Only an active alert can be acknowledged")
    acting(session, "alert.acknowledge")
    alert.status = AlertStatus.ACKNOWLEDGED
    alert.acknowledged_by, alert.acknowledged_at = actor.user_id, now()
    await queries.note(session, [alert], actor.user_id, Act.ACKNOWLEDGE, note)
    return alert


async def resolve(session: Session, actor: Actor, alert: Alert, note: str | None) -> Alert:
    """It is over, whatever the samples say: until a clear one the rule stays silent about this device.

    Conflict for one that is closed.
    """
    if alert.status not in OPEN:
        raise _impossible(alert, "Only an open alert can be resolved")
    acting(session, "alert.resolve")
    alert.status = AlertStatus.RESOLVED
    alert.resolved_by, alert.resolved_at = actor.user_id, now()
    await queries.note(session, [alert], actor.user_id, Act.RESOLVE, note)
    await queries.close_episodes(session, [alert.id], alert.resolved_at)
    await announce(session, AlertEvent.CLOSED, [alert.id])
    return alert


async def comment(session: Session, actor: Actor, alert: Alert, note: str) -> Alert:
    """Something worth knowing, also of an alert that is long over."""
    await queries.note(session, [alert], actor.user_id, Act.COMMENT, note)
    await record(
        session, "alert.comment", "alert", alert.id, organization_id=alert.organization_id, after={"note": note}
    )
    return alert


def _impossible(alert: Alert, rule: str) -> Conflict:
    return Conflict(f"{rule}; this one is {alert.status.value}.", state=alert.status.value)
