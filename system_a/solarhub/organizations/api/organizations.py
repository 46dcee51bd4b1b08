"""Organizations over HTTP."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request, Response, status

from solarhub.accounts.deps import AuthDatabase, SuperAdmin
from solarhub.audit.recording import follow
from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import (
    AuthSession,
    IfMatch,
    Keys,
    PublicUrl,
    ReadingSession,
    Router,
    WritingSession,
    describe,
    tag,
)
from solarhub.kit.http.routing import once
from solarhub.kit.paging import Listing
from solarhub.organizations import inviting, life, queries, registration
from solarhub.organizations.access import enter_as_operator, standings_of
from solarhub.organizations.actor import Actor
from solarhub.organizations.deps import Asking, Here, OrganizationToRead, TenantWriting, needs, trail_of
from solarhub.organizations.models import Organization
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.organizations.schemas.organizations import (
    OrganizationAnswer,
    OrganizationChange,
    OrganizationFilter,
    OrganizationRegistration,
    RegisteredOrganization,
)

router = Router(prefix="/organizations", tags=["organizations"])


@router.post("", status_code=status.HTTP_201_CREATED, responses=describe(Unreadable, Conflict, Invalid))
async def register_organization(
    *,
    wanted: OrganizationRegistration,
    person: SuperAdmin,
    session: WritingSession,
    auth: AuthSession,
    keyring: Keys,
    public_url: PublicUrl,
    request: Request,
    response: Response,
) -> RegisteredOrganization:
    """Enter a company with its owner, who is found by e-mail address or entered with it.

    An owner who has no password yet is let in by the link in `invitation`. For those who run the hub.
    """
    await enter_as_operator(session, actor_id=person.user_id)
    await once(request, session, person.user_id)
    follow(session, trail_of(request, Actor(person.user_id, is_super_admin=True)))
    organization = await registration.register(session, wanted)
    answer = RegisteredOrganization.model_validate(organization)
    if await inviting.awaits_password(auth, organization.owner_id):
        member, link = await inviting.invite_owner(session, keyring, public_url, organization, person.user_id)
        shown = LinkAnswer.model_validate({**asdict(link), "expires_at": member.invitation_expires})
        answer = answer.model_copy(update={"invitation": shown})
    # registering has led elsewhere; what is kept for the Idempotency-Key is whose request it is
    await enter_as_operator(session, organization.id, actor_id=person.user_id)
    response.headers["Location"] = f"/api/v1/organizations/{organization.id}"
    tag(response, organization.version)
    return answer


@router.get("", responses=describe(Invalid))
async def list_organizations(
    asked: Annotated[OrganizationFilter, Query()],
    actor: Asking,
    auth: AuthDatabase,
    session: ReadingSession,
) -> Listing[OrganizationAnswer]:
    """The companies that you belong to, by name; all of them for those who run the hub."""
    standings = await standings_of(auth, actor)
    seen = [each.organization.id for each in standings if each.can(Permission.ORGANIZATION_READ)]
    await enter_as_operator(session, *seen, actor_id=actor.id)
    rows, counted = await queries.organizations(session, asked)
    return Listing.of([OrganizationAnswer.model_validate(row) for row in rows], counted, asked)


@router.get(
    "/{organization_id}",
    response_model=OrganizationAnswer,
    openapi_extra=needs(Permission.ORGANIZATION_READ),
    responses=describe(NotFound),
)
async def get_organization(organization: OrganizationToRead, response: Response) -> Organization:
    """One company; its ETag is what a change must name."""
    tag(response, organization.version)
    return organization


async def _organization_to_change(here: Here, session: TenantWriting) -> Organization:
    return await life.find_to_change(session, here.organization.id)


_OrganizationToChange = Annotated[Organization, Depends(_organization_to_change, scope="function")]


@router.patch(
    "/{organization_id}",
    response_model=OrganizationAnswer,
    openapi_extra=needs(Permission.ORGANIZATION_CHANGE),
    responses=describe(Unreadable, NotFound, Conflict, Stale, Invalid, PreconditionRequired),
)
async def change_organization(
    *,
    organization: _OrganizationToChange,
    wanted: OrganizationChange,
    expected: IfMatch,
    here: Here,
    session: TenantWriting,
    response: Response,
) -> Organization:
    """Change what is named; `settings` are replaced whole."""
    expected.check(organization.version)
    await life.change(session, here, organization, wanted)
    tag(response, organization.version)
    return organization


@router.delete(
    "/{organization_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=needs(Permission.ORGANIZATION_TRANSFER),
    responses=describe(Unreadable, NotFound, Conflict, Stale, PreconditionRequired),
)
async def remove_organization(organization: _OrganizationToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Remove the company from the hub; 409 while it has plants that are in use. What happened in it is kept."""
    expected.check(organization.version)
    await life.remove(session, organization)
