"""What was told to whom in an organization, over HTTP. The room of messages knows no organizations."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import Router, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import CursorListing
from solarhub.notifications import listing
from solarhub.notifications.schemas import MessageAnswer, MessageFilter
from solarhub.organizations.deps import Here, TenantReading, TenantStream, needs
from solarhub.organizations.roles import Permission

_NEEDS = needs(Permission.NOTIFICATIONS_READ)

router = Router(prefix="/organizations/{organization_id}/notifications", tags=["notifications"])


@router.get("", openapi_extra=_NEEDS, responses=describe(NotFound, Invalid))
async def list_notifications(
    asked: Annotated[MessageFilter, Query()], here: Here, session: TenantReading
) -> CursorListing[MessageAnswer]:
    """What went out or is waiting to, newest first."""
    return await listing.messages(session, here.organization.id, asked)


@router.get(
    "/export",
    openapi_extra=_NEEDS,
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
)
async def export_notifications(
    here: Here,
    stream: TenantStream,
    format: Annotated[ExportFormat, FORMAT] = ExportFormat.CSV,  # noqa: A002 - what clients write
) -> StreamingResponse:
    """What went out or is waiting to, as a file."""
    answers = answers_of(
        stream,
        lambda session: listing.every_message(session, here.organization.id, MessageFilter()),
        lambda message: message,
    )
    return export("notifications", answers, MessageAnswer, format)
