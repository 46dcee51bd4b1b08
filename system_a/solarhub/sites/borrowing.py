"""Grants from the other side: an invitation to one plant that is taken up, a plant that was offered or is borrowed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solarhub.accounts.models import User
from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.organizations import access
from solarhub.organizations.access import Standing
from solarhub.organizations.invitations import Acceptance, Invited, NotValidAnyMore, Place
from solarhub.organizations.models import Organization, SiteGrant
from solarhub.organizations.roles import Permission
from solarhub.organizations.vocabulary import InvitationSort, OrganizationStatus, OrgMemberRole
from solarhub.sites.queries import grants as queries
from solarhub.sites.schemas import LoanState


@dataclass(frozen=True, slots=True)
class Loan:
    """A plant of another organization that this one sees."""

    id: UUID
    organization_id: UUID
    organization_name: str
    site_id: UUID
    site_name: str
    role: OrgMemberRole
    state: LoanState
    expires_at: datetime | None
    created_at: datetime


class SiteGrantInvitations:
    """The kind of invitation that leads to one plant."""

    async def look(self, auth: Session, token_sha256: str) -> Invited | None:
        row = await queries.invited(auth, token_sha256)
        if row is None:
            return None
        return Invited(
            kind=InvitationSort.SITE_GRANT,
            id=row.id,
            organization_id=row.organization_id,
            organization_name=row.organization_name,
            expires_at=row.invitation_expires,
            email=row.invited_email,
            name=row.invited_organization or row.invited_name,
            phone=row.invited_phone,
            role=row.role,
            site_id=row.site_id,
            site_name=row.site_name,
            until=row.expires_at,
            invited_by=row.inviter,
            token_sha256=token_sha256,
        )

    async def accept(
        self,
        session: Session,
        keyring: Keyring,  # noqa: ARG002 - kinds that move secrets need it
        invited: Invited,
        user: User,
        wish: Acceptance,
    ) -> Place:
        await access.enter_as_operator(session, invited.organization_id, actor_id=user.id)
        found = await queries.grant_to_take_up(session, token_sha256=invited.token_sha256)
        if found is None:
            raise NotValidAnyMore
        if found.invited_organization is None:
            found.user_id = user.id
        else:
            await _borrow(found, await _borrower(found, wish))
        host = await _take_up(session, found)
        return Place(host.id, host.name, found.role, found.site_id, invited.site_name)


async def _borrower(found: SiteGrant, wish: Acceptance) -> Standing:
    """How the acceptor stands in the organization that the plant was offered to."""
    if wish.organization_id is None:
        allowed = "the id of the organization that it was offered to"
        message = "is required: this plant is offered to an organization"
        raise Invalid([FieldError("organization_id", None, message, allowed)])
    standing = await access.standing_of(wish.auth_database, wish.actor, wish.organization_id)
    if found.invited_organization not in (standing.organization.slug, str(standing.organization.id)):
        raise Conflict(f"This plant is offered to another organization: {found.invited_organization}.")
    return standing


async def _borrow(found: SiteGrant, standing: Standing) -> None:
    standing.check_writable()
    standing.check_second_factor()
    if not standing.can(Permission.ORGANIZATION_CHANGE):
        raise Forbidden("Only an owner or admin accepts plants for an organization.")
    if standing.organization.id == found.organization_id:
        raise Conflict("This plant belongs to that organization already.")
    found.grantee_organization_id = standing.organization.id
    found.invited_name = standing.organization.name


async def _take_up(session: Session, found: SiteGrant) -> Organization:
    """Writes it down; the plant's organization. Conflict for who sees the plant already, or while that is suspended."""
    with session.no_autoflush:  # what the unique indexes say of it is asked below
        host = await session.get_one(Organization, found.organization_id)
    if host.status != OrganizationStatus.ACTIVE:
        raise Conflict(f"{host.name} is {host.status} at the moment.", state=host.status)
    acting(session, "site_grant.accept")
    found.accepted_at = now()
    found.invitation_token = None
    found.invitation_expires = None
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("This plant can be seen there already, by an earlier grant.") from None
    return host


# ------------------------------------------------------------------------------------------------ what is borrowed


async def accept_offer(session: Session, auth: Session, here: Standing, grant_id: UUID) -> Loan:
    """Takes up a plant that was offered to the organization by its name. NotFound; Conflict for one that is gone."""
    offer = await queries.loan(auth, here.organization.id, here.organization.slug, grant_id)
    if offer is None:
        raise NotFound
    # the plant's organization is entered where its own offer leads
    await access.enter_as_operator(session, offer.organization_id, actor_id=here.actor.user_id)
    found = await queries.grant_to_take_up(session, grant_id=grant_id)
    if found is None:
        raise Conflict("This offer was accepted already, or has run out.", state=offer.state)
    await _borrow(found, here)
    await _take_up(session, found)
    return Loan(
        id=found.id,
        organization_id=offer.organization_id,
        organization_name=offer.organization_name,
        site_id=offer.site_id,
        site_name=offer.site_name,
        role=found.role,
        state=LoanState.ACTIVE,
        expires_at=found.expires_at,
        created_at=found.created_at,
    )


async def give_back(session: Session, auth: Session, here: Standing, grant_id: UUID) -> None:
    """Declines an offer, or gives a borrowed plant back: nobody here sees it any more. NotFound."""
    loan = await queries.loan(auth, here.organization.id, here.organization.slug, grant_id)
    if loan is None:
        raise NotFound
    await access.enter_as_operator(session, loan.organization_id, actor_id=here.actor.user_id)
    found = await queries.loan_to_end(session, grant_id)
    if found is None:
        raise NotFound
    acting(session, "site_grant.give_back")
    found.removed_at = now()
    found.invitation_token = None
    await session.flush()
