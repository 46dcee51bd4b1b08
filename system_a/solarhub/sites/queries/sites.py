"""SQL of plants and distribution companies."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.listing import each_of, equal, page_of
from solarhub.sites.models import Disco, Site
from solarhub.sites.schemas import SiteFilter, SiteSelection, SiteSort
from solarhub.sites.vocabulary import SiteStatus

# ids are made in the order of time, and (organization_id, id) is an index
_ORDERS: dict[SiteSort, tuple[sa.ColumnElement[Any], ...]] = {
    SiteSort.NAME: (Site.name.asc(), Site.id.asc()),
    SiteSort.NAME_DOWN: (Site.name.desc(), Site.id.desc()),
    SiteSort.ENTERED: (Site.id.asc(),),
    SiteSort.ENTERED_DOWN: (Site.id.desc(),),
}

# by name: devices stand upstairs
_devices = sa.table("devices", sa.column("organization_id"), sa.column("site_id"), sa.column("removed_at"))


async def site(session: Session, site_id: UUID) -> Site | None:
    """Also one that was removed: its past can be asked for."""
    return await session.scalar(_SITE, {"site_id": site_id})


_SITE = sa.select(Site).where(Site.id == sa.bindparam("site_id", type_=sa.Uuid))


async def site_to_change(session: Session, site_id: UUID) -> Site | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(Site)
        .where(Site.id == site_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def lock_out_devices(session: Session, site_id: UUID) -> None:
    """Until the transaction ends nobody can put a device onto the site."""
    await session.execute(sa.select(Site.id).where(Site.id == site_id).with_for_update())


async def count_devices(session: Session, organization_id: UUID, site_id: UUID) -> int:
    """How many devices of the site are not removed."""
    counted = sa.select(sa.func.count()).select_from(_devices)
    return (
        await session.scalar(
            counted.where(
                _devices.c.organization_id == organization_id,
                _devices.c.site_id == site_id,
                _devices.c.removed_at.is_(None),
            )
        )
        or 0
    )


async def sites(session: Session, organization_id: UUID, wanted: SiteFilter) -> tuple[Sequence[Site], int]:
    """A page of the organization's plants, and how many there are."""
    return await page_of(session, _selected(organization_id, wanted), wanted)


def every_site(session: Session, organization_id: UUID, wanted: SiteSelection) -> AsyncIterator[Site]:
    """All of the selected ones, read while they are used."""
    return each_of(session, _selected(organization_id, wanted))


def _selected(organization_id: UUID, wanted: SiteSelection) -> sa.Select[Site]:
    # the organization is named although the session stands in it: only an equality lets its index give the order
    found = sa.select(Site).where(Site.organization_id == organization_id)
    found = found.where(Site.removed_at.is_not(None) if wanted.removed else Site.removed_at.is_(None))
    found = found.where(*equal((Site.status, wanted.status), (Site.disco_code, wanted.disco)))
    if wanted.city is not None:
        city = sa.func.jsonb_extract_path_text(Site.address, "city")
        found = found.where(sa.func.lower(city) == wanted.city.lower())
    if wanted.text is not None:
        found = found.where(Site.name.icontains(wanted.text, autoescape=True))
    return found.order_by(*_ORDERS[wanted.sort])


async def sites_whose_maintenance_ended(session: Session, *, limit: int) -> Sequence[Site]:
    """Plants to put back to work by now, locked; whoever is being edited waits for the next time (worker)."""
    rows = await session.scalars(
        sa.select(Site)
        .where(Site.maintenance_until <= sa.func.now(), Site.status == SiteStatus.MAINTENANCE)
        .order_by(Site.maintenance_until)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return rows.all()


async def discos(session: Session) -> Sequence[Disco]:
    return (await session.scalars(sa.select(Disco).order_by(Disco.code))).all()


async def disco_codes(session: Session) -> Sequence[str]:
    return (await session.scalars(sa.select(Disco.code))).all()
