"""The overview over HTTP, and the same as a morning message."""

from typing import Any

from fastapi.responses import PlainTextResponse

from solarhub.fleet.deps import Everywhere, Speaking
from solarhub.fleet.gathering import fleet_everywhere, fleet_here
from solarhub.fleet.morning import LONGEST, morning
from solarhub.fleet.reach import RIGHT
from solarhub.fleet.schemas.overview import FleetAnswer
from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import ReadingSession, Router, describe
from solarhub.organizations.deps import Here, TenantReading, needs

here = Router(prefix="/organizations/{organization_id}/fleet", tags=["fleet"])
everywhere = Router(prefix="/fleet", tags=["fleet"])

_AS_TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": f"At most {LONGEST} characters, a line for each thing",
        "content": {
            "text/plain": {
                "schema": {"type": "string", "maxLength": LONGEST},
                "example": (
                    "Good morning. 300 plants: 298 fine, 2 not reporting.\nPower now 1.24 MW of 4.10 MW.\n\n"
                    "1. Gulberg roof has been silent since 05:40: none of its 3 devices reports."
                    " Call the owner: has the router lost power?\n\N{HORIZONTAL ELLIPSIS} and 1 more."
                ),
            }
        },
    }
}


@here.get("", responses=describe(NotFound, Invalid), openapi_extra=needs(RIGHT))
async def get_fleet(standing: Here, session: TenantReading, words: Speaking) -> FleetAnswer:
    """The overview of an organization: how its plants and devices stand, and what needs somebody first."""
    return FleetAnswer.of(await fleet_here(session, standing, now()), words)


@here.get(
    "/morning.txt",
    response_class=PlainTextResponse,
    responses=_AS_TEXT | describe(NotFound, Invalid),
    openapi_extra=needs(RIGHT),
)
async def get_fleet_morning(standing: Here, session: TenantReading, words: Speaking) -> str:
    """The overview of an organization as a text, ready to be pasted into a chat."""
    return morning(await fleet_here(session, standing, now()), words)


@everywhere.get("", responses=describe(Invalid))
async def get_whole_fleet(reach: Everywhere, session: ReadingSession, words: Speaking) -> FleetAnswer:
    """The overview of everything that you see, in whichever organization it is."""
    return FleetAnswer.of(await fleet_everywhere(session, reach, now()), words)


@everywhere.get("/morning.txt", response_class=PlainTextResponse, responses=_AS_TEXT | describe(Invalid))
async def get_whole_fleet_morning(reach: Everywhere, session: ReadingSession, words: Speaking) -> str:
    """The overview of everything that you see as a text, ready to be pasted into a chat."""
    return morning(await fleet_everywhere(session, reach, now()), words)
