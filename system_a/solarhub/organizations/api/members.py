"""Members over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from fastapi.responses import StreamingResponse

from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import IfMatch, Router, describe, tag
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing
from solarhub.organizations import membership
from solarhub.organizations.deps import Here, TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.queries import members as queries
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.members import MemberAnswer, MemberChange, MemberFilter, Transfer
from solarhub.organizations.schemas.organizations import OrganizationAnswer

router = Router(prefix="/organizations/{organization_id}", tags=["members"])


async def _member_to_change(organization_id: UUID, member_id: UUID, session: TenantWriting) -> OrganizationMember:
    return await membership.find_to_change(session, organization_id, member_id)


_MemberToChange = Annotated[OrganizationMember, Depends(_member_to_change, scope="function")]


@router.get("/members", openapi_extra=needs(Permission.MEMBERS_READ), responses=describe(NotFound, Invalid))
async def list_members(asked: Annotated[MemberFilter, Query()], session: TenantReading) -> Listing[MemberAnswer]:
    """Who belongs to the organization, and who is invited to."""
    rows, counted = await queries.members(session, asked)
    return Listing.of([MemberAnswer.model_validate(row) for row in rows], counted, asked)


@router.get(
    "/members/export",
    openapi_extra=needs(Permission.MEMBERS_READ),
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
)
async def export_members(
    stream: TenantStream,
    format: Annotated[ExportFormat, FORMAT] = ExportFormat.CSV,  # noqa: A002 - what clients write
) -> StreamingResponse:
    """Who belongs to the organization, as a file."""
    answers = answers_of(
        stream, lambda session: queries.every_member(session, MemberFilter()), MemberAnswer.model_validate
    )
    return export("members", answers, MemberAnswer, format)


@router.patch(
    "/members/{member_id}",
    response_model=MemberAnswer,
    openapi_extra=needs(Permission.MEMBERS_CHANGE),
    responses=describe(Unreadable, NotFound, Conflict, Stale, Invalid, PreconditionRequired),
)
async def change_member(
    *,
    member: _MemberToChange,
    wanted: MemberChange,
    expected: IfMatch,
    here: Here,
    session: TenantWriting,
    response: Response,
) -> MemberAnswer:
    """Give somebody another role. Owners alone make and unmake owners; the last one stays."""
    expected.check(member.version)
    await membership.change_role(session, here, member, wanted.role)
    tag(response, member.version)
    return MemberAnswer.model_validate(await queries.member_row(session, member.id))


@router.delete(
    "/members/{member_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=needs(Permission.MEMBERS_CHANGE),
    responses=describe(Unreadable, NotFound, Conflict, Stale, Invalid, PreconditionRequired),
)
async def remove_member(member: _MemberToChange, expected: IfMatch, here: Here, session: TenantWriting) -> None:
    """End a membership. The person's API keys here end with it."""
    expected.check(member.version)
    await membership.remove(session, here, member)


@router.post(
    "/leave",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=needs(Permission.ORGANIZATION_READ),
    responses=describe(NotFound, Conflict),
)
async def leave_organization(here: Here, session: TenantWriting) -> None:
    """Leave the organization; its last owner cannot."""
    await membership.leave(session, here)


@router.post(
    "/transfer",
    response_model=OrganizationAnswer,
    openapi_extra=needs(Permission.ORGANIZATION_TRANSFER),
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
)
async def transfer_organization(
    wanted: Transfer, here: Here, session: TenantWriting, response: Response
) -> Organization:
    """Give the organization to one of its members, who becomes its owner; the one who gives it becomes an admin."""
    organization = await membership.transfer(session, here, wanted.user_id)
    tag(response, organization.version)
    return organization
