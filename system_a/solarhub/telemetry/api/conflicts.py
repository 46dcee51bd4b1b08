"""Where devices contradict themselves."""

from typing import Annotated

from fastapi import APIRouter, Query

from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import describe
from solarhub.kit.paging import Listing
from solarhub.organizations.deps import Here, TenantReading, needs
from solarhub.organizations.roles import Permission
from solarhub.telemetry.queries import conflicts as queries
from solarhub.telemetry.schemas import ConflictAnswer, ConflictFilter

router = APIRouter(prefix="/organizations/{organization_id}", tags=["telemetry"])


@router.get("/conflicts", openapi_extra=needs(Permission.TELEMETRY_READ), responses=describe(NotFound, Invalid))
async def list_conflicts(
    wanted: Annotated[ConflictFilter, Query()], here: Here, session: TenantReading
) -> Listing[ConflictAnswer]:
    """How often devices reported an instant again with other values, by device and day; the first values stay."""
    rows, counted = await queries.conflicts(session, here.organization.id, wanted)
    return Listing.of([ConflictAnswer.model_validate(row) for row in rows], counted, wanted)
