"""What needs somebody at a plant that reports: alerts, silent devices, weak strings. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import mean, median
from uuid import UUID

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.fleet.concern import Attention, concern_of
from solarhub.fleet.plants import DirectCurrent, Machine, OpenAlert, Plant
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.sites.daylight import elevation_deg
from solarhub.sites.vocabulary import SiteStatus

# Diffuse light alone gives a string on the shaded side of an east-west roof a tenth of what the sunny side gives.
WEAK_SHARE = 0.05
"""Of what the other strings give: a string with less is looked at."""
_TELLING_AMPERES = 1.0
_CONNECTED_VOLTS = 50.0
TELLING_ELEVATION_DEG = 20.0
"""How high the sun stands before strings are compared."""


def alerts(plant: Plant, now: datetime) -> Iterator[Attention]:
    """One for each rule, however many devices of the plant it has fired on; in maintenance the critical ones alone."""
    by_rule: dict[UUID, list[OpenAlert]] = defaultdict(list)
    for alert in plant.alerts:
        if plant.situation.status is not SiteStatus.MAINTENANCE or alert.severity is AlertSeverity.CRITICAL:
            by_rule[alert.rule_id].append(alert)
    machines = {machine.id: machine for machine in plant.machines}
    for fired in by_rule.values():
        first = fired[0]
        concerned = [machines[alert.device_id] for alert in fired if alert.device_id in machines]
        machine = machines.get(first.device_id) if first.device_id is not None else None
        quiet = machine is not None and (machine.silent or not machine.speaks(now)) and not machine.asleep
        yield replace(
            concern_of(plant, AttentionKind.ALERT, first.severity),
            device_ids=tuple(each.id for each in concerned),
            devices=tuple(each.name for each in concerned),
            alert_ids=tuple(alert.id for alert in fired),
            since=min(alert.triggered_at for alert in fired),
            quiet_since=machine.heard_at if machine is not None and quiet else None,
            message=first.message,
            metric=first.metric,
            value=first.value,
            threshold=first.threshold,
            others=_power_of_others(plant, concerned, now) if first.metric == "power_output" else None,
            device_type=machine.device_type if machine is not None else None,
        )


def _power_of_others(plant: Plant, concerned: Sequence[Machine], now: datetime) -> float | None:
    """Mean power in kW of the plant's other inverters that report."""
    if not all(machine.device_type is DeviceType.INVERTER for machine in concerned):
        return None
    ids = {machine.id for machine in concerned}
    told = [
        machine.power.kw
        for machine in plant.machines
        if machine.device_type is DeviceType.INVERTER
        and machine.id not in ids
        and machine.power is not None
        and machine.speaks(now)
    ]
    return mean(told) if told else None


def silent_machines(plant: Plant, told: set[UUID]) -> Iterator[Attention]:
    """Devices that should report and do not, beside others that do; `told` are those an alert speaks of already."""
    if plant.situation.status is SiteStatus.MAINTENANCE:
        return
    reporting = sum(1 for machine in plant.machines if machine.status is DeviceStatus.ONLINE)
    for machine in plant.machines:
        if machine.status is DeviceStatus.ERROR and machine.id not in told:
            yield replace(
                concern_of(plant, AttentionKind.DEVICE_ERROR, AlertSeverity.WARNING),
                device_ids=(machine.id,),
                devices=(machine.name,),
                device_type=machine.device_type,
                message=machine.last_error or "",
                since=machine.heard_at,
                reporting=reporting,
            )
    gone = [each for each in plant.machines if each.status is DeviceStatus.OFFLINE and each.id not in told]
    if gone:
        kinds = {machine.device_type for machine in gone}
        yield replace(
            concern_of(plant, AttentionKind.DEVICE_SILENT, AlertSeverity.WARNING),
            device_ids=tuple(machine.id for machine in gone),
            devices=tuple(machine.name for machine in gone),
            device_type=kinds.pop() if len(kinds) == 1 else None,
            since=min(filter(None, (machine.heard_at for machine in gone)), default=None),
            reporting=reporting,
        )


def weak_strings(plant: Plant, now: datetime) -> Iterator[Attention]:
    """Strings under voltage that give next to nothing while the others of their inverter do, in full daylight."""
    situation = plant.situation
    if situation.status is SiteStatus.MAINTENANCE or not any(machine.strings for machine in plant.machines):
        return
    if elevation_deg(now, situation.latitude, situation.longitude) < TELLING_ELEVATION_DEG:
        return
    for machine in plant.machines:
        if machine.silent or not machine.speaks(now):
            continue
        for channel, string in sorted(machine.strings.items()):
            others = [each.current for name, each in machine.strings.items() if name != channel]
            usual = median(others) if others else 0.0
            if _is_weak(string, usual):
                yield replace(
                    concern_of(plant, AttentionKind.WEAK_STRING, AlertSeverity.WARNING),
                    device_ids=(machine.id,),
                    devices=(machine.name,),
                    device_type=machine.device_type,
                    channel=channel,
                    metric="current_dc",
                    value=string.current,
                    others=usual,
                )


def _is_weak(string: DirectCurrent, usual: float) -> bool:
    connected = string.voltage is not None and string.voltage >= _CONNECTED_VOLTS  # an unused input reads next to none
    return connected and usual >= _TELLING_AMPERES and string.current <= WEAK_SHARE * usual
