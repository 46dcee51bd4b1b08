"""Rules and devices made ready for judging."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from solarhub.alerts.condition import COMPARISONS, Condition
from solarhub.alerts.lifecycle import INTERVALS_OF_SILENCE, Rule, Target
from solarhub.alerts.vocabulary import AlertSeverity, When
from solarhub.devices.vocabulary import DeviceType

DEFAULT_INTERVAL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule in force; `judged_by` is what the state machine takes. `site_id` None: every site of the organization.

    `asks_since`: it judges what was received after that, in microseconds since 1970 UTC. `own_unit`: that of a metric
    of the organization's own.
    """

    id: UUID
    version: int
    organization_id: UUID
    site_id: UUID | None
    severity: AlertSeverity
    condition: Condition
    judged_by: Rule
    asks_since: int
    own_unit: str | None = None

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
    asks_since: int = 0,
    own_unit: str | None = None,
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
    return CompiledRule(id, version, organization_id, site_id, severity, condition, judged_by, asks_since, own_unit)


class WatchedDevice(NamedTuple):
    """What judging must know of a device, besides where rules stand on it."""

    key: int
    id: UUID
    organization_id: UUID
    site_id: UUID
    name: str
    device_type: DeviceType
    target: Target


def target_of(*, interval_seconds: float | None, latitude: float, longitude: float) -> Target:
    """`interval_seconds`: what the device's metadata give as its reporting interval, None where they are silent."""
    interval = timedelta(seconds=interval_seconds or DEFAULT_INTERVAL_SECONDS)
    return Target(INTERVALS_OF_SILENCE * interval, latitude, longitude)
