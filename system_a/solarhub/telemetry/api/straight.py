"""What devices send, and what dashboards ask again and again: answered past the routes by the routes' own functions.

Of questions only what is asked in the usual form comes this way; whatever is odd, or wrong, is for the route to say.
"""

import re
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import Any, TypeVar, get_origin
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from solarhub.kit.errors import Unavailable
from solarhub.kit.http.straight import Way
from solarhub.kit.paging import Page
from solarhub.organizations.access import Look
from solarhub.organizations.deps import look_straight
from solarhub.organizations.roles import Permission
from solarhub.telemetry.api.charts import get_chart
from solarhub.telemetry.api.door import take_telemetry
from solarhub.telemetry.api.energy import list_energy_histories
from solarhub.telemetry.api.reading import list_latest_of_site
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.charts.schemas import ChartWanted
from solarhub.telemetry.rollups.schemas import HistoriesWanted

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_HERE = f"/api/v1/organizations/(?P<organization_id>{_UUID})"

M = TypeVar("M", bound=BaseModel)


async def _latest_of_site(request: Request) -> Response | None:
    if (page := _asked(Page, request)) is None:
        return None
    async with _looking(request) as look:
        known = _catalogues(request).catalogue_of(look.here.organization.key)
        return await list_latest_of_site(UUID(request.path_params["site_id"]), page, look, known)


async def _chart(request: Request) -> Response | None:
    if (wanted := _asked(ChartWanted, request)) is None:
        return None
    async with _looking(request) as look:
        known = _catalogues(request).catalogue_of(look.here.organization.key)
        return await get_chart(wanted, look, known)


async def _energy_histories(request: Request) -> Response | None:
    if (wanted := _asked(HistoriesWanted, request)) is None:
        return None
    async with _looking(request) as look:
        return await list_energy_histories(wanted, look)


ways = (
    Way("POST", re.compile("/api/v1/telemetry"), take_telemetry),
    Way("GET", re.compile(f"{_HERE}/sites/(?P<site_id>{_UUID})/latest"), _latest_of_site),
    Way("GET", re.compile(f"{_HERE}/chart"), _chart),
    Way("GET", re.compile(f"{_HERE}/energy-history"), _energy_histories),
)


def _looking(request: Request) -> AbstractAsyncContextManager[Look]:
    obstacle = request.app.state.hub.obstacle
    if obstacle is not None:
        raise Unavailable(obstacle)
    return look_straight(request, UUID(request.path_params["organization_id"]), Permission.TELEMETRY_READ)


def _catalogues(request: Request) -> Catalogues:
    found: Catalogues = request.app.state.catalogues
    return found


def _asked(model: type[M], request: Request) -> M | None:
    """The query's parameters; None where the route would refuse them."""
    lists = _lists(model)
    values: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError:
        return None


@cache
def _lists(model: type[BaseModel]) -> frozenset[str]:
    """The parameters that may come several times."""
    fields = model.model_fields.items()
    return frozenset(field.alias or name for name, field in fields if get_origin(field.annotation) is list)
