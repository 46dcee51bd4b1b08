"""Where somebody sees plants, and stepping in there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solarhub.kit.db import Session
from solarhub.kit.errors import Forbidden
from solarhub.organizations.access import KnownOrganization, Standing, enter, enter_both
from solarhub.organizations.roles import Permission
from solarhub.organizations.vocabulary import OrganizationStatus

RIGHT = Permission.TELEMETRY_READ
_SEEN = (Permission.SITES_READ, Permission.DEVICES_READ, Permission.ALERTS_READ)
"""What an overview shows beside measurements: a key that may not see one of these gets none."""
_AT_ONCE = 25
"""Organizations in one party: each of them makes every look-up of a row a little dearer, and each party costs a
handful of statements."""

Party = Sequence[Standing]
"""Places that are stepped into together: several whole organizations, or the lent plants of one."""


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


def check_sight(standing: Standing) -> None:
    """Raises Forbidden for a key that may not see everything that an overview shows."""
    for permission in (RIGHT, *_SEEN):
        standing.sites_with(permission)


def parties(standings: Sequence[Standing]) -> Iterator[Party]:
    """All of them, in as few parties as is good. Raises Forbidden as `check_sight` does."""
    whole: list[Standing] = []
    for standing in standings:
        check_sight(standing)
        if standing.sites_with(RIGHT) is None:
            whole.append(standing)
        else:
            yield [standing]
    for start in range(0, len(whole), _AT_ONCE):
        yield whole[start : start + _AT_ONCE]


async def step_in(session: Session, party: Party) -> None:
    """From here on the session sees what the party sees, and nothing else."""
    if len(party) == 1:
        await enter(session, party[0], RIGHT)
    else:
        await enter_both(session, *((standing, RIGHT) for standing in party))
