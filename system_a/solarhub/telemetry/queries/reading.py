"""SQL of what devices reported last, as people read it: under row-level security."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import load_only

from solarhub.devices.models import Device, DeviceState
from solarhub.kit.db import Session
from solarhub.kit.paging import Page
from solarhub.organizations.access import Look
from solarhub.organizations.walls import Listed
from solarhub.sites.models import Site


async def state(session: Session, device_id: UUID) -> DeviceState | None:
    """What a device reported last."""
    return await session.get(DeviceState, device_id)


class LatestOfDevice(NamedTuple):
    """What a device reported last; of one that never reported, nothing but its name."""

    device_id: UUID
    name: str
    last_sample_at: datetime | None
    last_received_at: datetime | None
    latest: Mapping[str, Mapping[str, Any]] | None


async def latest_of_site(look: Look, site_id: UUID, page: Page) -> tuple[list[LatestOfDevice], int]:
    """A page of the site's devices by name, with what each reported last, and how many there are."""
    rows, counted = await look.ask_page(_LATEST_OF_SITE, page, site_id=site_id)
    return [LatestOfDevice(*row) for row in rows], counted


# first the devices of the site, then the state of each: a plan for any page would go through the organization's devices
# in the order of their names, and a join through all of its states
_here = (
    sa.select(Device.id, Device.name)
    .where(Device.site_id == sa.bindparam("site_id", type_=sa.Uuid), Device.removed_at.is_(None))
    .cte("here")
    .prefix_with("MATERIALIZED")
)
_state = (
    sa.select(DeviceState.last_sample_at, DeviceState.last_received_at, DeviceState.latest)
    .where(DeviceState.device_id == _here.c.id)
    .limit(1)
    .lateral("state")
)
_LATEST_OF_SITE = Listed(
    sa.select(_here.c.id, _here.c.name, *_state.c)
    .select_from(_here.outerjoin(_state, sa.true()))
    .order_by(_here.c.name, _here.c.id)
)
_NAMED = load_only(Device.name, raiseload=True)


async def states_since(
    session: Session, after: tuple[datetime, UUID], site_ids: Collection[UUID], *, limit: int
) -> Sequence[tuple[Device, DeviceState]]:
    """Devices of these sites, or of all, in the order in which they were last heard (then by id), behind `after`; of
    them nothing but their names is read."""
    wanted = (
        sa.select(Device, DeviceState)
        .options(_NAMED)
        .join(DeviceState, DeviceState.device_id == Device.id)
        .where(sa.tuple_(DeviceState.last_received_at, Device.id) > sa.tuple_(*after), Device.removed_at.is_(None))
        .order_by(DeviceState.last_received_at, Device.id)
        .limit(limit)
    )
    if site_ids:
        wanted = wanted.where(Device.site_id.in_(site_ids))
    return [(device, state) for device, state in await session.execute(wanted)]


async def timezone_of(session: Session, site_id: UUID) -> str:
    return (await session.scalars(sa.select(Site.timezone).where(Site.id == site_id))).one()
