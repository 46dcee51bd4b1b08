"""The page at `/`: what whoever signed in may see."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from fastapi.responses import RedirectResponse

from solarhub.fleet.overview import overview
from solarhub.fleet.reach import reach_of
from solarhub.kit.clock import now
from solarhub.kit.db import Databases
from solarhub.kit.http import Rates, ReadingSession, databases
from solarhub.organizations.access import standings_of
from solarhub.organizations.actor import Actor
from solarhub.pages.api.drawn import page
from solarhub.pages.deps import DrawnIn, Visitor

router = APIRouter(include_in_schema=False)


@router.get("/")
async def overview_page(
    *,
    request: Request,
    visitor: Visitor,
    language: DrawnIn,
    session: ReadingSession,
    pools: Annotated[Databases, Depends(databases)],
) -> Response:
    """The plants of everybody who lets the visitor see them, the worst first."""
    if visitor is None:
        return RedirectResponse("/sign-in", status.HTTP_303_SEE_OTHER)
    rates: Rates = request.app.state.rates
    rates.spend("actor", visitor.user_id)
    actor = Actor(visitor.user_id, is_super_admin=visitor.is_super_admin, second_factor=visitor.second_factor)
    reach = reach_of(await standings_of(pools.auth, actor))
    at = now()
    return page(
        "overview.html",
        language,
        overview=await overview(session, reach.standings, at),
        now=at,
        name=visitor.name,
        timezone=visitor.timezone,
        organizations=[standing.organization.name for standing in reach.standings],
        locked=[organization.name for organization in reach.locked],
    )
