"""Rows of alert_rules and alerts: two years of them, of which a few in a hundred are open."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus

from benchmarks.fleet import NONE, Fleet, Numbers, ids_made
from benchmarks.people import Row

RULE_COLUMNS = (
    "id", "organization_id", "site_id", "name", "description", "condition", "severity", "channels", "is_active",
    "cooldown_minutes", "auto_resolve",
)  # fmt: skip
ALERT_COLUMNS = (
    "id", "rule_id", "organization_id", "site_id", "device_id", "severity", "status", "title", "message",
    "metric_name", "metric_value", "threshold_value", "triggered_at", "acknowledged_by", "acknowledged_at",
    "resolved_by", "resolved_at", "notifications_sent", "escalated", "escalated_at", "created_at", "updated_at",
)  # fmt: skip

DAYS = 730


class Worry(NamedTuple):
    """What a rule watches for, in catalogue units."""

    metric: str
    operator: str
    threshold: float
    duration_seconds: int
    device_type: str
    severity: AlertSeverity
    title: str


WORRIES = (
    Worry("power_output", "lt", 10.0, 300, "inverter", AlertSeverity.WARNING, "Low power"),
    Worry("temperature_inverter", "gt", 75.0, 120, "inverter", AlertSeverity.CRITICAL, "Inverter too hot"),
    Worry("frequency", "gt", 50.8, 0, "meter", AlertSeverity.WARNING, "Grid frequency high"),
    Worry("battery_soc", "lt", 15.0, 600, "battery", AlertSeverity.WARNING, "Battery nearly empty"),
    Worry("voltage_ac", "lt", 190.0, 60, "meter", AlertSeverity.INFO, "Grid voltage low"),
    Worry("fault_code", "gt", 0.0, 0, "inverter", AlertSeverity.CRITICAL, "Inverter reports a fault"),
    Worry("irradiance_poa", "gt", 1400.0, 60, "weather_station", AlertSeverity.INFO, "Irradiance sensor suspect"),
)


def _worry(rule: int) -> Worry:
    return WORRIES[rule * 5 % 7]


def rules(fleet: Fleet) -> Iterator[Row]:
    for rule, (organization, site) in enumerate(
        zip(fleet.rule_organization.tolist(), fleet.rule_site.tolist(), strict=True)
    ):
        worry = _worry(rule)
        condition: dict[str, Any] = {
            "metric": worry.metric,
            "operator": worry.operator,
            "threshold": worry.threshold,
            "duration_seconds": worry.duration_seconds,
            "device_type": worry.device_type,
        }
        if worry.metric == "power_output" and rule % 2:
            condition["when"] = "daylight"
        yield (
            fleet.ids.rules[rule], fleet.ids.organizations[organization],
            None if site == NONE else fleet.ids.sites[site], worry.title, f"{worry.title}, as agreed with the owner",
            json.dumps(condition), worry.severity, ["email"] if rule % 3 else ["email", "sms"], rule % 20 != 0,
            rule % 4 * 15, rule % 10 != 0,
        )  # fmt: skip


def alerts(fleet: Fleet) -> Iterator[Row]:
    """Oldest first, most of them by day; few devices raise many of them."""
    rng = np.random.default_rng(7)
    count = fleet.size.alerts
    ages = _ages(fleet, rng, count)
    ids = ids_made(rng, fleet.now, ages)
    trouble = rng.pareto(1.5, fleet.size.devices) + 0.05
    device = rng.choice(fleet.size.devices, count, p=trouble / trouble.sum())
    site = fleet.device_site[device]
    organization = fleet.site_organization[site]
    rule = _rules(fleet, rng, organization, site)
    of_site = rng.random(count) < 0.03
    days = ages / 86_400
    open_, acknowledged = 0.45 * np.exp(-days / 14) + 0.006, 0.15 * np.exp(-days / 20) + 0.005
    drawn = rng.random(count)
    status = np.select(
        [drawn < open_, drawn < open_ + acknowledged, drawn > 0.95],
        [AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED, AlertStatus.EXPIRED],
        AlertStatus.RESOLVED,
    )
    # closed, and acknowledged, between the alert and now
    lasted, noticed = np.minimum(rng.exponential(7200, count), ages), np.minimum(rng.exponential(1800, count), ages)
    dice = rng.random((3, count))
    columns = (ids, ages.tolist(), device.tolist(), site.tolist(), organization.tolist(), rule.tolist(),
               of_site.tolist(), status.tolist(), lasted.tolist(), noticed.tolist(), *dice.tolist())  # fmt: skip
    for alert_id, age, on, where, whose, by, whole, now_is, took, after, luck, hand, far in zip(*columns, strict=True):
        worry, person = _worry(by), fleet.ids.users[fleet.owner[whose]]
        triggered = fleet.at(age)
        resolved = fleet.at(age - took) if now_is == AlertStatus.RESOLVED else None
        seen = now_is == AlertStatus.ACKNOWLEDGED or (now_is == AlertStatus.RESOLVED and hand < 0.2)
        late = worry.severity is AlertSeverity.CRITICAL or (worry.severity is AlertSeverity.WARNING and luck < 0.4)
        escalated = fleet.at(age - 1800) if late and age > 1800 and (resolved is None or took > 1800) else None
        value = worry.threshold * (0.5 + luck / 4 if worry.operator == "lt" else 1.05 + luck / 4)
        yield (
            alert_id, fleet.ids.rules[by], fleet.ids.organizations[whose], fleet.ids.sites[where],
            None if whole else fleet.ids.devices[on], worry.severity, now_is, worry.title,
            _message(worry, value), worry.metric, value, worry.threshold, triggered,
            person if seen else None, fleet.at(age - min(after, took)) if seen else None,
            person if resolved and hand < 0.2 else None, resolved, ["email", "sms"] if far < 0.2 else ["email"],
            escalated is not None, escalated, triggered, resolved or triggered,
        )  # fmt: skip


def _message(worry: Worry, value: float) -> str:
    rule = f"{worry.metric} {worry.operator} {worry.threshold} for {worry.duration_seconds} s"
    return f"{worry.metric} was {value:.1f}; the rule is {rule}"


def _ages(fleet: Fleet, rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    """Seconds ago, oldest first: midday in Karachi is 07:30 in UTC."""
    midnight = fleet.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = (fleet.now - midnight).total_seconds()
    ages = rng.integers(0, DAYS, count) * 86_400 + since - np.clip(rng.normal(7.5, 3.5, count), -5, 18.9) * 3600
    return np.sort(np.where(ages < 60, ages + 86_400, ages))[::-1]


def _rules(fleet: Fleet, rng: np.random.Generator, organization: Numbers, site: Numbers) -> Numbers:
    """For each alert a rule that watches its device: of its site, or of its whole organization."""
    wide = np.flatnonzero(fleet.rule_site == NONE)
    wide = wide[np.argsort(fleet.rule_organization[wide], kind="stable")]
    counts = np.bincount(fleet.rule_organization[wide], minlength=fleet.size.organizations)
    starts = np.cumsum(counts) - counts
    drawn = wide[starts[organization] + (rng.random(len(site)) * counts[organization]).astype(np.int64)]
    narrow = np.flatnonzero(fleet.rule_site != NONE)
    of_site = np.full(fleet.size.sites, NONE)
    of_site[fleet.rule_site[narrow]] = narrow
    return np.where((of_site[site] != NONE) & (rng.random(len(site)) < 0.5), of_site[site], drawn)
