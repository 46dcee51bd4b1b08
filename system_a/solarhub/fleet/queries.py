"""SQL of the read models: the schema document's three views."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel

from solarhub.fleet.schemas import ActiveAlertsSummary, DeviceStatusSummary, SiteCapacity
from solarhub.kit.db import Session
from solarhub.kit.paging import Page


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
    counted = wanted.with_only_columns(sa.literal(1)).limit(page.count_limit).subquery()
    return rows.all(), await session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
