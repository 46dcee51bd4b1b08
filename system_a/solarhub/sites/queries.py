"""SQL of sites and distribution companies."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.paging import Page
from solarhub.sites.models import Disco, Site


async def site(session: Session, site_id: UUID) -> Site | None:
    return await session.scalar(sa.select(Site).where(Site.id == site_id, Site.removed_at.is_(None)))


async def site_to_change(session: Session, site_id: UUID) -> Site | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(Site).where(Site.id == site_id, Site.removed_at.is_(None)).with_for_update(key_share=True)
    )


async def sites(session: Session, page: Page) -> tuple[Sequence[Site], int]:
    """A page by name, and how many there are."""
    wanted = sa.select(Site).where(Site.removed_at.is_(None))
    rows = await session.scalars(wanted.order_by(Site.name, Site.id).limit(page.limit).offset(page.offset))
    counted = wanted.with_only_columns(sa.literal(1)).limit(page.count_limit).subquery()
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


async def discos(session: Session) -> Sequence[Disco]:
    return (await session.scalars(sa.select(Disco).order_by(Disco.code))).all()


async def disco_codes(session: Session) -> Sequence[str]:
    return (await session.scalars(sa.select(Disco.code))).all()
