"""Lines for a chart."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.kit.http.plain import as_it_is
from solarhub.organizations.deps import TenantLook, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.charts.drawing import draw
from solarhub.telemetry.charts.schemas import ChartAnswer, ChartWanted, chart_told
from solarhub.telemetry.deps import MetricsHere

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@router.get(
    "/chart",
    openapi_extra=needs(Permission.TELEMETRY_READ),
    responses=describe(NotFound, Invalid),
    response_model=ChartAnswer,
)
async def get_chart(wanted: Annotated[ChartWanted, Query()], look: TenantLook, known: MetricsHere) -> Response:
    """Any metrics of devices, or of plants as a whole, over any window, thinned for a screen."""
    asked = wanted.asked(known, now())
    return as_it_is(chart_told(await draw(look, asked), asked))
