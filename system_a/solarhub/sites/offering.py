"""A plant is offered to another organization: made, withdrawn and taken up.

An organization is named by slug or id, and nobody looks whether there is one, unless the giver brings plants there
too: then the plant goes at once.
"""

from uuid import UUID

from solarhub.accounts.models import User
from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.organizations import access
from solarhub.organizations.access import Standing
from solarhub.organizations.handing_out import hand_out
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.invitations import Acceptance, Invited, NotValidAnyMore, Place, renew
from solarhub.organizations.models import Organization
from solarhub.organizations.registration import found as found_organization
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.organizations import OrganizationProfile
from solarhub.organizations.settings import OrganizationSettings
from solarhub.organizations.vocabulary import InvitationSort, OrganizationStatus, OrgMemberRole
from solarhub.sites import wording
from solarhub.sites.ends import Reach, check_end
from solarhub.sites.handover import Party, complete
from solarhub.sites.models import Site, SiteHandover
from solarhub.sites.queries import grants, handovers
from solarhub.sites.schemas import HandoverRequest


async def offer(
    session: Session,
    auth_database: Database,
    here: Standing,
    site: Site,
    wanted: HandoverRequest,
    *,
    keyring: Keyring,
    public_url: str,
) -> tuple[SiteHandover, InvitationLink | None]:
    """Hands over a plant that is locked, or offers it; the link of an offer. Conflict while another offer is open."""
    check_end("keep_until", wanted.keep_until, Reach.FIFTY_YEARS, at=now())
    await _make_room(session, site.id)
    made = SiteHandover(
        organization_id=site.organization_id,
        site_id=site.id,
        site_name=site.name,
        offered_by=here.actor.user_id,
        invited_name=wanted.name,
        invited_email=wanted.email.lower() if wanted.email else None,
        invited_phone=wanted.phone,
        invited_organization=wanted.organization,
        keep_role=OrgMemberRole(wanted.keep_role) if wanted.keep_role else None,
        keep_until=wanted.keep_until,
        device_keys=[],
    )
    session.add(made)
    acting(session, "handover.offer")
    there = await _own(auth_database, here, wanted.organization)
    if there is None:
        return made, await _send(session, here, site, made, keyring=keyring, public_url=public_url)
    there.check_writable()
    there.check_second_factor()
    await access.enter_both(session, (here, Permission.SITES_HAND_OVER), (there, Permission.SITES_CREATE))
    giver, receiver = Party.of(here.organization), Party.of(there.organization)
    await complete(session, keyring, made, giver=giver, receiver=receiver, accepted_by=here.actor.user_id)
    return made, None


async def _make_room(session: Session, site_id: UUID) -> None:
    """An offer that ran out makes way for the next one."""
    before = await handovers.open_handover(session, site_id)
    if before is None:
        return
    if before.invitation_expires is not None and before.invitation_expires > now():
        raise Conflict(
            "This plant is offered to somebody already: withdraw that offer first.", handover_id=str(before.id)
        )
    acting(session, "handover.lapse")
    before.withdrawn_at = now()
    before.invitation_token = None
    await session.flush()


async def _own(auth_database: Database, here: Standing, named: str | None) -> Standing | None:
    """How the actor stands in the organization that is named, if they bring plants there; strangers are not asked."""
    if named is None:
        return None
    for standing in await access.standings_of(auth_database, here.actor):
        if named in (standing.organization.slug, str(standing.organization.id)):
            return standing if standing.can(Permission.SITES_CREATE) else None
    return None


async def _send(
    session: Session, here: Standing, site: Site, made: SiteHandover, *, keyring: Keyring, public_url: str
) -> InvitationLink:
    token, until = renew(made)
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("This plant is offered to somebody already: withdraw that offer first.") from None
    organization = here.organization
    settings = OrganizationSettings.from_stored(organization.settings)
    words = wording.handover_offer(
        settings.language,
        site=site.name,
        organization=organization.name,
        inviter=await grants.person_named(session, here.actor.user_id),
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
        event="handover.offer",
        email=made.invited_email,
        phone=made.invited_phone,
    )


async def withdraw(session: Session, here: Standing, handover_id: UUID) -> None:
    """The link opens nothing any more. NotFound; Conflict for one that was accepted or withdrawn."""
    made = await handovers.offer_to_withdraw(session, here.organization.id, handover_id)
    if made is None:
        raise NotFound
    if made.accepted_at is not None:
        raise Conflict("This plant has changed hands already.", state="accepted")
    if made.withdrawn_at is not None:
        raise Conflict("This offer was withdrawn already.", state="withdrawn")
    acting(session, "handover.withdraw")
    made.withdrawn_at = now()
    made.invitation_token = None
    await session.flush()


# -------------------------------------------------------------------------------------------------- taking one up


class HandoverInvitations:
    """The kind of invitation that brings a whole plant."""

    async def look(self, auth: Session, token_sha256: str) -> Invited | None:
        row = await handovers.offered(auth, token_sha256)
        if row is None:
            return None
        return Invited(
            kind=InvitationSort.HANDOVER,
            id=row.id,
            organization_id=row.organization_id,
            organization_name=row.organization_name,
            expires_at=row.invitation_expires,
            email=row.invited_email,
            name=row.invited_organization or row.invited_name,
            phone=row.invited_phone,
            site_id=row.site_id,
            site_name=row.site_name,
            invited_by=row.offerer,
            token_sha256=token_sha256,
        )

    async def accept(self, session: Session, keyring: Keyring, invited: Invited, user: User, wish: Acceptance) -> Place:
        if wish.organization_id is not None:
            standing = await access.standing_of(wish.auth_database, wish.actor, wish.organization_id)
            _check_may_take(standing)
            receiver, names = Party.of(standing.organization), _names(standing)
            role = standing.role or OrgMemberRole.OWNER
        elif wish.organization_name is not None:
            founded = await found_organization(session, user, OrganizationProfile(name=wish.organization_name))
            receiver, names, role = Party.of(founded), (founded.slug, str(founded.id)), OrgMemberRole.OWNER
        else:
            allowed = "the id of an organization of yours, or organization_name for a new one"
            message = "is required: a plant goes to an organization"
            raise Invalid([FieldError("organization_id", None, message, allowed)])
        await access.enter_as_operator(session, invited.organization_id, receiver.id, actor_id=user.id)
        made = await handovers.offer_to_take_up(session, token_sha256=invited.token_sha256)
        if made is None:
            raise NotValidAnyMore
        if made.invited_organization is not None and made.invited_organization not in names:
            raise Conflict(f"This plant is offered to another organization: {made.invited_organization}.")
        await _take_up(session, keyring, made, receiver, user.id)
        return Place(receiver.id, receiver.name, role, made.site_id, made.site_name)


async def accept_offer(
    session: Session, auth: Session, keyring: Keyring, here: Standing, handover_id: UUID
) -> SiteHandover:
    """Takes up a plant that was offered to the organization by its name. NotFound; Conflict for one that is gone."""
    row = await handovers.handover(auth, here.organization.id, here.organization.slug, handover_id)
    if row is None or row.organization_id == here.organization.id:
        raise NotFound
    _check_may_take(here)
    await access.enter_as_operator(session, row.organization_id, here.organization.id, actor_id=here.actor.user_id)
    made = await handovers.offer_to_take_up(session, handover_id=handover_id)
    if made is None:
        raise Conflict("This offer was accepted already, withdrawn, or has run out.", state=row.state)
    await _take_up(session, keyring, made, Party.of(here.organization), here.actor.user_id)
    return made


async def _take_up(session: Session, keyring: Keyring, made: SiteHandover, receiver: Party, accepted_by: UUID) -> None:
    giver = await session.get_one(Organization, made.organization_id)
    if giver.status != OrganizationStatus.ACTIVE:
        raise Conflict(f"{giver.name} is {giver.status} at the moment.", state=giver.status)
    await complete(session, keyring, made, giver=Party.of(giver), receiver=receiver, accepted_by=accepted_by)


def _check_may_take(standing: Standing) -> None:
    standing.check_writable()
    standing.check_second_factor()
    if not standing.can(Permission.SITES_HAND_OVER):
        raise Forbidden("Only an owner or admin takes plants over for an organization.")


def _names(standing: Standing) -> tuple[str, str]:
    return standing.organization.slug, str(standing.organization.id)
