"""Looking at alerts over HTTP: lists, one with what was written about it, and who was told."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import StreamingResponse

from solarhub.alerts.deps import AlertToRead
from solarhub.alerts.models import Alert
from solarhub.alerts.queries import reading
from solarhub.alerts.schemas import (
    AlertAnswer,
    AlertDetail,
    AlertFilter,
    AlertNotification,
    AlertSelection,
    DeliveryCounts,
    NoteAnswer,
)
from solarhub.kit.db import Session
from solarhub.kit.errors import Forbidden, Invalid, NotFound
from solarhub.kit.http import Router, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Cursor, CursorListing, Listing, Page
from solarhub.notifications.vocabulary import State
from solarhub.organizations.deps import Here, TenantReading, TenantStream, needs
from solarhub.organizations.roles import Permission
from solarhub.sites.deps import SiteToRead

router = Router(prefix="/organizations/{organization_id}", tags=["alerts"])

_READING = needs(Permission.ALERTS_READ)


@router.get("/alerts", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_alerts(
    organization_id: UUID, wanted: Annotated[AlertFilter, Query()], session: TenantReading
) -> CursorListing[AlertAnswer]:
    """The alerts of an organization, newest first unless asked otherwise."""
    return await _page(session, organization_id, wanted)


@router.get("/sites/{site_id}/alerts", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_site_alerts(
    site: SiteToRead, wanted: Annotated[AlertFilter, Query()], session: TenantReading
) -> CursorListing[AlertAnswer]:
    """The alerts of a site, newest first unless asked otherwise."""
    return await _page(session, site.organization_id, wanted, site_id=site.id)


class _Export(AlertSelection):
    format: Annotated[ExportFormat, FORMAT]


@router.get(
    "/alerts/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_READING,
)
async def export_alerts(
    organization_id: UUID, wanted: Annotated[_Export, Query()], stream: TenantStream
) -> StreamingResponse:
    """All of the selected alerts as a file."""
    answers = answers_of(
        stream, lambda session: reading.every_alert(session, organization_id, wanted), AlertAnswer.model_validate
    )
    return export("alerts", answers, AlertAnswer, wanted.format)


@router.get("/alerts/{alert_id}", responses=describe(NotFound), openapi_extra=_READING)
async def get_alert(alert: AlertToRead, here: Here, session: TenantReading) -> AlertDetail:
    """One alert, what people wrote about it, and how many messages went out."""
    return await detail(session, alert, of_a_guest=here.site_ids is not None)


# who was told is the organization's own business, which guests of one plant have no part in
@router.get(
    "/alerts/{alert_id}/notifications",
    responses=describe(NotFound, Invalid),
    openapi_extra=needs(Permission.ORGANIZATION_READ),
)
async def list_alert_notifications(
    alert: AlertToRead, wanted: Annotated[Page, Query()], here: Here, session: TenantReading
) -> Listing[AlertNotification]:
    """Who was told of an alert, when and by which way; addresses are shown to those who may read notifications."""
    if not here.can(Permission.ALERTS_READ):
        raise Forbidden(f"This needs the right {Permission.ALERTS_READ.value} too.")
    rows, counted = await reading.notifications(session, alert.id, wanted)
    told = [AlertNotification.model_validate(row) for row in rows]
    if not here.can(Permission.NOTIFICATIONS_READ):
        told = [each.model_copy(update={"recipient": None}) for each in told]
    return Listing.of(told, counted, wanted)


async def detail(session: Session, alert: Alert, *, of_a_guest: bool) -> AlertDetail:
    """The alert as it stands in this session. Messages are the organization's own business."""
    notes = [NoteAnswer.model_validate(row) for row in await reading.notes(session, alert.id)]
    deliveries = None
    if not of_a_guest:
        counts = await reading.deliveries(session, alert.id)
        deliveries = DeliveryCounts(
            sent=counts.get(State.SENT, 0),
            waiting=counts.get(State.PENDING, 0) + counts.get(State.SENDING, 0),
            failed=counts.get(State.FAILED, 0),
        )
    return AlertDetail(**dict(AlertAnswer.model_validate(alert)), notes=notes, deliveries=deliveries)


async def _page(
    session: Session, organization_id: UUID, wanted: AlertFilter, *, site_id: UUID | None = None
) -> CursorListing[AlertAnswer]:
    rows, counted = await reading.alerts(session, organization_id, wanted, site_id=site_id)
    return CursorListing[AlertAnswer].up_to(
        rows,
        counted,
        wanted,
        show=AlertAnswer.model_validate,
        place=lambda alert: Cursor(alert.id, alert.triggered_at),
    )
