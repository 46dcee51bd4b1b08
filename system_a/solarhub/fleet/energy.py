"""What plants have generated on one of their days: from roll-ups, and what the newest counters show since."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from solarhub.fleet.plants import Machine, Plant, Situation, State, generators
from solarhub.kit.db import Session
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.rollups.calendar import Place
from solarhub.telemetry.rollups.energies import Facts
from solarhub.telemetry.rollups.live import Asked, day_energies


async def energy_today(session: Session, plants: Sequence[Plant], now: datetime) -> float | None:
    """The sum in kWh over the plants, each from midnight by its own clock; None when nothing is known of any."""
    days: dict[tuple[datetime, datetime], list[Plant]] = defaultdict(list)
    for plant in plants:
        zone = plant.situation.timezone
        days[local_day(now.astimezone(zone).date(), zone)].append(plant)
    known: list[float] = [0.0] if any(plant.state is State.ASLEEP for plant in plants) else []
    for (start, end), alike in days.items():
        asked = asked_of(alike, start)
        if asked:
            known += [each.kwh for each in (await day_energies(session, asked, start, end)).values()]
    return sum(known) if known else None


def asked_of(plants: Iterable[Plant], start: datetime) -> dict[int, Asked]:
    """By device_key, their generators that reported since `start`."""
    return {
        machine.key: _asked(machine, plant.situation)
        for plant in plants
        for machine in generators(plant.machines)
        if machine.last_sample_at is not None and machine.last_sample_at >= start
    }


def _asked(machine: Machine, situation: Situation) -> Asked:
    place = Place(situation.timezone.key, situation.latitude, situation.longitude)
    total = machine.energy_total
    return Asked(
        Facts(machine.interval.total_seconds(), place, machine.rated_kw),
        machine.last_sample_at,
        None if total is None else (total.at, total.kwh),
    )
