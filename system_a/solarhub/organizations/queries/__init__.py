"""SQL of organizations."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.accounts.models import User
from solarhub.accounts.vocabulary import UserRole
from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound
from solarhub.kit.listing import page_of
from solarhub.organizations.models import ApiKey, Organization
from solarhub.organizations.schemas.organizations import OrganizationFilter


async def organization(session: Session, organization_id: UUID) -> Organization | None:
    """One that the session stands in."""
    return await session.scalar(
        sa.select(Organization).where(Organization.id == organization_id, Organization.removed_at.is_(None))
    )


async def organizations(session: Session, asked: OrganizationFilter) -> tuple[Sequence[Organization], int]:
    """A page of those that the session stands in, and how many there are."""
    wanted = sa.select(Organization).where(Organization.removed_at.is_(None))
    if asked.status is not None:
        wanted = wanted.where(Organization.status == asked.status.value)
    if asked.search is not None:
        wanted = wanted.where(
            sa.or_(
                Organization.name.icontains(asked.search, autoescape=True),
                Organization.slug.icontains(asked.search, autoescape=True),
            )
        )
    return await page_of(session, wanted.order_by(Organization.name, Organization.id), asked)


async def key_maker(auth: Session, token_sha256: bytes) -> sa.Row[*tuple[Any, ...]] | None:
    """An API key that is in force, and whether its maker, who is in use, is a super admin (auth role)."""
    rows = await auth.execute(
        sa.select(
            ApiKey.id,
            ApiKey.organization_id,
            ApiKey.created_by,
            ApiKey.permissions,
            ApiKey.last_used_at,
            (User.role == UserRole.SUPER_ADMIN).label("is_super_admin"),
        )
        .join(User, User.id == ApiKey.created_by)
        .where(
            ApiKey.token_sha256 == token_sha256,
            ApiKey.revoked_at.is_(None),
            ApiKey.expires_at > sa.func.now(),
            User.is_active,
            User.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def touch_key(auth: Session, key_id: UUID) -> None:
    """Notes that the key was used (auth role)."""
    await auth.execute(sa.update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=sa.func.now()))


async def one_organization(session: Session, organization_id: UUID) -> Organization:
    """The one that the session stands in; NotFound when it was removed at this moment."""
    found = await organization(session, organization_id)
    if found is None:
        raise NotFound
    return found
