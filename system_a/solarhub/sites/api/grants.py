"""Who sees one plant, over HTTP: as its organization says, and as whoever borrows it sees."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response, status
from fastapi.responses import StreamingResponse

from solarhub.accounts.deps import AuthDatabase
from solarhub.accounts.throttle import spend
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, TooManyRequests
from solarhub.kit.http import AuthSession, IfMatch, Keys, PublicUrl, Router, describe, tag
from solarhub.kit.http.exports import AS_FILE, FORMAT, ExportFormat, answers_of, export
from solarhub.kit.paging import Listing, Page
from solarhub.organizations.deps import Here, TenantReading, TenantStream, TenantWriting, needs
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.models import SiteGrant
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.sites import borrowing, grants
from solarhub.sites.deps import SiteToChange, SiteToRead
from solarhub.sites.queries import grants as queries
from solarhub.sites.schemas import (
    GrantAnswer,
    GrantChange,
    GrantFilter,
    GrantRequest,
    GrantSelection,
    LoanAnswer,
    SentGrant,
)

router = Router(prefix="/organizations/{organization_id}", tags=["grants"])

_READING = needs(Permission.GRANTS_READ)
_CHANGING = needs(Permission.GRANTS_CHANGE)
_BORROWING = needs(Permission.ORGANIZATION_CHANGE)


async def _grant_to_change(site_id: UUID, grant_id: UUID, session: TenantWriting) -> SiteGrant:
    return await grants.find_to_change(session, site_id, grant_id)


_GrantToChange = Annotated[SiteGrant, Depends(_grant_to_change, scope="function")]


@router.get("/grants", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_grants(
    wanted: Annotated[GrantFilter, Query()], here: Here, session: TenantReading
) -> Listing[GrantAnswer]:
    """Everybody who sees a plant of the organization without belonging to it, or is invited to, by plant."""
    rows, counted = await queries.grants(session, here.organization.id, wanted)
    return Listing.of([GrantAnswer.model_validate(row) for row in rows], counted, wanted)


class _Export(GrantSelection):
    format: Annotated[ExportFormat, FORMAT]


@router.get(
    "/grants/export",
    response_class=StreamingResponse,
    responses=AS_FILE | describe(NotFound, Invalid),
    openapi_extra=_READING,
)
async def export_grants(wanted: Annotated[_Export, Query()], here: Here, stream: TenantStream) -> StreamingResponse:
    """Everybody who sees a plant of the organization without belonging to it, or is invited to, as a file."""
    answers = answers_of(
        stream, lambda session: queries.every_grant(session, here.organization.id, wanted), GrantAnswer.model_validate
    )
    return export("grants", answers, GrantAnswer, wanted.format)


@router.get("/sites/{site_id}/grants", responses=describe(NotFound, Invalid), openapi_extra=_READING)
async def list_grants_of_site(
    site: SiteToRead, page: Annotated[Page, Query()], here: Here, session: TenantReading
) -> Listing[GrantAnswer]:
    """Who sees this plant without belonging to its organization, or is invited to."""
    wanted = GrantFilter(site_id=site.id, **dict(page))
    rows, counted = await queries.grants(session, here.organization.id, wanted)
    return Listing.of([GrantAnswer.model_validate(row) for row in rows], counted, page)


@router.post(
    "/sites/{site_id}/grants",
    status_code=status.HTTP_201_CREATED,
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CHANGING,
)
async def grant_site(
    site: SiteToChange,
    wanted: GrantRequest,
    *,
    here: Here,
    session: TenantWriting,
    auth: AuthDatabase,
    keyring: Keys,
    public_url: PublicUrl,
    response: Response,
) -> SentGrant:
    """Let a person or an organization see one plant. The link is shown this once; no mail server is needed."""
    if wanted.email is not None:
        await spend(auth, "letter.account", wanted.email.lower())
    made, link = await grants.grant(session, here, site, wanted, keyring=keyring, public_url=public_url)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/sites/{site.id}/grants/{made.id}"
    return await _sent(session, made, link, response)


@router.patch(
    "/sites/{site_id}/grants/{grant_id}",
    responses=describe(NotFound, Stale, Invalid, PreconditionRequired),
    openapi_extra=_CHANGING,
)
async def change_grant(
    found: _GrantToChange, wanted: GrantChange, expected: IfMatch, session: TenantWriting, response: Response
) -> GrantAnswer:
    """Give another role, or another end; both hold from the next request on."""
    expected.check(found.version)
    await grants.change(session, found, wanted)
    tag(response, found.version)
    return GrantAnswer.model_validate(await queries.told(session, found.id))


@router.delete(
    "/sites/{site_id}/grants/{grant_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound, Stale, Invalid, PreconditionRequired),
    openapi_extra=_CHANGING,
)
async def remove_grant(found: _GrantToChange, expected: IfMatch, session: TenantWriting) -> None:
    """End a grant at once. The link of an invitation opens nothing any more."""
    expected.check(found.version)
    await grants.remove(session, found)


@router.post(
    "/sites/{site_id}/grants/{grant_id}/resend",
    responses=describe(NotFound, Conflict, Invalid, TooManyRequests),
    openapi_extra=_CHANGING,
)
async def resend_grant(
    site: SiteToRead,
    found: _GrantToChange,
    *,
    here: Here,
    session: TenantWriting,
    auth: AuthDatabase,
    keyring: Keys,
    public_url: PublicUrl,
    response: Response,
) -> SentGrant:
    """Make a new link to a grant, which runs from now; the old one opens nothing. 409 for one that was accepted."""
    if found.invited_email is not None:
        await spend(auth, "letter.account", found.invited_email)
    link = await grants.resend(session, here, site, found, keyring=keyring, public_url=public_url)
    return await _sent(session, found, link, response)


async def _sent(session: Session, found: SiteGrant, link: InvitationLink, response: Response) -> SentGrant:
    tag(response, found.version)
    told = GrantAnswer.model_validate(await queries.told(session, found.id))
    return SentGrant(**dict(told), invitation=shown_link(link, found))


def shown_link(link: InvitationLink, found: SiteGrant) -> LinkAnswer:
    """A link as it is shown, once."""
    return LinkAnswer.model_validate(
        {
            "link": link.link,
            "qr_svg": link.qr_svg,
            "whatsapp_link": link.whatsapp_link,
            "expires_at": found.invitation_expires,
        }
    )


# ------------------------------------------------------------------------------------------------ what is borrowed


@router.get("/borrowed-sites", responses=describe(NotFound, Invalid), openapi_extra=needs(Permission.ORGANIZATION_READ))
async def list_borrowed_sites(
    page: Annotated[Page, Query()], here: Here, _session: TenantReading, auth: AuthSession
) -> Listing[LoanAnswer]:
    """Plants of others that were lent to this organization, or are offered to it."""
    rows, counted = await queries.loans(auth, here.organization.id, here.organization.slug, page)
    return Listing.of([LoanAnswer.model_validate(row) for row in rows], counted, page)


@router.post("/borrowed-sites/{grant_id}/accept", responses=describe(NotFound, Conflict), openapi_extra=_BORROWING)
async def accept_borrowed_site(grant_id: UUID, here: Here, session: TenantWriting, auth: AuthSession) -> LoanAnswer:
    """Take up a plant that was offered to this organization: its members see it, up to the role that was granted."""
    offer = await borrowing.accept_offer(session, auth, here, grant_id)
    return LoanAnswer.model_validate(offer)


@router.delete(
    "/borrowed-sites/{grant_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=describe(NotFound),
    openapi_extra=_BORROWING,
)
async def give_site_back(grant_id: UUID, here: Here, session: TenantWriting, auth: AuthSession) -> None:
    """Decline an offer, or give a borrowed plant back: nobody here sees it any more."""
    await borrowing.give_back(session, auth, here, grant_id)
