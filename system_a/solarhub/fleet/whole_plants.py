"""Plants that need somebody as a whole: silent, never heard, too long in maintenance. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.concern import Attention, concern_of
from solarhub.fleet.plants import Plant, State
from solarhub.fleet.vocabulary import AttentionKind
from solarhub.sites.vocabulary import SiteStatus

TOGETHER = timedelta(minutes=10)
"""Plants that fell silent with no more between them and the next are one event."""
FEWEST_TOGETHER = 3
_FORGOTTEN = timedelta(days=7)
_SETTLING_IN = timedelta(hours=1)
_GRAVITY = {AlertSeverity.CRITICAL: 0, AlertSeverity.WARNING: 1, AlertSeverity.INFO: 2}


def is_silent(plant: Plant) -> bool:
    situation = plant.situation
    return bool(situation.silent and not situation.online and situation.status is not SiteStatus.MAINTENANCE)


def silent_plants(plants: Sequence[Plant], now: datetime) -> Iterator[Attention]:
    silent = [plant for plant in plants if is_silent(plant)]
    reporting = sum(1 for plant in plants if any(machine.speaks(now) for machine in plant.machines))
    grids: dict[str | None, list[Plant]] = defaultdict(list)
    for plant in silent:
        grids[plant.situation.disco].append(plant)
    for neighbours in grids.values():
        for event in _events(neighbours):
            if len(event) < FEWEST_TOGETHER:
                yield from (_silent_plant(plant, reporting) for plant in event)
            else:
                yield replace(
                    _silent_plant(event[0], reporting),
                    kind=AttentionKind.SILENT_TOGETHER,
                    severity=min((_gravest(plant) for plant in event), key=_GRAVITY.__getitem__),
                    site_ids=tuple(plant.situation.site_id for plant in event),
                    device_ids=(),
                    alert_ids=tuple(alert.id for plant in event for alert in plant.alerts),
                    plants=tuple(plant.situation.name for plant in event),
                    since=min(filter(None, map(_last_heard, event)), default=None),
                    reporting=reporting,
                    total=len(plants),
                    capacity_kw=sum(plant.situation.capacity_kw or 0.0 for plant in event),
                )


def _events(plants: Sequence[Plant]) -> Iterator[list[Plant]]:
    """Plants that fell silent in one go, of those that did; one whose last word is not known stands alone."""
    heard = sorted(((at, plant) for plant in plants if (at := _last_heard(plant))), key=lambda pair: pair[0])
    yield from ([plant] for plant in plants if _last_heard(plant) is None)
    event = [plant for _, plant in heard[:1]]
    for (before, _), (at, plant) in pairwise(heard):
        if at - before > TOGETHER:
            yield event
            event = []
        event.append(plant)
    if event:
        yield event


def _silent_plant(plant: Plant, reporting: int) -> Attention:
    return replace(
        concern_of(plant, AttentionKind.PLANT_SILENT, _gravest(plant)),
        device_ids=tuple(machine.id for machine in plant.machines if machine.silent),
        alert_ids=tuple(alert.id for alert in plant.alerts),
        since=_last_heard(plant),
        reporting=reporting,
    )


def _last_heard(plant: Plant) -> datetime | None:
    return max((machine.heard_at for machine in plant.machines if machine.heard_at), default=None)


def _gravest(plant: Plant) -> AlertSeverity:
    """Silence is a warning, unless something critical was open when it began."""
    critical = any(alert.severity is AlertSeverity.CRITICAL for alert in plant.alerts)
    return AlertSeverity.CRITICAL if critical else AlertSeverity.WARNING


def never_heard(plants: Sequence[Plant], now: datetime) -> Iterator[Attention]:
    waiting = [
        plant for plant in plants if plant.state is State.WAITING and now - plant.situation.entered_at > _SETTLING_IN
    ]
    items = [
        replace(
            concern_of(plant, AttentionKind.NEVER_HEARD, AlertSeverity.INFO),
            since=plant.situation.entered_at,
            device_ids=tuple(machine.id for machine in plant.machines),
        )
        for plant in waiting
    ]
    if len(items) < FEWEST_TOGETHER:
        yield from items
    else:
        yield replace(
            items[0],
            site_ids=tuple(site_id for item in items for site_id in item.site_ids),
            device_ids=(),
            plants=tuple(name for item in items for name in item.plants),
            since=min(plant.situation.entered_at for plant in waiting),
            total=len(plants),
            capacity_kw=sum(item.capacity_kw for item in items),
        )


def maintenance(plant: Plant, now: datetime) -> Iterator[Attention]:
    situation = plant.situation
    if situation.status is SiteStatus.MAINTENANCE:
        until = situation.maintenance_until
        kind = _maintenance_kind(until, situation.timezone, now)
        if until is None and now - situation.changed_at > _FORGOTTEN:
            kind = AttentionKind.MAINTENANCE_OVERDUE
        if kind is not None:
            yield replace(
                concern_of(plant, kind, AlertSeverity.INFO),
                since=situation.changed_at if until is None else None,
                until=until,
                reporting=sum(1 for machine in plant.machines if machine.speaks(now)),
            )
        return
    for machine in plant.machines:
        if machine.status is DeviceStatus.MAINTENANCE:
            kind = _maintenance_kind(machine.maintenance_until, situation.timezone, now)
            if kind is not None:
                yield replace(
                    concern_of(plant, kind, AlertSeverity.INFO),
                    device_ids=(machine.id,),
                    devices=(machine.name,),
                    device_type=machine.device_type,
                    until=machine.maintenance_until,
                )


def _maintenance_kind(until: datetime | None, zone: ZoneInfo, now: datetime) -> AttentionKind | None:
    if until is None:
        return None
    if until <= now:
        return AttentionKind.MAINTENANCE_OVERDUE
    return AttentionKind.MAINTENANCE_ENDING if _day(until, zone) == _day(now, zone) else None


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
