"""Who belongs to an organization: roles, leaving, and whose it is."""

from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from solarhub.organizations.access import Standing
from solarhub.organizations.models import Organization, OrganizationMember
from solarhub.organizations.queries import members as queries
from solarhub.organizations.seniority import in_gift_of
from solarhub.organizations.vocabulary import OrgMemberRole

_LAST_OWNER = "Somebody has to own the organization: make another member its owner first."


async def find_to_change(session: Session, organization_id: UUID, member_id: UUID) -> OrganizationMember:
    """A member, or somebody invited, of the organization that the session stands in; both are locked.

    The organization comes first, so that those who change who owns it wait for one another.
    """
    await _locked(session, organization_id)
    member = await queries.member(session, member_id)
    if member is None:
        raise NotFound
    return member


async def change_role(session: Session, here: Standing, member: OrganizationMember, role: OrgMemberRole) -> None:
    """Forbidden where owners are made or unmade by others than owners; Conflict for the last owner."""
    _check_gift(here, member.role, role)
    if member.role is OrgMemberRole.OWNER and role is not OrgMemberRole.OWNER:
        await _step_down(session, member)
    member.role = role
    await session.flush()


async def remove(session: Session, here: Standing, member: OrganizationMember) -> None:
    """Ends a membership, or an invitation to one, and the API keys that were made in it."""
    _check_gift(here, member.role)
    acting(session, "member.remove")
    await _end(session, member)


async def leave(session: Session, here: Standing) -> None:
    """Ends the membership of whoever asks. Conflict for the last owner, and for who is no member."""
    _check_person(here)
    await _locked(session, here.organization.id)
    member = await queries.membership(session, here.organization.id, here.actor.user_id)
    if member is None or member.removed_at is not None or member.joined_at is None:
        raise Conflict("You are not a member of this organization.")
    acting(session, "member.leave")
    await _end(session, member)


async def transfer(session: Session, here: Standing, user_id: UUID) -> Organization:
    """Makes a member the organization's owner, and whoever gives it away an admin.

    The giver is the owner who asks, or the present one where it is a super admin. Invalid for who is no member.
    """
    _check_person(here)
    organization = await _locked(session, here.organization.id)
    receiver = await queries.membership(session, organization.id, user_id)
    if receiver is None or receiver.removed_at is not None or receiver.joined_at is None:
        refused = FieldError("user_id", str(user_id), "is not a member of this organization", "a member's user id")
        raise Invalid([refused])
    if user_id == organization.owner_id:
        raise Conflict("The organization is theirs already.")
    acting(session, "organization.transfer")
    giver = await _owner_row(session, organization.id, here.actor.user_id)
    if giver is None or giver.user_id == user_id:
        giver = await _owner_row(session, organization.id, organization.owner_id)
    if giver is not None:
        giver.role = OrgMemberRole.ADMIN
    receiver.role = OrgMemberRole.OWNER
    organization.owner_id = user_id
    await session.flush()
    return organization


async def _owner_row(session: Session, organization_id: UUID, user_id: UUID) -> OrganizationMember | None:
    found = await queries.membership(session, organization_id, user_id)
    if found is None or found.removed_at is not None or found.role is not OrgMemberRole.OWNER:
        return None
    return found


async def _end(session: Session, member: OrganizationMember) -> None:
    if member.role is OrgMemberRole.OWNER:
        await _step_down(session, member)
    member.removed_at = now()
    member.invitation_token = None
    member.invitation_expires = None
    # else they would open again if the person came back
    for key in await queries.keys_in_force(session, member.organization_id, member.user_id):
        key.revoked_at = now()
    await session.flush()


async def _step_down(session: Session, member: OrganizationMember) -> None:
    """Leaves the organization to another owner. Conflict when there is none."""
    if member.joined_at is None:
        return
    others = [user_id for user_id in await queries.owners(session, member.organization_id) if user_id != member.user_id]
    if not others:
        raise Conflict(_LAST_OWNER)
    organization = await _locked(session, member.organization_id)
    if organization.owner_id == member.user_id:
        organization.owner_id = others[0]


async def _locked(session: Session, organization_id: UUID) -> Organization:
    found = await queries.lock_organization(session, organization_id)
    if found is None:
        raise NotFound
    return found


def _check_gift(here: Standing, *roles: OrgMemberRole) -> None:
    if not in_gift_of(here.role).issuperset(roles):
        raise Forbidden("Only owners make, change and remove owners.")


def _check_person(here: Standing) -> None:
    if here.actor.key is not None:
        raise Forbidden("Only a person can do this: sign in instead of using an API key.")
