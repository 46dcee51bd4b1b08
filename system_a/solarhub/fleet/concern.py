"""One thing that needs somebody, and which of several comes first: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceType
from solarhub.fleet.plants import Plant
from solarhub.fleet.vocabulary import AttentionKind

_TIERS = {
    AttentionKind.SILENT_TOGETHER: 1,
    AttentionKind.PLANT_SILENT: 1,
    AttentionKind.DEVICE_ERROR: 3,
    AttentionKind.DEVICE_SILENT: 4,
    AttentionKind.WEAK_STRING: 5,
    AttentionKind.MAINTENANCE_OVERDUE: 6,
    AttentionKind.NEVER_HEARD: 7,
    AttentionKind.MAINTENANCE_ENDING: 9,
    AttentionKind.ACCESS_ENDING: 10,
    AttentionKind.KEY_ENDING: 10,
}
_ALERT_TIERS = {AlertSeverity.CRITICAL: 0, AlertSeverity.WARNING: 2, AlertSeverity.INFO: 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One thing that needs somebody: ids for whoever follows it, and the facts that its sentence is made of.

    `reporting` of `total` are the plant's devices, or where several plants are meant the organization's plants.
    `others` is what comparable devices give meanwhile, in kW or, of a string, in A; `capacity_kw` is what is affected.
    """

    kind: AttentionKind
    severity: AlertSeverity
    organization_id: UUID
    timezone: ZoneInfo
    organization: str | None = None
    """Named where a list is of several organizations."""
    site_ids: tuple[UUID, ...] = ()
    device_ids: tuple[UUID, ...] = ()
    alert_ids: tuple[UUID, ...] = ()
    plants: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    quiet_since: datetime | None = None
    reporting: int = 0
    total: int = 0
    message: str = ""
    metric: str | None = None
    value: float | None = None
    threshold: float | None = None
    others: float | None = None
    device_type: DeviceType | None = None
    channel: str | None = None
    disco: str | None = None
    who: str | None = None
    capacity_kw: float = 0.0


def ranked(items: Iterable[Attention]) -> list[Attention]:
    """The most pressing first; among equals the larger plant, then the older trouble."""
    return sorted(items, key=_rank)


def _rank(item: Attention) -> tuple[object, ...]:
    grave = item.severity is AlertSeverity.CRITICAL
    tier = _ALERT_TIERS[item.severity] if item.kind is AttentionKind.ALERT or grave else _TIERS[item.kind]
    is_whole = item.kind in (AttentionKind.SILENT_TOGETHER, AttentionKind.PLANT_SILENT)
    first = item.since or item.until or datetime.max.replace(tzinfo=UTC)
    many = len(item.plants) if len(item.plants) > 1 else 0
    return tier, not is_whole, -many, -item.capacity_kw, first, item.plants, item.devices, item.who or ""


def concern_of(plant: Plant, kind: AttentionKind, severity: AlertSeverity) -> Attention:
    """Of one plant, with what every kind says of it."""
    situation = plant.situation
    return Attention(
        kind=kind,
        severity=severity,
        organization_id=situation.organization_id,
        timezone=situation.timezone,
        site_ids=(situation.site_id,),
        plants=(situation.name,),
        capacity_kw=situation.capacity_kw or 0.0,
        disco=situation.disco,
        total=len(plant.machines),
    )
