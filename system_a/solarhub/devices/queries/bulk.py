"""SQL of what is there already, when a file is entered."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.devices.models import Device
from solarhub.kit.db import Session
from solarhub.sites.models import Disco, Site


async def one_at_a_time(session: Session, organization_id: UUID) -> None:
    """Until the transaction ends no other file is entered into the organization."""
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.literal("bulk")), sa.func.hashtext(str(organization_id)))
    await session.execute(sa.select(lock))


async def site_names(session: Session, organization_id: UUID) -> Sequence[sa.Row[UUID, str]]:
    """Id and name of every plant that is not removed."""
    rows = await session.execute(
        sa.select(Site.id, Site.name)
        .where(Site.organization_id == organization_id, Site.removed_at.is_(None))
        .order_by(Site.id)
    )
    return rows.all()


async def disco_codes(session: Session) -> Sequence[str]:
    return (await session.scalars(sa.select(Disco.code))).all()


async def sites(session: Session, site_ids: Collection[UUID]) -> dict[UUID, Site]:
    """Those plants, by id."""
    rows = await session.scalars(sa.select(Site).where(Site.id.in_(site_ids)))
    return {site.id: site for site in rows}


async def devices_by_serial(session: Session, organization_id: UUID, serials: Collection[str]) -> dict[str, UUID]:
    """The organization's devices with these serial numbers."""
    rows = await session.execute(
        sa.select(Device.serial_number, Device.id).where(
            Device.organization_id == organization_id, Device.serial_number.in_(serials)
        )
    )
    return {serial: device_id for serial, device_id in rows if serial is not None}


async def devices_by_name(session: Session, site_ids: Collection[UUID]) -> dict[UUID, dict[str, UUID]]:
    """Devices of these plants that are not removed, by plant and name."""
    rows = await session.execute(
        sa.select(Device.site_id, Device.name, Device.id).where(
            Device.site_id.in_(site_ids), Device.removed_at.is_(None)
        )
    )
    found: dict[UUID, dict[str, UUID]] = defaultdict(dict)
    for site_id, name, device_id in rows:
        found[site_id][name] = device_id
    return found
