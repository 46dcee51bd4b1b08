"""SQL of devices."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from solarhub.devices.liveness import DEFAULT_INTERVAL, MISSED_INTERVALS
from solarhub.devices.models import Device, DeviceState, DeviceToken
from solarhub.devices.schemas import DeviceFilter
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.kit.db import Session
from solarhub.organizations.models import Organization
from solarhub.sites.models import Site


class Beat(NamedTuple):
    """What a device shall show from now on, unless its status is another than was found."""

    id: UUID
    found: DeviceStatus
    status: DeviceStatus
    seen_at: datetime


Heard = tuple[UUID, DeviceStatus, DeviceType, datetime, float, str | None, float, float, bool]


async def token_owner(auth: Session, token_sha256: bytes) -> sa.Row[UUID, UUID, int, int, str] | None:
    """Device, organization, both their keys and the organization's status, for a token that is in force (auth role)."""
    rows = await auth.execute(
        sa.select(
            Device.id.label("device_id"),
            Device.organization_id,
            Organization.organization_key,
            Device.device_key,
            Organization.status,
        )
        .select_from(DeviceToken)
        .join(Device, Device.id == DeviceToken.device_id)
        .join(Organization, Organization.id == Device.organization_id)
        .where(
            DeviceToken.token_sha256 == token_sha256,
            DeviceToken.revoked_at.is_(None),
            Device.removed_at.is_(None),
            Organization.removed_at.is_(None),
        )
    )
    return rows.one_or_none()


async def device(session: Session, device_id: UUID) -> Device | None:
    return await session.scalar(sa.select(Device).where(Device.id == device_id, Device.removed_at.is_(None)))


async def device_to_change(session: Session, device_id: UUID) -> Device | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(Device)
        .where(Device.id == device_id, Device.removed_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def has_site(session: Session, site_id: UUID) -> bool:
    """Whether the organization that the session stands in has that site."""
    found = await session.scalar(sa.select(sa.literal(1)).where(Site.id == site_id, Site.removed_at.is_(None)))
    return found is not None


Standing = sa.Row[Device, datetime | None, str | None, float, float]
"""A device, when it was last heard, and plant kind, latitude and longitude of its site."""


def _standing() -> sa.Select[Device, datetime | None, str | None, float, float]:
    return (
        sa.select(
            Device,
            DeviceState.last_received_at,
            sa.func.jsonb_extract_path_text(Site.configuration, "plant_kind").label("plant_kind"),
            Site.latitude,
            Site.longitude,
        )
        .join(Site, Site.id == Device.site_id)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(Device.removed_at.is_(None))
    )


async def standing(session: Session, device_id: UUID) -> Standing | None:
    """One device with what its state is told by."""
    return (await session.execute(_standing().where(Device.id == device_id))).one_or_none()


async def standings(session: Session, organization_id: UUID, wanted: DeviceFilter) -> tuple[Sequence[Standing], int]:
    """A page of the organization's devices by name, and how many there are."""
    # the organization is named although the session stands in it: only an equality lets its index give the order
    conditions = [Device.organization_id == organization_id]
    conditions += [
        column == value
        for column, value in (
            (Device.site_id, wanted.site_id),
            (Device.status, wanted.status),
            (Device.device_type, wanted.device_type),
        )
        if value is not None
    ]
    rows = await session.execute(
        _standing().where(*conditions).order_by(Device.name, Device.id).limit(wanted.limit).offset(wanted.offset)
    )
    counted = (
        sa.select(sa.literal(1)).where(Device.removed_at.is_(None), *conditions).limit(wanted.count_limit).subquery()
    )
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


async def heard_devices(session: Session, now: datetime, *, after: UUID, limit: int) -> Sequence[sa.Row[*Heard]]:
    """Devices that the roll-forward may have to write, by id.

    A wider net than the decision in `liveness`: nothing that would be written may slip through it. Nothing is locked:
    at night that would write to every sleeping inverter's row, again and again.
    """
    seconds = _reporting_interval_seconds()
    behind = sa.or_(
        Device.last_seen_at.is_(None), DeviceState.last_received_at > Device.last_seen_at + timedelta(minutes=5)
    )
    at = sa.literal(now, sa.DateTime(timezone=True))
    silent = DeviceState.last_received_at < at - MISSED_INTERVALS * seconds * timedelta(seconds=1)
    rows = await session.execute(
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
            Device.id > after,
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
        .limit(limit)
    )
    return rows.all()


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


def _reporting_interval_seconds() -> sa.ColumnElement[float]:
    told = Device.device_metadata["reporting_interval_seconds"].as_float()
    return sa.func.coalesce(told, DEFAULT_INTERVAL.total_seconds())
