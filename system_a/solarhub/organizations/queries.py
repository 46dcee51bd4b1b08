"""SQL of organizations."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.paging import Page
from solarhub.organizations.models import Organization


async def every_organization(auth: Session) -> Sequence[sa.Row[UUID, int, str, str, str]]:
    """Id, key, slug, name and status of all that are not removed. Only the auth role sees them before it has chosen."""
    rows = await auth.execute(
        sa.select(
            Organization.id,
            Organization.organization_key,
            Organization.slug,
            Organization.name,
            Organization.status,
        )
        .where(Organization.removed_at.is_(None))
        .order_by(Organization.name, Organization.id)
    )
    return rows.all()


async def organization(session: Session, organization_id: UUID) -> Organization | None:
    """One that the session stands in."""
    return await session.scalar(
        sa.select(Organization).where(Organization.id == organization_id, Organization.removed_at.is_(None))
    )


async def organizations(session: Session, page: Page) -> tuple[Sequence[Organization], int]:
    """A page of those that the session stands in, and how many there are."""
    wanted = sa.select(Organization).where(Organization.removed_at.is_(None))
    rows = await session.scalars(
        wanted.order_by(Organization.name, Organization.id).limit(page.limit).offset(page.offset)
    )
    counted = wanted.with_only_columns(sa.literal(1)).limit(page.count_limit).subquery()
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
