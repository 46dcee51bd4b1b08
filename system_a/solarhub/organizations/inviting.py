"""Invitations to a place among the members: made, sent again, withdrawn and taken up.

Whoever invites learns nothing of the account behind the address, not even whether there is one: the answer, the mail
and what is listed afterwards say what the inviter typed.
"""

from uuid import UUID

from solarhub.accounts.models import User
from solarhub.accounts.registration import find_or_begin, pending
from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, Forbidden, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.organizations import wording
from solarhub.organizations.access import KnownOrganization, Standing, enter_as_operator
from solarhub.organizations.handing_out import hand_out
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.invitations import Acceptance, Invited, NotValidAnyMore, Place, renew
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.queries import invitations as queries
from solarhub.organizations.queries import organization as organization_of
from solarhub.organizations.queries.members import lock_organization, membership
from solarhub.organizations.schemas.invitations import InvitationRequest
from solarhub.organizations.seniority import in_gift_of
from solarhub.organizations.settings import OrganizationSettings
from solarhub.organizations.vocabulary import InvitationSort, OrganizationStatus, OrgMemberRole

_EVENT = "invitation"


async def invite(
    session: Session, keyring: Keyring, public_url: str, here: Standing, wanted: InvitationRequest
) -> tuple[OrganizationMember, InvitationLink]:
    """A place that waits for somebody, with the mail that tells of it. Forbidden for a role above one's gift.

    Conflict for who belongs to the organization already, or is invited.
    """
    _check_gift(here, wanted.role)
    # two invitations of one person come one after the other
    await lock_organization(session, here.organization.id)
    user = await find_or_begin(session, wanted.email)
    member = await membership(session, here.organization.id, user.id)
    if member is None:
        member = OrganizationMember(organization_id=here.organization.id, user_id=user.id, role=wanted.role)
    elif member.removed_at is None:
        said = "belongs to the organization already" if member.joined_at else "is invited already: send it again"
        raise Conflict(f"Whoever has that e-mail address {said}.", member_id=str(member.id))
    member.role = wanted.role
    member.invited_by = here.actor.user_id
    member.invited_email = wanted.email.lower()
    member.invited_name = " ".join(filter(None, (wanted.first_name, wanted.last_name))) or None
    member.invited_phone = wanted.phone
    member.invitation_accepted = False
    member.joined_at = None
    member.removed_at = None
    session.add(member)
    acting(session, "member.invite")
    return member, await _send(session, keyring, public_url, here.organization, member)


async def resend(
    session: Session, keyring: Keyring, public_url: str, here: Standing, member: OrganizationMember
) -> InvitationLink:
    """A new link, which runs from now; the old one opens nothing any more."""
    _check_gift(here, member.role)
    acting(session, "member.invite_again")
    return await _send(session, keyring, public_url, here.organization, member)


async def withdraw(session: Session, here: Standing, member: OrganizationMember) -> None:
    """The link opens nothing any more."""
    _check_gift(here, member.role)
    acting(session, "member.withdraw_invitation")
    member.removed_at = now()
    member.invitation_token = None
    member.invitation_expires = None
    await session.flush()


async def find_waiting(session: Session, member_id: UUID) -> OrganizationMember:
    """An invitation that nobody has taken up, in force or run out; locked. NotFound."""
    found = await queries.waiting_member(session, member_id)
    if found is None:
        raise NotFound
    return found


async def awaits_password(auth: Session, user_id: UUID) -> bool:
    """Whether somebody can sign in only once a link has let them in; also for one entered in a transaction that the
    auth role does not see yet."""
    return await queries.person(auth, user_id) is None or await pending(auth, user_id) is not None


async def invite_owner(
    session: Session, keyring: Keyring, public_url: str, organization: Organization, inviter_id: UUID
) -> tuple[OrganizationMember, InvitationLink]:
    """The owner of a new organization, who has no password yet, joins it by a link like everybody."""
    member = await membership(session, organization.id, organization.owner_id)
    owner = await queries.person(session, organization.owner_id)
    if member is None or owner is None:
        raise NotFound
    member.invited_by = inviter_id
    member.invited_email = owner.email
    member.invited_name = f"{owner.first_name} {owner.last_name}".strip() or None
    member.invited_phone = owner.phone
    member.invitation_accepted = False
    member.joined_at = None
    return member, await _send(session, keyring, public_url, organization, member)


def _check_gift(here: Standing, role: OrgMemberRole) -> None:
    if role not in in_gift_of(here.role):
        raise Forbidden("Only owners invite owners.")


async def _send(
    session: Session,
    keyring: Keyring,
    public_url: str,
    organization: KnownOrganization | Organization,
    member: OrganizationMember,
) -> InvitationLink:
    token, until = renew(member)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("Whoever has that e-mail address is invited already.") from None
    settings = OrganizationSettings.from_stored(organization.settings)
    inviter = await queries.person(session, member.invited_by) if member.invited_by is not None else None
    words = wording.membership_invitation(
        settings.language,
        organization=organization.name,
        inviter=f"{inviter.first_name} {inviter.last_name}".strip() if inviter is not None else None,
        role=member.role,
        until=until,
        timezone=settings.timezone,
    )
    return await hand_out(
        session,
        keyring,
        words,
        public_url=public_url,
        token=token,
        organization_id=organization.id,
        event=_EVENT,
        email=member.invited_email,
        phone=member.invited_phone,
    )


class MembershipInvitations:
    """The kind of invitation that leads to a place among the members."""

    async def look(self, auth: Session, token_sha256: str) -> Invited | None:
        row = await queries.membership_invited(auth, token_sha256)
        if row is None:
            return None
        return Invited(
            kind=InvitationSort.MEMBERSHIP,
            id=row.id,
            organization_id=row.organization_id,
            organization_name=row.organization_name,
            expires_at=row.invitation_expires,
            email=row.invited_email,
            name=row.invited_name,
            phone=row.invited_phone,
            user_id=row.user_id,
            role=row.role,
            invited_by=row.inviter,
            token_sha256=token_sha256,
        )

    async def accept(
        self,
        session: Session,
        keyring: Keyring,  # noqa: ARG002 - kinds that write to somebody need it
        invited: Invited,
        user: User,
        wish: Acceptance,  # noqa: ARG002 - kinds that choose an organization need it
    ) -> Place:
        await enter_as_operator(session, invited.organization_id, actor_id=user.id)
        member = await queries.take_up(session, invited.token_sha256)
        organization = await organization_of(session, invited.organization_id)
        if member is None or organization is None or member.user_id != user.id:
            raise NotValidAnyMore
        if organization.status != OrganizationStatus.ACTIVE:
            raise Conflict(f"{organization.name} is {organization.status} at the moment.", state=organization.status)
        acting(session, "member.join")
        member.invitation_token = None
        member.invitation_expires = None
        member.invitation_accepted = True
        member.joined_at = now()
        await session.flush()
        return Place(organization.id, organization.name, member.role)
