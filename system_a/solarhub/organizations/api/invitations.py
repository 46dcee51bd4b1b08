"""Invitations over HTTP: making them inside an organization, and taking them up from outside."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response, status

from solarhub.accounts.deps import AuthDatabase, Hashing, session_person
from solarhub.accounts.network import network_of
from solarhub.accounts.person import Person
from solarhub.accounts.throttle import spend
from solarhub.kit.errors import Conflict, Invalid, NotFound, TooManyRequests, Unauthenticated, Unreadable
from solarhub.kit.http import Keys, PublicUrl, Router, WritingSession, client_address, describe
from solarhub.kit.paging import Listing, Page
from solarhub.organizations import acceptance, inviting
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs, trail_of
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.models import OrganizationMember
from solarhub.organizations.queries import invitations as queries
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.invitations import (
    InvitationAcceptance,
    InvitationAnswer,
    InvitationRequest,
    InvitationToken,
    InvitedAnswer,
    PlaceAnswer,
    SentInvitation,
)
from solarhub.organizations.vocabulary import InvitationSort

router = Router(prefix="/organizations/{organization_id}/invitations", tags=["members"])
public = Router(prefix="/invitations", tags=["invitations"])

_CHANGE = needs(Permission.MEMBERS_CHANGE)


async def _waiting(invitation_id: UUID, session: TenantWriting) -> OrganizationMember:
    return await inviting.find_waiting(session, invitation_id)


_Waiting = Annotated[OrganizationMember, Depends(_waiting, scope="function")]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_CHANGE,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
)
async def invite_member(
    *,
    wanted: InvitationRequest,
    here: Here,
    session: TenantWriting,
    auth: AuthDatabase,
    keyring: Keys,
    public_url: PublicUrl,
    response: Response,
) -> SentInvitation:
    """Invite somebody to the organization, whether they have an account or not. The link goes out by e-mail, and stands
    in the answer, this once, to be handed over in any other way."""
    await spend(auth, "letter.account", wanted.email.lower())
    member, link = await inviting.invite(session, keyring, public_url, here, wanted)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/invitations/{member.id}"
    return _sent(member, link)


@router.get("", openapi_extra=needs(Permission.MEMBERS_READ), responses=describe(NotFound, Invalid))
async def list_invitations(page: Annotated[Page, Query()], session: TenantReading) -> Listing[InvitationAnswer]:
    """Invitations to the organization and to single plants that nobody has taken up, newest first."""
    rows, counted = await queries.waiting(session, page)
    return Listing.of([InvitationAnswer.model_validate(row) for row in rows], counted, page)


@router.post("/{invitation_id}/resend", openapi_extra=_CHANGE, responses=describe(NotFound))
async def resend_invitation(
    *,
    member: _Waiting,
    here: Here,
    session: TenantWriting,
    auth: AuthDatabase,
    keyring: Keys,
    public_url: PublicUrl,
) -> SentInvitation:
    """Send an invitation to the organization again, with a new link that runs from now. The old one dies."""
    await spend(auth, "letter.account", member.invited_email)
    return _sent(member, await inviting.resend(session, keyring, public_url, here, member))


@router.delete(
    "/{invitation_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=_CHANGE,
    responses=describe(NotFound),
)
async def withdraw_invitation(member: _Waiting, here: Here, session: TenantWriting) -> None:
    """Take an invitation to the organization back: its link opens nothing any more."""
    await inviting.withdraw(session, here, member)


def _sent(member: OrganizationMember, link: InvitationLink) -> SentInvitation:
    return SentInvitation.model_validate(
        {
            "id": member.id,
            "kind": InvitationSort.MEMBERSHIP,
            "role": member.role,
            "site_id": None,
            "email": member.invited_email,
            "name": member.invited_name,
            "phone": member.invited_phone,
            "invited_by": member.invited_by,
            "created_at": member.updated_at,
            "expires_at": member.invitation_expires,
            **asdict(link),
        }
    )


async def _unhurried(request: Request, auth: AuthDatabase) -> Person | None:
    """Whoever is signed in, if anybody is; 429 for an address that asks too often."""
    await spend(auth, "invitation.address", network_of(client_address(request)))
    return await session_person(request)


_Anybody = Annotated[Person | None, Depends(_unhurried, scope="function")]


@public.post("/look", responses=describe(Unreadable, NotFound, Invalid, TooManyRequests))
async def look_at_invitation(wanted: InvitationToken, person: _Anybody, auth: AuthDatabase) -> InvitedAnswer:
    """What an invitation is for, and what it takes to take it up."""
    invited, step = await acceptance.look(auth, wanted.token.get_secret_value(), person)
    return InvitedAnswer.model_validate({**asdict(invited), "next_step": step})


@public.post("/accept", responses=describe(Unreadable, NotFound, Conflict, Invalid, Unauthenticated, TooManyRequests))
async def accept_invitation(
    *,
    wanted: InvitationAcceptance,
    person: _Anybody,
    session: WritingSession,
    auth: AuthDatabase,
    keyring: Keys,
    passwords: Hashing,
    request: Request,
) -> PlaceAnswer:
    """Take an invitation up, once. Whoever has an account signs in first; for others it begins here, with a password.

    401 asks to sign in first; 409 says whom it is for, to somebody else who is signed in.
    """
    place = await acceptance.accept(
        session,
        auth,
        passwords,
        keyring=keyring,
        wanted=wanted,
        person=person,
        trail_of=lambda actor: trail_of(request, actor),
    )
    return PlaceAnswer.model_validate(place)
