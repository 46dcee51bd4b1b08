"""The cards of the worst plants among all that somebody may see, each with its day."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from solarhub.fleet.energy import asked_of
from solarhub.fleet.plants import Day, Plant, State, course_of, generators, urgency
from solarhub.fleet.reach import parties, step_in
from solarhub.fleet.survey import survey
from solarhub.fleet.vocabulary import View
from solarhub.kit.db import Session
from solarhub.organizations.access import Standing
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.rollups.live import courses, day_energies

_SHOWN = 60
"""Plants with their figures on one page: as many as one person looks through; the others are counted."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The view's plants in the order in which they need somebody, and how many of all plants stand how.

    `more` belong to the view too, and are not shown.
    """

    plants: Sequence[Plant]
    more: int
    states: Mapping[State, int]


async def overview(
    session: Session, standings: Sequence[Standing], now: datetime, view: View = View.OVERVIEW
) -> Overview:
    """The page's cards: the worst plants of every organization in which somebody stands, each with its day."""
    every: list[Plant] = []
    for party in parties(standings):
        await step_in(session, party)
        every += await survey(session, {each.organization.id: each.organization.name for each in party}, now)
    every.sort(key=lambda plant: urgency(plant.situation, plant.state))
    wanted = every if view is View.OVERVIEW else [plant for plant in every if plant.state.needs_attention]
    shown = wanted[:_SHOWN]
    days: dict[UUID, Day] = {}
    shown_in = {plant.situation.organization_id for plant in shown}
    for party in parties([each for each in standings if each.organization.id in shown_in]):
        await step_in(session, party)
        ids = {each.organization.id for each in party}
        days |= await _days(session, [plant for plant in shown if plant.situation.organization_id in ids])
    states: dict[State, int] = defaultdict(int)
    for plant in every:
        states[plant.state] += 1
    cards = [replace(plant, day=days.get(plant.situation.site_id)) for plant in shown]
    return Overview(cards, more=len(wanted) - len(shown), states=dict(sorted(states.items())))


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
        asked = asked_of(alike, start)
        energies = await day_energies(session, asked, start, end)
        drawn = await courses(session, asked, start, end)
        for plant in alike:
            keys = [each.key for each in generators(plant.machines)]
            known = [energies[key].kwh for key in keys if key in energies]
            days[plant.situation.site_id] = Day(
                date=start.astimezone(plant.situation.timezone).date(),
                kwh=sum(known) if known else None,
                course=course_of([drawn[key] for key in keys if key in drawn]),
            )
    return days
