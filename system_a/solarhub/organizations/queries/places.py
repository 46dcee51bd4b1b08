"""SQL of everywhere somebody stands, asked of the auth role before an organization is entered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from solarhub.kit.db import Session
from solarhub.organizations.models import Organization, OrganizationMember, SiteGrant


async def logos(auth: Session, organization_ids: Collection[UUID]) -> Mapping[UUID, str | None]:
    """Where each organization's logo is served."""
    rows = await auth.execute(
        sa.select(Organization.id, Organization.logo_url).where(Organization.id.in_(organization_ids))
    )
    return {row.id: row.logo_url for row in rows}


async def lent_sites(auth: Session, user_id: UUID, site_ids: Collection[UUID]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Those of the sites that are lent to the person or to an organization of theirs, by name: the fields of a
    `SitePlace`."""
    # by name: the table is upstairs
    sites = sa.table("sites", sa.column("id", sa.Uuid), sa.column("name"), sa.column("removed_at"))
    borrower = aliased(Organization)
    mine = (
        sa.select(OrganizationMember.organization_id)
        .where(
            OrganizationMember.user_id == user_id,
            OrganizationMember.removed_at.is_(None),
            OrganizationMember.joined_at.is_not(None),
        )
        .scalar_subquery()
    )
    rows = await auth.execute(
        sa.select(
            sites.c.id,
            sites.c.name,
            SiteGrant.organization_id,
            Organization.name.label("organization_name"),
            SiteGrant.role,
            SiteGrant.expires_at.label("until"),
            borrower.name.label("through"),
        )
        .join(sites, sites.c.id == SiteGrant.site_id)
        .join(Organization, Organization.id == SiteGrant.organization_id)
        .outerjoin(borrower, borrower.id == SiteGrant.grantee_organization_id)
        .where(
            SiteGrant.site_id.in_(site_ids),
            sa.or_(SiteGrant.user_id == user_id, SiteGrant.grantee_organization_id.in_(mine)),
            SiteGrant.removed_at.is_(None),
            SiteGrant.accepted_at.is_not(None),
            sa.or_(SiteGrant.expires_at.is_(None), SiteGrant.expires_at > sa.func.now()),
            sites.c.removed_at.is_(None),
        )
        .order_by(sites.c.name, sites.c.id, SiteGrant.id)
    )
    return rows.all()


async def names_around(auth: Session, user_id: UUID) -> Sequence[str]:
    """Names of the organizations that a person belongs to or is invited to."""
    rows = await auth.scalars(
        sa.select(Organization.name)
        .join(OrganizationMember, OrganizationMember.organization_id == Organization.id)
        .where(OrganizationMember.user_id == user_id, OrganizationMember.removed_at.is_(None))
    )
    return rows.all()
