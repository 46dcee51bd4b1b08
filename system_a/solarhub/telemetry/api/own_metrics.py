"""What devices may report, and an organization's own metrics, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status

from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import IfMatch, Router, describe, tag
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry import own_metrics
from solarhub.telemetry.definitions import MetricAnswer, MetricChange, MetricDefinition, MetricFilter
from solarhub.telemetry.deps import tell_doors
from solarhub.telemetry.models import CustomMetric

router = Router(prefix="/organizations/{organization_id}/metrics", tags=["metrics"])

_READING = needs(Permission.TELEMETRY_READ)
_CHANGING = needs(Permission.METRICS_CHANGE)


async def _metric(metric_id: UUID, session: TenantReading) -> CustomMetric:
    return await own_metrics.find(session, metric_id)


async def _metric_to_change(metric_id: UUID, session: TenantWriting) -> CustomMetric:
    return await own_metrics.find_to_change(session, metric_id)


_Metric = Annotated[CustomMetric, Depends(_metric, scope="function")]
_MetricToChange = Annotated[CustomMetric, Depends(_metric_to_change, scope="function")]
_EDITS = [Depends(tell_doors, scope="function")]


@router.get("", openapi_extra=_READING, responses=describe(NotFound, Invalid))
async def list_metrics(
    wanted: Annotated[MetricFilter, Query()], here: Here, session: TenantReading
) -> Listing[MetricAnswer]:
    """What the organization's devices may report: the standard metrics, then its own by name."""
    rows, counted = await own_metrics.listing(session, here.organization.id, wanted)
    return Listing.of(rows, counted, wanted)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_CHANGING,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
    dependencies=_EDITS,
)
async def define_metric(
    wanted: MetricDefinition, here: Here, session: TenantWriting, response: Response
) -> MetricAnswer:
    """Add a metric that the standard catalogue lacks. Devices may report it within seconds."""
    metric = await own_metrics.add(session, here.organization.id, wanted)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/metrics/{metric.id}"
    tag(response, metric.version)
    return own_metrics.shown(metric)


@router.get("/{metric_id}", openapi_extra=_CHANGING, responses=describe(NotFound))
async def get_own_metric(metric: _Metric, response: Response) -> MetricAnswer:
    """One of the organization's own metrics, removed or not; its ETag is what a change must name."""
    tag(response, metric.version)
    return own_metrics.shown(metric)


@router.patch(
    "/{metric_id}",
    openapi_extra=_CHANGING,
    responses=describe(Unreadable, NotFound, Stale, Invalid, PreconditionRequired),
    dependencies=_EDITS,
)
async def change_own_metric(
    metric: _MetricToChange, wanted: MetricChange, expected: IfMatch, session: TenantWriting, response: Response
) -> MetricAnswer:
    """Change range, night or meaning. What is stored already stays as it is."""
    expected.check(metric.version)
    await own_metrics.change(session, metric, wanted)
    tag(response, metric.version)
    return own_metrics.shown(metric)


@router.delete(
    "/{metric_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=_CHANGING,
    responses=describe(Unreadable, NotFound, Stale, Conflict, PreconditionRequired),
    dependencies=_EDITS,
)
async def remove_own_metric(metric: _MetricToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Take no more values of a metric. What is stored stays readable, and its name is not given anew."""
    expected.check(metric.version)
    await own_metrics.remove(session, metric)


@router.post(
    "/{metric_id}/restore",
    openapi_extra=_CHANGING,
    responses=describe(NotFound, Conflict),
    dependencies=_EDITS,
)
async def restore_own_metric(metric: _MetricToChange, session: TenantWriting, response: Response) -> MetricAnswer:
    """Take values of a removed metric again. 409 for one that is in force."""
    await own_metrics.restore(session, metric)
    tag(response, metric.version)
    return own_metrics.shown(metric)
