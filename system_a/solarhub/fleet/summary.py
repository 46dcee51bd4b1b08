"""A fleet in numbers, and what of it needs somebody: of one organization, or of several together. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.concern import Attention, ranked
from solarhub.fleet.plants import Plant, State

K = TypeVar("K")

FINE = frozenset({State.WORKING, State.ASLEEP, State.NOTICE})
"""States of a plant that nobody has to do anything about today."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Counts of plants, devices and open alerts; power in kW, energy in kWh.

    `power_kw` and `energy_today_kwh` are None when nothing is known of either; `capacity_kw` adds up the plants of
    which it is entered, `plants_without_capacity` are the others.
    """

    as_of: datetime
    states: Mapping[State, int]
    devices: Mapping[DeviceStatus, int]
    asleep: int
    alerts: Mapping[AlertSeverity, int]
    power_kw: float | None
    energy_today_kwh: float | None
    capacity_kw: float
    plants_without_capacity: int
    needs_attention: Sequence[Attention]
    locked: Sequence[UUID] = ()
    """Organizations that are left out until a second factor is proven."""

    @property
    def plants(self) -> int:
        return sum(self.states.values())

    @property
    def fine(self) -> int:
        return sum(count for state, count in self.states.items() if state in FINE)


def summed(
    plants: Collection[Plant], energy_today_kwh: float | None, needs_attention: Sequence[Attention], now: datetime
) -> Fleet:
    """Of these plants. A plant that sleeps gives nothing, and that is known; one that is silent is not known."""
    situations = [plant.situation for plant in plants]
    current = [plant.power.kw for plant in plants if plant.power is not None and plant.power.current]
    asleep = any(plant.state is State.ASLEEP for plant in plants)
    return Fleet(
        as_of=now,
        states=_added([Counter(plant.state for plant in plants)], State),
        devices={status: sum(getattr(each, status.value) for each in situations) for status in DeviceStatus},
        asleep=sum(each.asleep for each in situations),
        alerts={
            AlertSeverity.CRITICAL: sum(each.critical_alerts for each in situations),
            AlertSeverity.WARNING: sum(each.warning_alerts for each in situations),
            AlertSeverity.INFO: sum(each.info_alerts for each in situations),
        },
        power_kw=sum(current) if current or asleep else None,
        energy_today_kwh=energy_today_kwh,
        capacity_kw=sum(each.capacity_kw or 0.0 for each in situations),
        plants_without_capacity=sum(1 for each in situations if each.capacity_kw is None),
        needs_attention=ranked(needs_attention),
    )


def together(
    fleets: Sequence[Fleet], names: Mapping[UUID, str], now: datetime, *, locked: Sequence[UUID] = ()
) -> Fleet:
    """Of several organizations, `names` by id; where they are several, what needs somebody says whose it is."""
    items = (
        replace(item, organization=names[item.organization_id]) if len(names) > 1 else item
        for fleet in fleets
        for item in fleet.needs_attention
    )
    return Fleet(
        as_of=now,
        states=_added((fleet.states for fleet in fleets), State),
        devices=_added((fleet.devices for fleet in fleets), DeviceStatus),
        asleep=sum(fleet.asleep for fleet in fleets),
        alerts=_added((fleet.alerts for fleet in fleets), AlertSeverity),
        power_kw=_known(fleet.power_kw for fleet in fleets),
        energy_today_kwh=_known(fleet.energy_today_kwh for fleet in fleets),
        capacity_kw=sum(fleet.capacity_kw for fleet in fleets),
        plants_without_capacity=sum(fleet.plants_without_capacity for fleet in fleets),
        needs_attention=ranked(items),
        locked=locked,
    )


def _added(counts: Iterable[Mapping[K, int]], every: Iterable[K]) -> dict[K, int]:
    total = dict.fromkeys(every, 0)
    for each in counts:
        for key, count in each.items():
            total[key] += count
    return total


def _known(values: Iterable[float | None]) -> float | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None
