"""Judges rows in memory and gathers what must be written for it: pure, but for the states it moves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from solarhub.alerts.compiled import CompiledRule, WatchedDevice
from solarhub.alerts.lifecycle import IDLE, Event, Fired, State, step
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import CommittedSample


@dataclass(slots=True)
class OpenedAlert:
    """An alert that fired among the judged rows, and its end where that lies among them too."""

    id: UUID
    device: WatchedDevice
    rule: CompiledRule
    fired: Fired
    resolved_at: datetime | None = None


@dataclass(slots=True)
class MovedState:
    """Where a rule stands on a device after the sample at `changed_at`."""

    device: WatchedDevice
    rule: CompiledRule
    state: State
    changed_at: datetime


@dataclass(slots=True)
class Changes:
    """What judging some rows changed, and a restart must know. `resolved`: alerts of earlier rows and their ends."""

    opened: dict[UUID, OpenedAlert] = field(default_factory=dict)
    resolved: dict[UUID, datetime] = field(default_factory=dict)
    states: dict[tuple[UUID, int], MovedState] = field(default_factory=dict)

    def add(self, device: WatchedDevice, rule: CompiledRule, at: datetime, state: State, event: Event | None) -> None:
        self.states[rule.id, device.key] = MovedState(device, rule, state, at)
        if isinstance(event, Fired):
            alert = OpenedAlert(uuid7(), device, rule, event)
            self.opened[alert.id] = alert
            device.open_alerts[rule.id] = alert.id
        elif event is not None:
            alert_id = device.open_alerts.pop(rule.id)
            if alert_id in self.opened:
                self.opened[alert_id].resolved_at = event.at
            else:
                self.resolved[alert_id] = event.at


def judge_rows(devices: Mapping[int, WatchedDevice], rows: Iterable[CommittedSample]) -> Changes:
    """Steps every rule that watches a row over it; rows of a device come in the order of their time.

    Late rows, rows that are judged already and rows of devices that are not watched are passed over.
    """
    changes = Changes()
    for row in rows:
        device = devices.get(row.device_key)
        at = row.at
        if row.late or device is None or (device.judged_until is not None and at <= device.judged_until):
            continue
        device.judged_until = at
        for place, rule in device.scope.plan(row.series):
            value = row.readings[place]
            if value is None or (device.kept_until and _is_kept(device, rule, at)):
                continue
            before = device.states.get(rule.id, IDLE)
            after, event = step(rule.judged_by, before, at, value, device.target)
            if after is before:
                continue
            device.states[rule.id] = after
            if after.moved_from(before):
                changes.add(device, rule, at, after, event)
    return changes


def _is_kept(device: WatchedDevice, rule: CompiledRule, at: datetime) -> bool:
    kept_until = device.kept_until.get(rule.id)
    if kept_until is None:
        return False
    if at > kept_until:
        del device.kept_until[rule.id]
        return False
    return True
