"""Plants, devices and alerts as the overview knows them: in Lahore, at noon, all well unless a test says otherwise."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.fleet.concern import Attention
from solarhub.fleet.plants import Machine, OpenAlert, Plant, PowerReading, Situation
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.sites.vocabulary import SiteStatus

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)
MIDNIGHT = datetime(2024, 6, 21, 19, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LAHORE = ZoneInfo("Asia/Karachi")
_numbers = count(1000)


def situation(**changes: Any) -> Situation:
    """Two devices online, heard a minute ago."""
    facts: dict[str, Any] = {
        "site_id": UUID(int=1),
        "name": "Plant",
        "organization_id": UUID(int=2),
        "timezone": LAHORE,
        "latitude": 31.5,
        "longitude": 74.3,
        "status": SiteStatus.ACTIVE,
        "online": 2,
        "offline": 0,
        "error": 0,
        "maintenance": 0,
        "unknown": 0,
        "critical_alerts": 0,
        "warning_alerts": 0,
        "info_alerts": 0,
        "last_sample_at": NOON - MINUTE,
        "entered_at": NOON - timedelta(days=30),
        "changed_at": NOON - timedelta(days=30),
        "capacity_kw": 10.0,
    }
    return Situation(**facts | changes)


def machine(name: str = "Inverter 1", *, ago: timedelta = MINUTE, now: datetime = NOON, **changes: Any) -> Machine:
    """An inverter that was heard `ago`."""
    facts: dict[str, Any] = {
        "id": UUID(int=next(_numbers)),
        "key": next(_numbers),
        "name": name,
        "device_type": DeviceType.INVERTER,
        "status": DeviceStatus.ONLINE,
        "interval": MINUTE,
        "heard_at": now - ago,
        "last_sample_at": now - ago,
        "last_error": None,
        "maintenance_until": None,
        "asleep": False,
        "power": PowerReading(DeviceType.INVERTER, 4.1, now - ago, MINUTE),
        "energy_total": None,
        "strings": {},
    }
    return Machine(**facts | changes)


def silent(name: str = "Inverter 1", *, ago: timedelta = HOUR, **changes: Any) -> Machine:
    return machine(name, ago=ago, status=DeviceStatus.OFFLINE, **changes)


def never_heard(name: str = "Inverter 1") -> Machine:
    return machine(name, status=DeviceStatus.UNKNOWN, heard_at=None, last_sample_at=None, power=None)


def alert(**changes: Any) -> OpenAlert:
    facts: dict[str, Any] = {
        "id": UUID(int=next(_numbers)),
        "rule_id": UUID(int=next(_numbers)),
        "device_id": None,
        "message": "Power output of Inverter 1 is 0.12 kW, below 1 kW for 5 minutes",
        "severity": AlertSeverity.WARNING,
        "triggered_at": NOON - 2 * HOUR,
        "metric": "power_output",
        "value": 0.12,
        "threshold": 1.0,
    }
    return OpenAlert(**facts | changes)


def plant(
    name: str = "Gulberg roof",
    *machines: Machine,
    alerts: tuple[OpenAlert, ...] = (),
    now: datetime = NOON,
    **changes: Any,
) -> Plant:
    """Counted as the database would count it."""
    statuses = [each.status.value for each in machines]
    severities = [each.severity.value for each in alerts]
    facts: dict[str, Any] = {
        "site_id": UUID(int=next(_numbers)),
        "name": name,
        **{status.value: statuses.count(status.value) for status in DeviceStatus},
        **{f"{severity.value}_alerts": severities.count(severity.value) for severity in AlertSeverity},
        "last_sample_at": max((each.last_sample_at for each in machines if each.last_sample_at), default=None),
    }
    described = situation(**facts | changes)
    return Plant(described, "Acme Solar", described.state(now), None, machines, alerts)


def concern(kind: AttentionKind = AttentionKind.PLANT_SILENT, **changes: Any) -> Attention:
    facts: dict[str, Any] = {
        "kind": kind,
        "severity": AlertSeverity.WARNING,
        "organization_id": UUID(int=2),
        "timezone": LAHORE,
        "plants": ("Gulberg roof",),
    }
    return Attention(**facts | changes)
