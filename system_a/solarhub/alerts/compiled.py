"""Rules and devices made ready for judging: for each device and layout, which reading goes to which rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.alerts.condition import COMPARISONS, Condition
from solarhub.alerts.lifecycle import INTERVALS_OF_SILENCE, Rule, State, Target
from solarhub.alerts.vocabulary import AlertSeverity, When
from solarhub.devices.vocabulary import DeviceType

DEFAULT_INTERVAL_SECONDS = 60.0
_LAYOUTS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule in force; `judged_by` is what the state machine takes. `site_id` None: every site of the organization."""

    id: UUID
    version: int
    organization_id: UUID
    site_id: UUID | None
    severity: AlertSeverity
    condition: Condition
    judged_by: Rule

    def asks_the_same_as(self, other: "CompiledRule") -> bool:
        """Whether a streak under one is a streak under the other: name, severity or cooldown may differ."""
        return self.condition == other.condition and self.site_id == other.site_id


def compile_rule(
    *,
    id: UUID,  # noqa: A002 - the column's name
    version: int,
    organization_id: UUID,
    site_id: UUID | None,
    severity: AlertSeverity,
    condition: Condition,
    cooldown_minutes: int,
    auto_resolve: bool,
) -> CompiledRule | None:
    """None for a condition that this version of the hub cannot read: it says nothing, so nothing is judged by it."""
    if condition.unreadable:
        return None
    judged_by = Rule(
        breaches=COMPARISONS[condition.operator],
        threshold=condition.threshold,
        duration=timedelta(seconds=condition.duration_seconds),
        cooldown=timedelta(minutes=cooldown_minutes),
        auto_resolve=auto_resolve,
        daylight=condition.when is When.DAYLIGHT,
    )
    return CompiledRule(id, version, organization_id, site_id, severity, condition, judged_by)


def target_of(*, interval_seconds: float | None, latitude: float, longitude: float) -> Target:
    """`interval_seconds`: what the device's metadata give as its reporting interval, None where they are silent."""
    interval = timedelta(seconds=interval_seconds or DEFAULT_INTERVAL_SECONDS)
    return Target(INTERVALS_OF_SILENCE * interval, latitude, longitude)


Plan = tuple[tuple[int, CompiledRule], ...]
"""Places in a sample's readings, each with a rule that watches the value there."""


class Scope:
    """What the devices of one type at one site have in common: the rules that watch them."""

    __slots__ = ("_by_metric", "_plans")

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._by_metric: dict[str, list[CompiledRule]] = {}
        for rule in rules:
            self._by_metric.setdefault(rule.condition.metric, []).append(rule)
        self._plans: dict[tuple[str, ...], Plan] = {}

    def plan(self, series: tuple[str, ...]) -> Plan:
        """Rules watch a metric's value without a channel, so `voltage_dc:string1` is nobody's."""
        plan = self._plans.get(series)
        if plan is None:
            if len(self._plans) >= _LAYOUTS_KEPT:
                self._plans.clear()
            plan = tuple((place, rule) for place, name in enumerate(series) for rule in self._by_metric.get(name, ()))
            self._plans[series] = plan
        return plan


@dataclass(slots=True, eq=False)
class WatchedDevice:
    """A device and where each rule stands on it; pairs that are not in `states` are idle.

    `versions` are those of its row and of its site's. Times are those of samples. `judged_until`: all up to here are
    judged. `kept_until`: a pair's kept state already holds what the samples up to there did; needed after a restart,
    where `judged_until` may lie before it.
    """

    key: int
    id: UUID
    organization_id: UUID
    site_id: UUID
    name: str
    device_type: DeviceType
    target: Target
    versions: tuple[int, int]
    judged_until: datetime | None = None
    scope: Scope = field(default_factory=lambda: Scope(()))
    states: dict[UUID, State] = field(default_factory=dict)
    open_alerts: dict[UUID, UUID] = field(default_factory=dict)
    kept_until: dict[UUID, datetime] = field(default_factory=dict)

    def forget(self, rule_id: UUID) -> None:
        """The rule is not in force any more; should it come back, its kept state is read again."""
        self.states.pop(rule_id, None)
        self.open_alerts.pop(rule_id, None)
        self.kept_until.pop(rule_id, None)


class Watch:
    """All rules in force, and all devices by their key."""

    def __init__(self) -> None:
        self.rules: dict[UUID, CompiledRule] = {}
        self.devices: dict[int, WatchedDevice] = {}
        self._scopes: dict[tuple[UUID, UUID, DeviceType], Scope] = {}
        self._of_organization: dict[UUID, list[CompiledRule]] = {}

    def replace_rules(self, rules: Iterable[CompiledRule]) -> None:
        """Takes these rules in place of those it had. The streaks of a rule that asks otherwise now start anew."""
        before = self.rules
        self.rules = {rule.id: rule for rule in rules}
        self._of_organization = {}
        for rule in self.rules.values():
            self._of_organization.setdefault(rule.organization_id, []).append(rule)
        self._scopes = {}
        gone = before.keys() - self.rules.keys()
        edited = {key for key in before.keys() - gone if not self.rules[key].asks_the_same_as(before[key])}
        for device in self.devices.values():
            device.scope = self._scope_of(device)
            for rule_id in gone & device.states.keys():
                device.forget(rule_id)
            for rule_id in edited & device.states.keys():
                device.states[rule_id] = device.states[rule_id].anew()

    def place(self, device: WatchedDevice) -> None:
        """Takes in a device, new or changed; a changed one goes on where it stood."""
        known = self.devices.get(device.key)
        if known is not None:
            device.judged_until, device.states = known.judged_until, known.states
            device.open_alerts, device.kept_until = known.open_alerts, known.kept_until
        device.scope = self._scope_of(device)
        self.devices[device.key] = device

    def _scope_of(self, device: WatchedDevice) -> Scope:
        key = (device.organization_id, device.site_id, device.device_type)
        scope = self._scopes.get(key)
        if scope is None:
            scope = self._scopes[key] = Scope(
                rule
                for rule in self._of_organization.get(device.organization_id, ())
                if rule.site_id in (None, device.site_id) and rule.condition.device_type in (None, device.device_type)
            )
        return scope
