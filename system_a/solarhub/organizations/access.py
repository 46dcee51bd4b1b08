"""The one door between tenants: whose rows a session sees is said here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from solarhub.kit.db import Session, set_tenants
from solarhub.kit.errors import NotFound
from solarhub.organizations import queries
from solarhub.organizations.models import Organization
from solarhub.organizations.vocabulary import OrganizationStatus


@dataclass(frozen=True, slots=True)
class KnownOrganization:
    """What may be known of an organization before a session stands in it."""

    id: UUID
    key: int
    slug: str
    name: str
    status: OrganizationStatus


async def enter(session: Session, organization_ids: Iterable[UUID], organization_keys: Iterable[int] = ()) -> None:
    """Lets the session see these organizations' rows, and no others, in this transaction and those after it.

    `organization_keys` are the same organizations' keys; without them no raw telemetry is seen.
    """
    await set_tenants(session, organization_ids, organization_keys)


async def enter_one(session: Session, organization_id: UUID) -> Organization:
    """Enters with key and all; NotFound for one that is not there, was removed, or is somebody else's."""
    await enter(session, [organization_id])
    found = await queries.organization(session, organization_id)
    if found is None:
        raise NotFound
    await enter(session, [found.id], [found.organization_key])
    return found


async def known_organizations(auth: Session) -> list[KnownOrganization]:
    """Every organization of this hub, by name, asked of the auth role: for the operator of the machine."""
    return [
        KnownOrganization(row.id, row.organization_key, row.slug, row.name, OrganizationStatus(row.status))
        for row in await queries.every_organization(auth)
    ]
