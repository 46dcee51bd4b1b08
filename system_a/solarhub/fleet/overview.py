"""The overview: of one organization, of everything that somebody may see, and the page's cards of the worst plants."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from solarhub.fleet.attention import ENDS_SOON, Ending, needs_attention
from solarhub.fleet.energy import energy_today
from solarhub.fleet.plants import Day, Plant, State, course_of, generators, urgency
from solarhub.fleet.queries import endings as queries
from solarhub.fleet.summary import Fleet, summed, together
from solarhub.fleet.survey import survey
from solarhub.kit.db import Session
from solarhub.kit.errors import Forbidden
from solarhub.organizations.access import KnownOrganization, Standing, enter
from solarhub.organizations.roles import Permission
from solarhub.organizations.vocabulary import OrganizationStatus
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.production import production

RIGHT = Permission.TELEMETRY_READ
_SEEN = (Permission.SITES_READ, Permission.DEVICES_READ, Permission.ALERTS_READ)
"""What an overview shows beside measurements: a key that may not see one of these gets none."""

_SHOWN = 60
"""Plants with their figures on one page: as many as one person looks through; the others are counted."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody sees plants; `locked` are organizations that ask them for a second factor first."""

    standings: Sequence[Standing]
    locked: Sequence[KnownOrganization]


def reach_of(standings: Sequence[Standing]) -> Reach:
    """Of all places in which somebody stands; closed organizations are none."""
    reached: list[Standing] = []
    locked: list[KnownOrganization] = []
    for standing in standings:
        if standing.organization.status is not OrganizationStatus.CLOSED:
            try:
                standing.check_second_factor()
            except Forbidden:
                locked.append(standing.organization)
            else:
                reached.append(standing)
    return Reach(reached, locked)


async def fleet_here(session: Session, here: Standing, now: datetime) -> Fleet:
    """Of the organization that the session stands in by `RIGHT`. Raises Forbidden for a key that may see too little."""
    for permission in _SEEN:
        here.sites_with(permission)
    plants = await survey(session, here.organization.name, now)
    energy = await energy_today(session, plants, now)
    return summed(plants, energy, needs_attention(plants, await _endings(session, here, now), now), now)


async def fleet_everywhere(session: Session, reach: Reach, now: datetime) -> Fleet:
    """Of every organization in which somebody stands, one after another, each as far as they see there."""
    fleets: list[tuple[str, Fleet]] = []
    for standing in reach.standings:
        await enter(session, standing, RIGHT)
        fleets.append((standing.organization.name, await fleet_here(session, standing, now)))
    return together(fleets, now, locked=[organization.id for organization in reach.locked])


async def _endings(session: Session, here: Standing, now: datetime) -> list[Ending]:
    """What runs out within a week, for whoever may lengthen it."""
    soon = now + ENDS_SOON
    grants = await queries.grants_ending(session, now, soon) if here.can(Permission.GRANTS_CHANGE) else ()
    keys = await queries.keys_ending(session, now, soon) if here.can(Permission.API_KEYS_CHANGE) else ()
    return [
        *(Ending(row.site_id, row.who, row.until) for row in grants),
        *(Ending(None, row.who, row.until) for row in keys),
    ]


@dataclass(frozen=True, slots=True)
class Overview:
    """Plants in the order in which they need somebody, and how many of all plants stand how; `more` are not shown."""

    plants: Sequence[Plant]
    more: int
    states: Mapping[State, int]


async def overview(session: Session, standings: Sequence[Standing], now: datetime) -> Overview:
    """The page's cards: the worst plants of every organization in which somebody stands, each with its day."""
    every: list[Plant] = []
    for standing in standings:
        await enter(session, standing, RIGHT)
        every += await survey(session, standing.organization.name, now)
    every.sort(key=lambda plant: urgency(plant.situation, now))
    shown = every[:_SHOWN]
    days: dict[UUID, Day] = {}
    wanted: dict[UUID, list[Plant]] = defaultdict(list)
    for plant in shown:
        wanted[plant.situation.organization_id].append(plant)
    for standing in standings:
        theirs = wanted.get(standing.organization.id)
        if theirs:
            await enter(session, standing, RIGHT)
            days |= await _days(session, theirs)
    states: dict[State, int] = defaultdict(int)
    for plant in every:
        states[plant.state] += 1
    cards = [replace(plant, day=days.get(plant.situation.site_id)) for plant in shown]
    return Overview(cards, more=len(every) - len(shown), states=dict(sorted(states.items())))


async def _days(session: Session, plants: Sequence[Plant]) -> dict[UUID, Day]:
    """By site; plants whose day begins and ends at the same instants are asked for together."""
    neighbours: dict[tuple[datetime, datetime], list[Plant]] = defaultdict(list)
    for plant in plants:
        situation = plant.situation
        if situation.last_sample_at is not None:
            day = situation.last_sample_at.astimezone(situation.timezone).date()
            neighbours[local_day(day, situation.timezone)].append(plant)
    days = {}
    for (start, end), alike in neighbours.items():
        intervals: dict[int, timedelta] = {
            machine.key: machine.interval for plant in alike for machine in generators(plant.machines)
        }
        produced = await production(session, intervals, start, end)
        for plant in alike:
            told = [produced[each.key] for each in generators(plant.machines) if each.key in produced]
            known = [each.kwh for each in told if each.kwh is not None]
            days[plant.situation.site_id] = Day(
                date=start.astimezone(plant.situation.timezone).date(),
                kwh=sum(known) if known else None,
                course=course_of([each.course for each in told]),
            )
    return days
