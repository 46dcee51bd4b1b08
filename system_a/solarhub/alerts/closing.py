"""What hangs on a device, a plant or a rule that goes: its open alerts end with it, in the same transaction."""

from uuid import UUID

from solarhub.alerts.queries import triage as queries
from solarhub.alerts.queries.announcements import announce
from solarhub.alerts.vocabulary import Act, AlertEvent
from solarhub.audit.recording import person_acting
from solarhub.devices.models import Device
from solarhub.kit.clock import now
from solarhub.kit.db import Session


async def with_device(session: Session, device: Device) -> None:
    """For a device that is removed or replaced (a Leave hook)."""
    await _close(session, "The device was removed.", device_id=device.id)


async def with_site(session: Session, organization_id: UUID, site_id: UUID) -> None:  # noqa: ARG001 - the hook's shape
    """For a plant that is decommissioned or removed (a Closing hook)."""
    await _close(session, "The plant was closed.", site_id=site_id)


async def with_rule(session: Session, rule_id: UUID) -> None:
    """For a rule that is removed."""
    await _close(session, "The rule was removed.", rule_id=rule_id)


async def _close(
    session: Session,
    because: str,
    *,
    rule_id: UUID | None = None,
    site_id: UUID | None = None,
    device_id: UUID | None = None,
) -> None:
    """Resolved by whoever acts, with a note that says why; by nobody and without one where the hub acts by itself."""
    alerts = await queries.open_alerts(session, rule_id=rule_id, site_id=site_id, device_id=device_id)
    if not alerts:
        return
    ids, by = [alert.id for alert in alerts], person_acting(session)
    await queries.resolve(session, ids, by, now())
    if by is not None:
        await queries.note(session, alerts, by, Act.RESOLVE, because)
    await announce(session, AlertEvent.CLOSED, ids)
