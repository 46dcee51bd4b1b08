"""SQL of the roll-forward, in a worker's hands."""

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.devices.liveness import DEFAULT_INTERVAL, MISSED_INTERVALS
from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.kit.db import Session
from solarhub.sites.models import Site


class Beat(NamedTuple):
    """What a device shall show from now on, unless its status is another than was found."""

    id: UUID
    found: DeviceStatus
    status: DeviceStatus
    seen_at: datetime


Heard = tuple[UUID, DeviceStatus, DeviceType, datetime, float, str | None, float, float, bool]


async def heard_devices(session: Session, now: datetime, *, at_once: int) -> AsyncGenerator[Sequence[sa.Row[*Heard]]]:
    """Devices that the roll-forward may have to write, by id, so many at once; in one reading, however many.

    A wider net than the decision in `liveness`: nothing that would be written may slip through it. Nothing is locked:
    at night that would write to every sleeping inverter's row, again and again.
    """
    seconds = reporting_interval_seconds()
    behind = sa.or_(
        Device.last_seen_at.is_(None), DeviceState.last_received_at > Device.last_seen_at + timedelta(minutes=5)
    )
    at = sa.literal(now, sa.DateTime(timezone=True))
    silent = DeviceState.last_received_at < at - MISSED_INTERVALS * seconds * timedelta(seconds=1)
    rows = await session.stream(
        sa.select(
            Device.id,
            Device.status,
            Device.device_type,
            DeviceState.last_received_at,
            seconds.label("interval_seconds"),
            sa.func.jsonb_extract_path_text(Site.configuration, "plant_kind").label("plant_kind"),
            Site.latitude,
            Site.longitude,
            behind.label("is_behind"),
        )
        .join(DeviceState, DeviceState.device_id == Device.id)
        .join(Site, Site.id == Device.site_id)
        .where(
            Device.removed_at.is_(None),
            Device.status != DeviceStatus.MAINTENANCE,
            DeviceState.last_received_at.is_not(None),
            sa.or_(
                behind,
                sa.and_(silent, Device.status != DeviceStatus.OFFLINE),
                sa.and_(sa.not_(silent), Device.status != DeviceStatus.ONLINE),
            ),
        )
        .order_by(Device.id)
        .execution_options(yield_per=at_once)
    )
    async for some in rows.partitions():
        yield some


async def write_heartbeats(session: Session, beats: Sequence[Beat]) -> int:
    """Writes many devices in one statement; how many it wrote.

    One that somebody has changed meanwhile, or is changing now, is left for the next time.
    """
    ids, found, statuses, seen = zip(*beats, strict=True)
    status_array = ARRAY(Device.status.type)
    new = sa.func.unnest(
        sa.cast(list(ids), ARRAY(sa.Uuid)),
        sa.cast(list(found), status_array),
        sa.cast(list(statuses), status_array),
        sa.cast(list(seen), ARRAY(sa.DateTime(timezone=True))),
    ).table_valued("id", "found", "status", "seen_at", name="new")
    beat = new.render_derived()
    free = (
        sa.select(Device.id, beat.c.status, beat.c.seen_at)
        .join(beat, sa.and_(Device.id == beat.c.id, Device.status == beat.c.found))
        .with_for_update(of=Device, key_share=True, skip_locked=True)
        .cte("free")
    )
    written = await session.execute(
        sa.update(Device)
        .values(status=free.c.status, last_seen_at=free.c.seen_at)
        .where(Device.id == free.c.id)
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    return len(written.all())


def reporting_interval_seconds() -> sa.ColumnElement[float]:
    """How often a device reports, one minute where nothing is said."""
    told = Device.device_metadata["reporting_interval_seconds"].as_float()
    return sa.func.coalesce(told, DEFAULT_INTERVAL.total_seconds())
