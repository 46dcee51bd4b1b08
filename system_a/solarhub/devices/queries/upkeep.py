"""SQL of what goes on by itself: maintenance that ends, secrets that are sealed anew."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from solarhub.devices.connection import SECRET_KEYS
from solarhub.devices.models import Device
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.kit.db import Session

Connection = sa.Row[UUID, UUID, dict[str, Any]]
"""A device, its organization and its stored connection."""


async def devices_whose_maintenance_ended(worker: Session, *, limit: int) -> Sequence[Device]:
    """Locked; those that somebody is changing right now are left for the next time."""
    rows = await worker.scalars(
        sa.select(Device)
        .where(
            Device.maintenance_until <= sa.func.now(),
            Device.status == DeviceStatus.MAINTENANCE,
            Device.removed_at.is_(None),
        )
        .order_by(Device.maintenance_until)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return rows.all()


async def connections_with_secrets(worker: Session, *, after: UUID, limit: int) -> Sequence[Connection]:
    """Of all organizations, by the device's id."""
    keys = sa.cast(sorted(SECRET_KEYS), ARRAY(sa.Text))
    rows = await worker.execute(
        sa.select(Device.id, Device.organization_id, Device.connection_config)
        .where(Device.id > after, Device.connection_config.op("?|")(keys))
        .order_by(Device.id)
        .limit(limit)
    )
    return rows.all()


async def devices_at(session: Session, site_id: UUID) -> Sequence[Device]:
    """All that stand at a site, locked, in the order of their ids."""
    rows = await session.scalars(
        sa.select(Device)
        .where(Device.site_id == site_id, Device.removed_at.is_(None))
        .order_by(Device.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return rows.all()


async def write_connection(
    worker: Session, device_id: UUID, *, found: Mapping[str, Any], sealed: Mapping[str, Any]
) -> bool:
    """Whether it was written: not where somebody has changed it since it was found."""
    written = await worker.execute(
        sa.update(Device)
        .values(connection_config=sealed)
        .where(Device.id == device_id, Device.connection_config == sa.cast(found, JSONB))
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    return written.one_or_none() is not None
