"""The audit log of an organization over HTTP. Its room is downstairs and knows no organizations."""

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from solarhub.audit import reading
from solarhub.audit.schemas import AuditAnswer, AuditFilter
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import Router, describe
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import CursorListing
from solarhub.organizations.deps import Here, TenantReading, TenantStream, needs
from solarhub.organizations.roles import Permission

_NEEDS = needs(Permission.AUDIT_READ)

router = Router(prefix="/organizations/{organization_id}/audit", tags=["audit"])


@router.get("", openapi_extra=_NEEDS, responses=describe(NotFound, Invalid))
async def list_audit_entries(
    asked: Annotated[AuditFilter, Query()], here: Here, session: TenantReading
) -> CursorListing[AuditAnswer]:
    """Who did what, newest first."""
    return await reading.entries(session, here.organization.id, asked)


@router.get(
    "/export",
    openapi_extra=_NEEDS,
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
)
async def export_audit_entries(
    here: Here,
    stream: TenantStream,
    format: Annotated[ExportFormat, FORMAT] = ExportFormat.CSV,  # noqa: A002 - what clients write
) -> StreamingResponse:
    """Who did what, as a file."""
    answers = answers_of(
        stream, lambda session: reading.every_entry(session, here.organization.id, AuditFilter()), lambda entry: entry
    )
    return export("audit", answers, AuditAnswer, format)
