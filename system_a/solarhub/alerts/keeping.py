"""Writes what judging changed, all of it in the caller's transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from solarhub.alerts import wording
from solarhub.alerts.judging import Changes, MovedState, OpenedAlert
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries.announcements import announce
from solarhub.alerts.vocabulary import AlertEvent, AlertStatus
from solarhub.kit.db import Session

_ROWS_AT_ONCE = 1_000  # put together in a few milliseconds, in which nothing else runs


class SecondAlert(Exception):  # noqa: N818 - named after what would have happened
    """A breach would have got a second alert: what was in memory does not follow from the episodes."""

    def __init__(self, pairs: list[tuple[UUID, str]]) -> None:
        """`pairs` of rule and target."""
        self.pairs = pairs
        super().__init__(f"{len(pairs)} breaches have an alert already")


async def keep(session: Session, changes: Changes) -> None:
    """Episodes, alerts, what is announced of them, and states: together or not at all. Raises SecondAlert."""
    # new rows refer to plants and devices: those come before any alert (decision 19)
    moved = [each.device for each in changes.states]
    await queries.hold_places(session, {device.site_id for device in moved}, {device.id for device in moved})
    if changes.resolved:
        closed = await queries.resolve_alerts(session, changes.resolved)
        if closed:
            await announce(session, AlertEvent.CLOSED, closed)
    opened = list(changes.opened.values())
    for first in range(0, len(opened), _ROWS_AT_ONCE):
        await _open(session, opened[first : first + _ROWS_AT_ONCE])
    states = sorted(changes.states, key=lambda moved: (moved.rule.id, moved.device.id))
    for first in range(0, len(states), _ROWS_AT_ONCE):
        await queries.keep_states(session, [_state(moved) for moved in states[first : first + _ROWS_AT_ONCE]])


async def _open(session: Session, opened: Sequence[OpenedAlert]) -> None:
    pairs = {alert.id: (alert.rule.id, _target(alert.device.id)) for alert in opened}
    await queries.close_episodes_of_closed_alerts(session, set(pairs.values()))
    made = await queries.open_episodes(session, [_episode(alert) for alert in opened])
    if len(made) < len(opened):
        raise SecondAlert([pair for alert_id, pair in pairs.items() if alert_id not in made])
    await queries.insert_alerts(session, [_alert(alert) for alert in opened])
    await announce(session, AlertEvent.OPENED, made)
    closed = [alert.id for alert in opened if alert.resolved_at is not None]
    if closed:
        await announce(session, AlertEvent.CLOSED, closed)


def _target(device_id: UUID) -> str:
    return f"device:{device_id}"


def _episode(alert: OpenedAlert) -> dict[str, Any]:
    return {
        "alert_id": alert.id,
        "organization_id": alert.device.organization_id,
        "rule_id": alert.rule.id,
        "target": _target(alert.device.id),
        "streak_started_at": alert.fired.streak_started_at,
        "triggered_at": alert.fired.at,
        "closed_at": alert.resolved_at,
    }


def _alert(alert: OpenedAlert) -> dict[str, Any]:
    device, rule, fired = alert.device, alert.rule, alert.fired
    lasted = fired.at - fired.streak_started_at
    return {
        "id": alert.id,
        "rule_id": rule.id,
        "organization_id": device.organization_id,
        "site_id": device.site_id,
        "device_id": device.id,
        "severity": rule.severity,
        "status": AlertStatus.ACTIVE if alert.resolved_at is None else AlertStatus.RESOLVED,
        "title": wording.title(device.name, rule.condition, rule.own_unit),
        "message": wording.message(device.name, rule.condition, fired.value, lasted, rule.own_unit),
        "metric_name": rule.condition.metric,
        "metric_value": fired.value,
        "threshold_value": rule.condition.threshold,
        "triggered_at": fired.at,
        "resolved_at": alert.resolved_at,
    }


def _state(moved: MovedState) -> dict[str, Any]:
    return {
        "rule_id": moved.rule.id,
        "target": _target(moved.device.id),
        "organization_id": moved.device.organization_id,
        "device_id": moved.device.id,
        "rule_version": moved.rule.version,
        "streak_started_at": moved.state.streak_started_at,
        "awaiting_clear": moved.state.awaiting_clear,
        "open_alert_id": moved.open_alert_id,
        "last_triggered_at": moved.state.last_triggered_at,
        "changed_at": moved.changed_at,
    }
