"""A plant changes hands: with its devices, tokens, history, alerts and rules, in one transaction.

What stays behind is a dated grant, where the giver keeps a role. Raw samples follow by the worker.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from solarhub.audit.recording import acting, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session, after_commit
from solarhub.kit.errors import Conflict
from solarhub.kit.sealing import Keyring
from solarhub.organizations.access import KnownOrganization
from solarhub.organizations.models import Organization, SiteGrant
from solarhub.sites.hooks import AFTER_HANDOVER, BEFORE_HANDOVER, HANDING_OVER
from solarhub.sites.models import SiteHandover
from solarhub.sites.queries import handovers as queries


@dataclass(frozen=True, slots=True)
class Party:
    """One of the two between whom a plant changes hands."""

    id: UUID
    name: str

    @classmethod
    def of(cls, organization: KnownOrganization | Organization) -> "Party":
        return cls(organization.id, organization.name)


async def complete(
    session: Session, keyring: Keyring, handover: SiteHandover, *, giver: Party, receiver: Party, accepted_by: UUID
) -> None:
    """Moves the plant; the session stands in both organizations, and `handover` is locked.

    Conflict for a plant that was removed, or is somebody else's by now.
    """
    site = await queries.site_to_move(session, giver.id, handover.site_id)
    if site is None:
        raise Conflict("This plant cannot be handed over any more: it was removed, or has changed hands.")
    if giver.id == receiver.id:
        raise Conflict("This plant belongs to that organization already.")
    for hold in BEFORE_HANDOVER:
        await hold(session, site.id)
    at = now()
    acting(session, "site.hand_over")
    handover.to_organization_id = receiver.id
    handover.accepted_by = accepted_by
    handover.accepted_at = at
    handover.invitation_token = None
    handover.site_name = site.name
    await session.flush()
    handover.device_keys = await queries.move(session, site.id, receiver.id)
    await session.refresh(site)
    _leave_a_grant(session, handover, giver, at)
    await session.flush()
    for hand_over in HANDING_OVER:
        await hand_over(session, keyring, site.id, giver.id, receiver.id)
    told = {"name": site.name, "from": giver.name, "devices": len(handover.device_keys)}
    await record(session, "site.receive", "site", site.id, organization_id=receiver.id, after=told)
    for look_again in AFTER_HANDOVER:
        after_commit(session, look_again)


def _leave_a_grant(session: Session, handover: SiteHandover, giver: Party, at: datetime) -> None:
    """What the giver keeps, unless its time was over before anybody accepted."""
    if handover.keep_role is None or (handover.keep_until is not None and handover.keep_until <= at):
        return
    session.add(
        SiteGrant(
            organization_id=handover.to_organization_id,
            site_id=handover.site_id,
            grantee_organization_id=giver.id,
            role=handover.keep_role,
            expires_at=handover.keep_until,
            granted_by=handover.accepted_by,
            invited_name=giver.name,
            accepted_at=at,
        )
    )
