"""Who sees one plant: granted, changed, ended, sent again.

Whoever grants learns nothing of accounts and organizations. A person gets an invitation whether the hub knows the
address or not. An organization is named by slug or id, and nobody looks whether there is one: the offer stands under
that name, and an owner or admin of whoever bears it accepts. So nothing can be found out by trying names, and nobody
can push a plant, with its alerts, onto people who did not ask for it.
"""

from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, NotFound
from solarhub.kit.sealing import Keyring
from solarhub.organizations.access import KnownOrganization, Standing
from solarhub.organizations.handing_out import hand_out
from solarhub.organizations.invitation_link import InvitationLink
from solarhub.organizations.invitations import renew
from solarhub.organizations.models import SiteGrant
from solarhub.organizations.settings import OrganizationSettings
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites import wording
from solarhub.sites.ends import Reach, check_end
from solarhub.sites.models import Site
from solarhub.sites.queries import grants as queries
from solarhub.sites.schemas import GrantChange, GrantRequest, Invitee


async def grant(
    session: Session,
    here: Standing,
    site: Site,
    wanted: GrantRequest,
    *,
    keyring: Keyring,
    public_url: str,
    mail: bool = True,
    qr: bool = True,
) -> tuple[SiteGrant, InvitationLink]:
    """An invitation to see a plant that is locked, with a mail that tells of it and a QR code, unless nobody wants one.

    Conflict, naming the grant, for who has one there already.
    """
    check_end("expires_at", wanted.expires_at, Reach.FIFTY_YEARS, at=now())
    known = await find_alike(session, site.id, wanted)
    if known is not None:
        state = "was invited to" if known.accepted_at is None else "sees"
        raise Conflict(
            f"Whoever that is {state} this plant already: change that grant, or send it again.", grant_id=str(known.id)
        )
    made = SiteGrant(
        organization_id=site.organization_id,
        site_id=site.id,
        role=OrgMemberRole(wanted.role),
        expires_at=wanted.expires_at,
        granted_by=here.actor.user_id,
        invited_name=wanted.name,
        invited_email=wanted.email.lower() if wanted.email else None,
        invited_phone=wanted.phone,
        invited_organization=wanted.organization,
    )
    session.add(made)
    acting(session, "site_grant.create")
    link = await _send(session, here.organization, site, made, keyring=keyring, public_url=public_url, mail=mail, qr=qr)
    return made, link


async def find_alike(session: Session, site_id: UUID, wanted: Invitee) -> SiteGrant | None:
    """The open grant there of whoever is named so."""
    return await queries.grant_of(
        session,
        site_id,
        email=wanted.email.lower() if wanted.email else None,
        phone=wanted.phone,
        name=wanted.name,
        organization=wanted.organization,
    )


async def change(session: Session, found: SiteGrant, wanted: GrantChange) -> None:
    """Sets what the request named, on a grant that is locked."""
    if "expires_at" in wanted.model_fields_set:
        check_end("expires_at", wanted.expires_at, Reach.FIFTY_YEARS, at=now())
        found.expires_at = wanted.expires_at
    if "role" in wanted.model_fields_set:
        found.role = OrgMemberRole(wanted.role)
    acting(session, "site_grant.change")
    await session.flush()


async def remove(session: Session, found: SiteGrant) -> None:
    """Ends it at once; the link of an invitation opens nothing any more."""
    acting(session, "site_grant.remove")
    found.removed_at = now()
    found.invitation_token = None
    await session.flush()


async def resend(
    session: Session, here: Standing, site: Site, found: SiteGrant, *, keyring: Keyring, public_url: str
) -> InvitationLink:
    """A new link, which runs from now; the old one opens nothing any more. Conflict for one that was accepted."""
    if found.accepted_at is not None:
        raise Conflict("This invitation was accepted already.", state="accepted")
    check_end("expires_at", found.expires_at, Reach.FIFTY_YEARS, at=now())
    acting(session, "site_grant.invite_again")
    return await _send(session, here.organization, site, found, keyring=keyring, public_url=public_url)


async def find_to_change(session: Session, site_id: UUID, grant_id: UUID) -> SiteGrant:
    """Locked. NotFound for one that is not there, ended, or is another plant's."""
    found = await queries.grant_to_change(session, site_id, grant_id)
    if found is None:
        raise NotFound
    return found


async def _send(
    session: Session,
    organization: KnownOrganization,
    site: Site,
    invitation: SiteGrant,
    *,
    keyring: Keyring,
    public_url: str,
    mail: bool = True,
    qr: bool = True,
) -> InvitationLink:
    token, until = renew(invitation)
    await session.flush()
    settings = OrganizationSettings.from_stored(organization.settings)
    words = wording.grant_invitation(
        settings.language,
        site=site.name,
        organization=organization.name,
        inviter=await queries.person_named(session, invitation.granted_by),
        role=invitation.role,
        ends=invitation.expires_at,
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
        event="site_grant.invitation",
        email=invitation.invited_email if mail else None,
        phone=invitation.invited_phone,
        qr=qr,
    )
