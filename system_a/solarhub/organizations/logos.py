"""What an organization shows beside its name."""

from solarhub.audit.recording import record
from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound
from solarhub.organizations.models import Organization
from solarhub.organizations.queries import logos as queries


async def put(session: Session, organization: Organization, png: bytes) -> None:
    """Keeps the picture, which the hub has encoded itself, instead of the one before it."""
    await queries.put(session, organization.id, png)
    organization.logo_url = f"/api/v1/organizations/{organization.id}/logo"
    await record(
        session,
        "organization.change_logo",
        "organization",
        organization.id,
        organization_id=organization.id,
        after={"logo": png},
    )
    await session.flush()


async def take_away(session: Session, organization: Organization) -> None:
    """NotFound where there is none."""
    if not await queries.delete(session, organization.id):
        raise NotFound
    organization.logo_url = None
    await session.flush()
