"""SQL of what runs out in an organization: grants of single plants, and API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from solarhub.accounts.models import User, name_of
from solarhub.kit.db import Session
from solarhub.organizations.models import ApiKey, SiteGrant

Row = sa.Row[*tuple[Any, ...]]

_MOST = 100


async def grants_ending(session: Session, start: datetime, end: datetime) -> Sequence[Row]:
    """`organization_id`, `site_id`, `who` and `until` of accepted grants that end between the two, the next first."""
    full_name = sa.case((User.id.is_not(None), name_of(User)))
    who = sa.func.coalesce(full_name, SiteGrant.invited_name, SiteGrant.invited_organization, "?")
    rows = await session.execute(
        sa.select(SiteGrant.organization_id, SiteGrant.site_id, who.label("who"), SiteGrant.expires_at.label("until"))
        .outerjoin(User, User.id == SiteGrant.user_id)
        .where(
            SiteGrant.removed_at.is_(None),
            SiteGrant.accepted_at.is_not(None),
            SiteGrant.expires_at > start,
            SiteGrant.expires_at <= end,
        )
        .order_by(SiteGrant.expires_at, SiteGrant.id)
        .limit(_MOST)
    )
    found: Sequence[Row] = rows.all()
    return found


async def keys_ending(session: Session, start: datetime, end: datetime) -> Sequence[Row]:
    """`organization_id`, `who` (the key's name) and `until` of keys in force that end meanwhile, the next first."""
    rows = await session.execute(
        sa.select(ApiKey.organization_id, ApiKey.name.label("who"), ApiKey.expires_at.label("until"))
        .where(ApiKey.revoked_at.is_(None), ApiKey.expires_at > start, ApiKey.expires_at <= end)
        .order_by(ApiKey.expires_at, ApiKey.id)
        .limit(_MOST)
    )
    return rows.all()
