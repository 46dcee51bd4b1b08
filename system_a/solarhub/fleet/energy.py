"""What plants have generated since their midnight."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from solarhub.fleet.plants import Plant, State, generators
from solarhub.kit.db import Session
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.production import grown_since, production


async def energy_today(session: Session, plants: Sequence[Plant], now: datetime) -> float | None:
    """The sum in kWh over the plants, each from midnight by its own clock; None when nothing is known of any.

    A lifetime counter tells it with one look at an index. What has none, or fell since midnight, is worked out of the
    whole day's samples.
    """
    days: dict[tuple[datetime, datetime], list[Plant]] = defaultdict(list)
    for plant in plants:
        zone = plant.situation.timezone
        days[local_day(now.astimezone(zone).date(), zone)].append(plant)
    known: list[float] = [0.0] if any(plant.state is State.ASLEEP for plant in plants) else []
    for (start, end), alike in days.items():
        newest: dict[int, float] = {}
        whole: dict[int, timedelta] = {}
        for machine in (machine for plant in alike for machine in generators(plant.machines)):
            if machine.energy_total is not None and machine.energy_total.at >= start:
                newest[machine.key] = machine.energy_total.kwh
            if machine.last_sample_at is not None and machine.last_sample_at >= start:
                whole[machine.key] = machine.interval
        counted = await grown_since(session, newest, start)
        rest = {key: interval for key, interval in whole.items() if key not in counted}
        produced = await production(session, rest, start, end)
        known += [*counted.values(), *(each.kwh for each in produced.values() if each.kwh is not None)]
    return sum(known) if known else None
