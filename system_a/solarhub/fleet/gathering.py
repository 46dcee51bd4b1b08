"""The overview in numbers and sentences: of one organization, or of everything that somebody may see."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from solarhub.fleet.attention import ENDS_SOON, Ending, needs_attention
from solarhub.fleet.energy import energy_today
from solarhub.fleet.plants import Plant
from solarhub.fleet.queries import endings as queries
from solarhub.fleet.reach import Party, Reach, check_sight, parties, step_in
from solarhub.fleet.summary import Fleet, summed, together
from solarhub.fleet.survey import survey
from solarhub.kit.db import Session
from solarhub.organizations.access import Standing
from solarhub.organizations.roles import Permission


async def fleet_here(session: Session, here: Standing, now: datetime) -> Fleet:
    """Of the organization that the session stands in. Raises Forbidden for a key that may see too little."""
    check_sight(here)
    return await _fleet(session, [here], now)


async def fleet_everywhere(session: Session, reach: Reach, now: datetime) -> Fleet:
    """Of every organization in which somebody stands, each as far as they see there."""
    fleets = []
    for party in parties(reach.standings):
        await step_in(session, party)
        fleets.append(await _fleet(session, party, now))
    names = {standing.organization.id: standing.organization.name for standing in reach.standings}
    return together(fleets, names, now, locked=[organization.id for organization in reach.locked])


async def _fleet(session: Session, party: Party, now: datetime) -> Fleet:
    names = {standing.organization.id: standing.organization.name for standing in party}
    plants = await survey(session, names, now)
    energy = await energy_today(session, plants, now)
    endings = await _endings(session, party, now)
    theirs: dict[UUID, list[Plant]] = defaultdict(list)
    for plant in plants:
        theirs[plant.situation.organization_id].append(plant)
    items = [
        item
        for organization_id, own in theirs.items()
        for item in needs_attention(own, endings.get(organization_id, ()), now)
    ]
    return summed(plants, energy, items, now)


async def _endings(session: Session, party: Party, now: datetime) -> dict[UUID, Sequence[Ending]]:
    """What runs out within a week, by organization, for whoever may lengthen it."""
    soon = now + ENDS_SOON
    lending = {each.organization.id for each in party if each.can(Permission.GRANTS_CHANGE)}
    signing = {each.organization.id for each in party if each.can(Permission.API_KEYS_CHANGE)}
    grants = await queries.grants_ending(session, now, soon) if lending else ()
    keys = await queries.keys_ending(session, now, soon) if signing else ()
    endings: dict[UUID, list[Ending]] = defaultdict(list)
    for row in grants:
        if row.organization_id in lending:
            endings[row.organization_id].append(Ending(row.site_id, row.who, row.until))
    for row in keys:
        if row.organization_id in signing:
            endings[row.organization_id].append(Ending(None, row.who, row.until))
    return dict(endings)
