"""What becomes of an organization: changed, suspended and taken back, closed, removed."""

from collections.abc import Mapping
from types import MappingProxyType
from uuid import UUID

from solarhub.audit.recording import acting
from solarhub.kit.clock import now
from solarhub.kit.db import Session, UniqueViolated, violations
from solarhub.kit.errors import Conflict, NotFound
from solarhub.organizations.access import Standing
from solarhub.organizations.models import Organization
from solarhub.organizations.queries import members as queries
from solarhub.organizations.schemas.organizations import OrganizationChange
from solarhub.organizations.settings import OrganizationSettings
from solarhub.organizations.vocabulary import OrganizationStatus

_MOVES: Mapping[str, tuple[frozenset[OrganizationStatus], OrganizationStatus]] = MappingProxyType(
    {
        "suspend": (frozenset({OrganizationStatus.ACTIVE}), OrganizationStatus.SUSPENDED),
        "reactivate": (frozenset({OrganizationStatus.SUSPENDED, OrganizationStatus.CLOSED}), OrganizationStatus.ACTIVE),
        "close": (frozenset({OrganizationStatus.ACTIVE, OrganizationStatus.SUSPENDED}), OrganizationStatus.CLOSED),
    }
)
"""Each verb, with the states that it begins from and the one that it ends in."""


async def find_to_change(session: Session, organization_id: UUID) -> Organization:
    """The one that the session stands in, locked. NotFound when it was removed at this moment."""
    found = await queries.lock_organization(session, organization_id)
    if found is None:
        raise NotFound
    return found


async def change(session: Session, here: Standing, organization: Organization, wanted: OrganizationChange) -> None:
    """Sets what the request named; `settings` are replaced whole.

    Conflict for a slug that is taken, and for asking for second factors by somebody who signed in without one: nobody
    locks himself out.
    """
    for name in wanted.model_fields_set - {"settings"}:
        setattr(organization, name, getattr(wanted, name))
    if "settings" in wanted.model_fields_set:
        before = OrganizationSettings.from_stored(organization.settings)
        if wanted.settings.require_second_factor and not before.require_second_factor and not here.actor.second_factor:
            raise Conflict("Set up a second factor and sign in with it yourself, before you ask it of others.")
        organization.settings = wanted.settings.to_stored()
    try:
        with violations():
            await session.flush()
    except UniqueViolated:
        raise Conflict("Another organization has that slug.") from None


async def move(session: Session, organization: Organization, verb: str) -> None:
    """`suspend`, `reactivate` or `close`. Conflict, with the present state, from where that cannot be done."""
    begins, ends = _MOVES[verb]
    if organization.status not in begins:
        raise Conflict(f"The organization is {organization.status}.", state=str(organization.status))
    acting(session, f"organization.{verb}")
    organization.status = ends.value
    await session.flush()


async def remove(session: Session, organization: Organization) -> None:
    """Conflict while plants are left that are in use."""
    await queries.lock_whole_organization(session, organization.id)
    left = await queries.sites_left(session, organization.id)
    if left:
        plants = "1 plant is" if left == 1 else f"{left} plants are"
        raise Conflict(f"{plants} still in use: hand over, decommission or remove them first.", sites=left)
    acting(session, "organization.remove")
    organization.removed_at = now()
    await session.flush()
