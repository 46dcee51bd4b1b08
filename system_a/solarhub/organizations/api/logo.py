"""An organization's logo over HTTP. What is sent is encoded anew; what is served is the hub's own PNG."""

from asyncio import get_running_loop
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response, status
from fastapi.responses import Response as PlainResponse

from solarhub.kit.errors import FieldError, Invalid, NotFound, TooLarge, Unreadable
from solarhub.kit.http import Router, describe, tag
from solarhub.organizations import life, logos
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.models import Organization
from solarhub.organizations.picture import as_logo
from solarhub.organizations.queries import logos as queries
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.organizations import OrganizationAnswer

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PICTURE: dict[str, Any] = {
    "required": True,
    "description": "A PNG, JPEG or WebP picture of at most 1 MiB: as the body, or as the file of a form",
    "content": {
        "image/png": _BINARY,
        "image/jpeg": _BINARY,
        "image/webp": _BINARY,
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["logo"],
                "properties": {"logo": {"title": "Picture", **_BINARY["schema"]}},
            }
        },
    },
}

# unfolding a picture takes up to 150 MB: one at a time
_studio = ThreadPoolExecutor(1, thread_name_prefix="picture")

router = Router(prefix="/organizations/{organization_id}/logo", tags=["organizations"])


async def _sent(request: Request, _session: TenantWriting) -> bytes:
    """The picture as bytes. Depends on the session, so that a stranger's body is not even read."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await request.body()
    async with request.form(max_files=1, max_fields=1) as form:
        files = [part for part in form.values() if not isinstance(part, str)]
        if not files:
            raise Invalid([FieldError("logo", None, "is required", "a form with one file, named logo")])
        return await files[0].read()


_Sent = Annotated[bytes, Depends(_sent, scope="function")]


@router.put(
    "",
    response_model=OrganizationAnswer,
    openapi_extra={**needs(Permission.ORGANIZATION_CHANGE), "requestBody": _PICTURE},
    responses=describe(Unreadable, NotFound, TooLarge, Invalid),
)
async def put_logo(sent: _Sent, here: Here, session: TenantWriting, response: Response) -> Organization:
    """Show this picture beside the company's name, in place of the one before. It is kept as a PNG of at most 512
    pixels a side, without anything else that the file said."""
    png = await get_running_loop().run_in_executor(_studio, as_logo, sent)
    organization = await life.find_to_change(session, here.organization.id)
    await logos.put(session, organization, png)
    tag(response, organization.version)
    return organization


@router.get(
    "",
    response_class=PlainResponse,
    openapi_extra=needs(Permission.ORGANIZATION_READ),
    responses={
        200: {"description": "The logo", "content": {"image/png": _BINARY}},
        304: {"description": "It is the one that you have"},
        **describe(NotFound),
    },
)
async def get_logo(
    here: Here,
    session: TenantReading,
    if_none_match: Annotated[str | None, Header(title="ETag of the logo you have")] = None,
) -> PlainResponse:
    """The company's logo, as PNG; 404 where there is none."""
    png = await queries.png(session, here.organization.id)
    if png is None:
        raise NotFound
    etag = f'"{sha256(png).hexdigest()[:32]}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="logo.png"',
    }
    if if_none_match is not None and etag in if_none_match:
        return PlainResponse(status_code=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return PlainResponse(png, media_type="image/png", headers=headers)


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=needs(Permission.ORGANIZATION_CHANGE),
    responses=describe(NotFound),
)
async def remove_logo(here: Here, session: TenantWriting) -> None:
    """Show no logo any more; 404 where there is none."""
    await logos.take_away(session, await life.find_to_change(session, here.organization.id))
