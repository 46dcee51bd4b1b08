"""Rules, devices and rows without a database, for what is decided in columns."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from solarhub.alerts.compiled import CompiledRule, WatchedDevice, compile_rule, target_of
from solarhub.alerts.condition import Condition
from solarhub.alerts.judging import Changes, Judgement, Rows
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.alerts.watch import Watch
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import microseconds

OURS, SITE, OTHER_SITE = uuid7(), uuid7(), uuid7()
LAHORE = (31.55, 74.34)


def rule(
    *,
    metric: str = "power_output",
    operator: Operator = Operator.LT,
    threshold: float = 0.3,
    seconds: int = 0,
    cooldown_minutes: int = 0,
    auto_resolve: bool = True,
    device_type: DeviceType | None = None,
    organization_id: UUID = OURS,
    site_id: UUID | None = None,
    rule_id: UUID | None = None,
    version: int = 1,
    asks_since: int = 0,
    when: str = "always",
) -> CompiledRule:
    compiled = compile_rule(
        id=rule_id or uuid7(),
        version=version,
        organization_id=organization_id,
        site_id=site_id,
        severity=AlertSeverity.INFO,
        condition=Condition.model_validate(
            {
                "metric": metric,
                "operator": operator.value,
                "threshold": threshold,
                "duration_seconds": seconds,
                "device_type": device_type,
                "when": when,
            }
        ),
        cooldown_minutes=cooldown_minutes,
        auto_resolve=auto_resolve,
        asks_since=asks_since,
    )
    assert compiled is not None
    return compiled


def inverter(
    key: int = 1,
    *,
    site_id: UUID = SITE,
    organization_id: UUID = OURS,
    device_type: DeviceType = DeviceType.INVERTER,
    device_id: UUID | None = None,
    interval_seconds: float | None = None,
) -> WatchedDevice:
    target = target_of(interval_seconds=interval_seconds, latitude=LAHORE[0], longitude=LAHORE[1])
    return WatchedDevice(key, device_id or uuid7(), organization_id, site_id, f"Inverter {key}", device_type, target)


def watching(rules: Sequence[CompiledRule], devices: Sequence[WatchedDevice]) -> Watch:
    watch = Watch()
    watch.update_rules(rules)
    watch.place(devices)
    return watch


def rows(
    watch: Watch,
    samples: Sequence[tuple[int, datetime, Sequence[float]]],
    *series: str,
    received_at: datetime | None = None,
) -> Rows:
    """Samples of (device's key, instant, readings), of one device in the order of time."""
    at = np.array([microseconds(at) for _, at, _ in samples], np.int64)
    received = None if received_at is None else np.full(len(at), microseconds(received_at))
    readings = np.array([list(values) for _, _, values in samples], np.float64).reshape(len(at), len(series))
    return Rows(series, watch.slots_of([key for key, _, _ in samples]), at, received, readings)


def judged(watch: Watch, *parts: Rows) -> Changes:
    """What judging them changes."""
    judgement = Judgement(watch, parts)
    for _ in judgement.step_by_step():
        pass
    return judgement.changes
