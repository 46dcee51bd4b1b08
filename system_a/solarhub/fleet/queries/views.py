"""SQL of the schema document's three views.

Views are plain tables to the first wall, which conditions mapped classes alone: each statement here names the
organization and, for whoever sees single sites of it, the sites.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from solarhub.alerts.models import Alert
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from solarhub.fleet.schemas.views import (
    ActiveAlertsSummary,
    DeviceStatusSummary,
    SiteCapacity,
    SiteFilter,
    SiteSelection,
)
from solarhub.kit.db import Session
from solarhub.kit.listing import each_row_of, page_of_rows
from solarhub.organizations.access import Standing
from solarhub.sites.models import Site

Row = sa.Row[*tuple[Any, ...]]

_OPEN = (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)


def _view(name: str, answer: type[BaseModel]) -> sa.TableClause:
    """A view is read column by column into its answer; migrations make it by hand, so no mapped table knows it."""
    return sa.table(name, *(sa.column(column) for column in answer.model_fields))


_ACTIVE_ALERTS = _view("v_active_alerts_summary", ActiveAlertsSummary)
_DEVICE_STATUS = _view("v_device_status_summary", DeviceStatusSummary)
_SITE_CAPACITY = _view("v_site_capacity", SiteCapacity)
_BY_SITE: dict[type[BaseModel], sa.TableClause] = {DeviceStatusSummary: _DEVICE_STATUS, SiteCapacity: _SITE_CAPACITY}


async def active_alerts_summary(session: Session, here: Standing) -> Row | None:
    """The organization's row of v_active_alerts_summary; none where no alert is open.

    The view knows no sites: whoever sees single ones gets the same columns counted over those alone.
    """
    if here.site_ids is None:
        of_organization = _ACTIVE_ALERTS.c.organization_id == here.organization.id
        return (await session.execute(sa.select(_ACTIVE_ALERTS).where(of_organization))).one_or_none()

    def counted(condition: sa.ColumnElement[bool], name: str) -> sa.ColumnElement[int]:
        return sa.func.count().filter(condition).label(name)

    rows = await session.execute(
        sa.select(
            Alert.organization_id,
            *(counted(Alert.status == status, f"{status.value}_count") for status in _OPEN),
            *(counted(Alert.severity == severity, f"{severity.value}_count") for severity in AlertSeverity),
            sa.func.count().label("total_count"),
            sa.func.min(Alert.triggered_at).label("oldest_triggered_at"),
            sa.func.max(Alert.triggered_at).label("newest_triggered_at"),
        )
        .where(Alert.status.in_(_OPEN), Alert.site_id.in_(here.site_ids))
        .group_by(Alert.organization_id)
    )
    return rows.one_or_none()


async def page_by_site(
    session: Session, here: Standing, answer: type[BaseModel], wanted: SiteFilter
) -> tuple[Sequence[Row], int]:
    """A page of a view's rows by the site's name, and how many there are."""
    # one row for each site: counting those spares working the view out once more
    sites = sa.select(sa.literal(1)).where(Site.organization_id == here.organization.id, Site.removed_at.is_(None))
    if here.site_ids is not None:
        sites = sites.where(Site.id.in_(here.site_ids))
    if wanted.site_id is not None:
        sites = sites.where(Site.id == wanted.site_id)
    return await page_of_rows(session, _selected(here, answer, wanted), wanted, counted=sites)


def every_site(session: Session, here: Standing, answer: type[BaseModel], wanted: SiteSelection) -> AsyncIterator[Row]:
    """All of the selected rows by the site's name, read while they are used."""
    return each_row_of(session, _selected(here, answer, wanted))


def _selected(here: Standing, answer: type[BaseModel], wanted: SiteSelection) -> sa.Select[Any]:
    view = _BY_SITE[answer]
    rows = sa.select(view).where(view.c.organization_id == here.organization.id)
    if here.site_ids is not None:
        rows = rows.where(view.c.site_id.in_(here.site_ids))
    if wanted.site_id is not None:
        rows = rows.where(view.c.site_id == wanted.site_id)
    return rows.order_by(view.c.site_name, view.c.site_id)
