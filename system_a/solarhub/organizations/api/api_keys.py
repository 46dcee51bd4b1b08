"""API keys over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response, status

from solarhub.kit.errors import Conflict, Invalid, NotFound, Unreadable
from solarhub.kit.http import Router, describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations import api_keys
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.queries import keys as queries
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.api_keys import ApiKeyAnswer, ApiKeyRequest, IssuedApiKey

_NEEDS = needs(Permission.API_KEYS_CHANGE)

router = Router(prefix="/organizations/{organization_id}/api-keys", tags=["API keys"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_NEEDS,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
)
async def make_api_key(wanted: ApiKeyRequest, here: Here, session: TenantWriting, response: Response) -> IssuedApiKey:
    """Make a key for a script. Its token is shown this once."""
    key, token = await api_keys.make(session, here, wanted)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/api-keys/{key.id}"
    return IssuedApiKey.model_validate({**ApiKeyAnswer.model_validate(key).model_dump(), "token": token})


@router.get("", openapi_extra=_NEEDS, responses=describe(NotFound, Invalid))
async def list_api_keys(page: Annotated[Page, Query()], session: TenantReading) -> Listing[ApiKeyAnswer]:
    """The organization's keys, newest first, also those that open nothing any more."""
    rows, counted = await queries.api_keys(session, page)
    return Listing.of([ApiKeyAnswer.model_validate(row) for row in rows], counted, page)


@router.delete(
    "/{key_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=_NEEDS,
    responses=describe(NotFound, Conflict),
)
async def revoke_api_key(key_id: UUID, session: TenantWriting) -> None:
    """End a key: it opens nothing from now on."""
    await api_keys.revoke(session, key_id)
