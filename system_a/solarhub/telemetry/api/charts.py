"""Lines for a chart."""

from typing import Annotated

from fastapi import APIRouter, Query

from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.organizations.deps import TenantReading, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.charts.drawing import draw
from solarhub.telemetry.charts.schemas import ChartAnswer, ChartWanted
from solarhub.telemetry.deps import MetricsHere

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@router.get("/chart", openapi_extra=needs(Permission.TELEMETRY_READ), responses=describe(NotFound, Invalid))
async def get_chart(wanted: Annotated[ChartWanted, Query()], session: TenantReading, known: MetricsHere) -> ChartAnswer:
    """Any metrics of devices, or of plants as a whole, over any window, thinned for a screen."""
    asked = wanted.asked(known, now())
    return ChartAnswer.of(await draw(session, asked), asked)
