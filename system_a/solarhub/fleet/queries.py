"""SQL of the read models: the schema document's three views, and the overview of plants."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel

from solarhub.alerts.models import Alert
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.schemas import ActiveAlertsSummary, DeviceStatusSummary, SiteCapacity
from solarhub.kit.db import Session
from solarhub.kit.paging import Page
from solarhub.sites.models import Site
from solarhub.sites.vocabulary import SiteStatus


def _view(name: str, answer: type[BaseModel]) -> sa.TableClause:
    """A view is read column by column into its answer; migrations make it by hand, so no mapped table knows it."""
    return sa.table(name, *(sa.column(column) for column in answer.model_fields))


_ACTIVE_ALERTS = _view("v_active_alerts_summary", ActiveAlertsSummary)
_DEVICE_STATUS = _view("v_device_status_summary", DeviceStatusSummary)
_SITE_CAPACITY = _view("v_site_capacity", SiteCapacity)


async def active_alerts_summary(session: Session, organization_id: UUID) -> sa.Row[*tuple[Any, ...]] | None:
    """The organization's row of v_active_alerts_summary; none where no alert is open."""
    rows = await session.execute(sa.select(_ACTIVE_ALERTS).where(_ACTIVE_ALERTS.c.organization_id == organization_id))
    return rows.one_or_none()


async def device_status_summary(
    session: Session, organization_id: UUID, page: Page
) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], int]:
    """A page of the organization's rows of v_device_status_summary by site name, and how many there are."""
    return await _by_site(session, _DEVICE_STATUS, organization_id, page)


async def site_capacity(
    session: Session, organization_id: UUID, page: Page
) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], int]:
    """The same of v_site_capacity."""
    return await _by_site(session, _SITE_CAPACITY, organization_id, page)


async def _by_site(
    session: Session, view: sa.TableClause, organization_id: UUID, page: Page
) -> tuple[Sequence[sa.Row[*tuple[Any, ...]]], int]:
    wanted = sa.select(view).where(view.c.organization_id == organization_id)
    rows = await session.execute(
        wanted.order_by(view.c.site_name, view.c.site_id).limit(page.limit).offset(page.offset)
    )
    # both views have one row for each site: counting those spares working the view out once more
    sites = sa.select(sa.literal(1)).where(Site.organization_id == organization_id, Site.removed_at.is_(None))
    counted = sites.limit(page.count_limit).subquery()
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


_OPEN = (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)
_MOST_ALERTS = 500

SiteRow = sa.Row[UUID, str, UUID, str, float, float, SiteStatus, float | None]
"""Id, name, organization, time zone, latitude, longitude, status, capacity in kW."""

CountRow = sa.Row[*tuple[Any, ...]]
"""A `site_id`, and counts and times by name."""

# Three statements, and not one that joins them: with a thousand organizations in the tenant setting each reads its own
# index once, while nested loops search that long list again for every site (measured: 0.3 s against 15).


async def sites(session: Session) -> Sequence[SiteRow]:
    """Every site that is not given up, of all organizations the session stands in."""
    capacity = sa.cast(sa.func.jsonb_extract_path_text(Site.configuration, "system_capacity_kw"), sa.Double)
    rows = await session.execute(
        sa.select(
            Site.id,
            Site.name,
            Site.organization_id,
            Site.timezone,
            Site.latitude,
            Site.longitude,
            Site.status,
            capacity.label("capacity_kw"),
        ).where(Site.removed_at.is_(None), Site.status != SiteStatus.DECOMMISSIONED)
    )
    return rows.all()


async def devices_by_site(session: Session) -> Sequence[CountRow]:
    """How many of each site's devices stand how, by status, and `last_sample_at` of the newest of their samples."""
    heard = sa.and_(
        DeviceState.organization_id == Device.organization_id,
        DeviceState.device_id == Device.id,
    )
    rows = await session.execute(
        sa.select(
            Device.site_id,
            *(sa.func.count().filter(Device.status == status).label(status.value) for status in DeviceStatus),
            sa.func.max(DeviceState.last_sample_at).label("last_sample_at"),
        )
        .outerjoin(DeviceState, heard)
        .where(Device.removed_at.is_(None))
        .group_by(Device.site_id)
    )
    return rows.all()


async def open_alerts_by_site(session: Session) -> Sequence[CountRow]:
    """How many alerts of each severity are open at each site that has any."""
    rows = await session.execute(
        sa.select(
            Alert.site_id,
            *(sa.func.count().filter(Alert.severity == severity).label(severity.value) for severity in AlertSeverity),
        )
        .where(Alert.status.in_(_OPEN))
        .group_by(Alert.site_id)
    )
    return rows.all()


async def machines(session: Session, site_ids: Sequence[UUID]) -> Sequence[sa.Row[Device, DeviceState | None]]:
    """The sites' devices by name, with what each reported last."""
    rows = await session.execute(
        sa.select(Device, DeviceState)
        .outerjoin(DeviceState, DeviceState.device_id == Device.id)
        .where(Device.site_id.in_(site_ids), Device.removed_at.is_(None))
        .order_by(Device.name, Device.id)
    )
    return rows.all()


async def open_alerts(session: Session, site_ids: Sequence[UUID]) -> Sequence[Alert]:
    """Of these sites, the gravest first, the newest first among equals."""
    rows = await session.scalars(
        sa.select(Alert)
        .where(Alert.site_id.in_(site_ids), Alert.status.in_(_OPEN))
        .order_by(Alert.severity.desc(), Alert.triggered_at.desc(), Alert.id)
        .limit(_MOST_ALERTS)
    )
    return rows.all()
