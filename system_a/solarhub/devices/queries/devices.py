"""SQL of devices, as people ask for them."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from solarhub.devices.liveness import MISSED_INTERVALS
from solarhub.devices.models import Device, DeviceState
from solarhub.devices.queries.heartbeat import reporting_interval_seconds
from solarhub.devices.schemas import DeviceFilter, DeviceSelection, DeviceSort
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.listing import each_row_of, equal, page_of_rows
from solarhub.sites.daylight import is_daylight
from solarhub.sites.models import Site
from solarhub.sites.vocabulary import PlantKind

Standing = sa.Row[Device, datetime | None, str | None, float, float, UUID | None]
"""A device, when it was last heard, plant kind, latitude and longitude of its site, and what stands in its place."""

_plant_kind = sa.func.jsonb_extract_path_text(Site.configuration, "plant_kind")
_successor = aliased(Device)

_ORDERS: dict[DeviceSort, tuple[sa.ColumnElement[Any], ...]] = {
    DeviceSort.NAME: (Device.name.asc(), Device.id.asc()),
    DeviceSort.NAME_DOWN: (Device.name.desc(), Device.id.desc()),
    DeviceSort.LAST_SEEN: (Device.last_seen_at.asc().nulls_first(), Device.id.asc()),
    DeviceSort.LAST_SEEN_DOWN: (Device.last_seen_at.desc().nulls_last(), Device.id.desc()),
}


async def device(session: Session, device_id: UUID) -> Device | None:
    """Also one that was removed: its past can be asked for."""
    return await session.scalar(sa.select(Device).where(Device.id == device_id))


async def hold_site_of(session: Session, device_id: UUID) -> UUID | None:
    """Where the device stands, if the session sees it; until the transaction ends nobody hands that site over."""
    return await session.scalar(
        sa.select(Site.id)
        .join(Device, Device.site_id == Site.id)
        .where(Device.id == device_id)
        .with_for_update(read=True, key_share=True, of=Site)
    )


async def device_to_change(session: Session, device_id: UUID) -> Device | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(Device)
        .where(Device.id == device_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


async def site_to_stand_on(session: Session, site_id: UUID) -> UUID | None:
    """The site, if the session sees it; until the transaction ends nobody removes it or hands it over."""
    return await session.scalar(
        sa.select(Site.id)
        .where(Site.id == site_id, Site.removed_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )


async def gateway_to_report_through(session: Session, gateway_id: UUID) -> UUID | None:
    """The gateway, if the session sees one of that id; until the transaction ends nobody removes it."""
    return await session.scalar(
        sa.select(Device.id)
        .where(Device.id == gateway_id, Device.device_type == DeviceType.GATEWAY, Device.removed_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )


async def children(session: Session, gateway_id: UUID) -> Sequence[Device]:
    """The devices that a gateway speaks for."""
    return (await session.scalars(sa.select(Device).where(Device.gateway_id == gateway_id).order_by(Device.id))).all()


async def standing(session: Session, device_id: UUID) -> Standing | None:
    """One device with what its state is told by, removed or not."""
    return (await session.execute(_standing().where(Device.id == device_id))).one_or_none()


async def standings(session: Session, organization_id: UUID, wanted: DeviceFilter) -> tuple[Sequence[Standing], int]:
    """A page of the organization's devices, and how many there are."""
    conditions = await _conditions(session, organization_id, wanted)
    found = _standing().where(*conditions).order_by(*_ORDERS[wanted.sort])
    counted = sa.select(Device.id).where(*conditions)  # what stands beside a device is not counted
    if wanted.asleep is not None:
        counted = counted.join(Site, Site.id == Device.site_id).outerjoin(
            DeviceState, DeviceState.device_id == Device.id
        )
    return await page_of_rows(session, found, wanted, counted=counted)


async def every_standing(session: Session, organization_id: UUID, wanted: DeviceSelection) -> AsyncIterator[Standing]:
    """All of the organization's devices that are wanted, some hundred at a time."""
    conditions = await _conditions(session, organization_id, wanted)
    async for row in each_row_of(session, _standing().where(*conditions).order_by(*_ORDERS[wanted.sort])):
        yield row


def _standing() -> sa.Select[Device, datetime | None, str | None, float, float, UUID | None]:
    return (
        sa.select(
            Device,
            DeviceState.last_received_at,
            _plant_kind.label("plant_kind"),
            Site.latitude,
            Site.longitude,
            _successor.id.label("replaced_by"),
        )
        .join(Site, Site.id == Device.site_id)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .outerjoin(_successor, _successor.replaces == Device.id)
    )


async def _conditions(session: Session, organization_id: UUID, wanted: DeviceSelection) -> list[sa.ColumnElement[bool]]:
    # the organization is named although the session stands in it: only an equality lets its index give the order
    conditions = [Device.organization_id == organization_id]
    conditions.append(Device.removed_at.is_not(None) if wanted.removed else Device.removed_at.is_(None))
    conditions += equal(
        (Device.site_id, wanted.site_id),
        (Device.status, wanted.status),
        (Device.device_type, wanted.device_type),
        (Device.protocol, wanted.protocol),
    )
    if wanted.manufacturer is not None:
        conditions.append(sa.func.lower(Device.manufacturer) == wanted.manufacturer.lower())
    if wanted.text is not None:
        found = [column.icontains(wanted.text, autoescape=True) for column in (Device.name, Device.serial_number)]
        conditions.append(sa.or_(*found))
    if wanted.asleep is not None:
        asleep = await _asleep(session, organization_id)
        conditions.append(asleep if wanted.asleep else sa.not_(asleep))
    return conditions


async def _asleep(session: Session, organization_id: UUID) -> sa.ColumnElement[bool]:
    """What `liveness.is_asleep` says of a silent device: the sun is worked out here, for each of the sites."""
    at = now()
    sites = await session.execute(
        sa.select(Site.id, Site.latitude, Site.longitude).where(Site.organization_id == organization_id)
    )
    dark = [site_id for site_id, latitude, longitude in sites if not is_daylight(at, latitude, longitude)]
    patience = MISSED_INTERVALS * reporting_interval_seconds() * timedelta(seconds=1)
    silent = DeviceState.last_received_at < sa.literal(at, sa.DateTime(timezone=True)) - patience
    return sa.and_(
        Device.device_type == DeviceType.INVERTER,
        sa.func.coalesce(_plant_kind, "").not_in([PlantKind.HYBRID.value, PlantKind.OFF_GRID.value]),
        sa.func.coalesce(silent, sa.false()),
        Device.site_id.in_(dark),
    )
