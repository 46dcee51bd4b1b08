"""The page at `/`: what whoever signed in may see."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi.responses import RedirectResponse

from solarhub.fleet.overview import overview
from solarhub.fleet.reach import reach_of
from solarhub.fleet.vocabulary import View
from solarhub.kit.clock import now
from solarhub.kit.db import Databases
from solarhub.kit.http import Rates, ReadingSession, databases
from solarhub.organizations.access import standings_of
from solarhub.organizations.actor import Actor
from solarhub.pages.api.drawn import page
from solarhub.pages.deps import DrawnIn, Visitor
from solarhub.pages.views import view_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def overview_page(
    *,
    request: Request,
    visitor: Visitor,
    language: DrawnIn,
    session: ReadingSession,
    pools: Annotated[Databases, Depends(databases)],
    view: Annotated[str | None, Query()] = None,
) -> Response:
    """The plants of everybody who lets the visitor see them, the worst first; in the view that is the visitor's own."""
    if visitor is None:
        return RedirectResponse("/sign-in", status.HTTP_303_SEE_OTHER)
    rates: Rates = request.app.state.rates
    rates.spend("actor", visitor.user_id)
    actor = Actor(visitor.user_id, is_super_admin=visitor.is_super_admin, second_factor=visitor.second_factor)
    reach = reach_of(await standings_of(pools.auth, actor))
    at = now()
    shown = view_of(view, visitor.dashboard.default_view)
    return page(
        "overview.html",
        language,
        overview=await overview(session, reach.standings, at, shown),
        view=shown.value,
        views={each.value: f"?{request.url.include_query_params(view=each.value).query}" for each in View},
        refresh_seconds=visitor.dashboard.refresh_interval,
        now=at,
        name=visitor.name,
        timezone=visitor.timezone,
        organizations=[standing.organization.name for standing in reach.standings],
        locked=[organization.name for organization in reach.locked],
    )
