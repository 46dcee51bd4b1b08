"""SQL of the overview: every plant of the organizations that the session stands in, in one statement for each table.

Three statements, and not one that joins them: each reads its own index once.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from solarhub.alerts.models import Alert
from solarhub.alerts.vocabulary import AlertSeverity, AlertStatus
from solarhub.devices.metadata import RATING_KEY
from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.kit.db import Session
from solarhub.sites.models import Site
from solarhub.sites.vocabulary import SiteStatus

Row = sa.Row[*tuple[Any, ...]]

OPEN = (AlertStatus.ACTIVE, AlertStatus.ACKNOWLEDGED)
MOST_ALERTS = 1000


async def sites(session: Session) -> Sequence[Row]:
    """Every plant that is not given up: its columns by name, `capacity_kw`, `plant_kind` and `disco`."""
    rows = await session.execute(
        sa.select(
            Site.id,
            Site.name,
            Site.organization_id,
            Site.timezone,
            Site.latitude,
            Site.longitude,
            Site.status,
            Site.created_at,
            Site.updated_at,
            Site.maintenance_until,
            sa.cast(_configured("system_capacity_kw"), sa.Double).label("capacity_kw"),
            _configured("plant_kind").label("plant_kind"),
            Site.disco_code.label("disco"),
        ).where(Site.removed_at.is_(None), Site.status != SiteStatus.DECOMMISSIONED)
    )
    return rows.all()


async def machines(session: Session, *, weak_share: float | None) -> Sequence[Row]:
    """Every device by name: its columns, what was heard of it, and of its newest readings what the overview shows.

    `power_at`, `total_at` are RFC 3339. `strings` maps series of an inverter's inputs to values, where one input gives
    no more than `weak_share` of what another one does; with None nobody looks at them.
    """
    latest = DeviceState.latest
    rows = await session.execute(
        sa.select(
            Device.id,
            Device.site_id,
            Device.device_key,
            Device.name,
            Device.device_type,
            Device.status,
            Device.last_error,
            Device.maintenance_until,
            Device.device_metadata["reporting_interval_seconds"].as_float().label("interval_seconds"),
            DeviceState.last_received_at,
            DeviceState.last_sample_at,
            _told(latest, "power_output", "value").label("power_kw"),
            sa.func.jsonb_extract_path_text(latest, "power_output", "at").label("power_at"),
            _told(latest, "energy_total", "value").label("total_kwh"),
            sa.func.jsonb_extract_path_text(latest, "energy_total", "at").label("total_at"),
            (sa.null() if weak_share is None else _uneven_strings(latest, weak_share)).label("strings"),
            _number(Device.device_metadata, RATING_KEY).label("rated_kw"),
        )
        .outerjoin(
            DeviceState,
            sa.and_(DeviceState.organization_id == Device.organization_id, DeviceState.device_id == Device.id),
        )
        .where(Device.removed_at.is_(None))
        .order_by(Device.name, Device.id)
    )
    return rows.all()


async def open_alerts(session: Session) -> Sequence[Row]:
    """The gravest first, the newest first among equals; the `MOST_ALERTS` gravest where there are more."""
    rows = await session.execute(
        sa.select(
            Alert.id,
            Alert.rule_id,
            Alert.site_id,
            Alert.device_id,
            Alert.message,
            Alert.severity,
            Alert.triggered_at,
            Alert.metric_name,
            Alert.metric_value,
            Alert.threshold_value,
        )
        .where(Alert.status.in_(OPEN))
        .order_by(Alert.severity.desc(), Alert.triggered_at.desc(), Alert.id)
        .limit(MOST_ALERTS)
    )
    return rows.all()


async def open_alerts_by_site(session: Session) -> Sequence[Row]:
    """How many alerts of each severity are open at each site that has any."""
    rows = await session.execute(
        sa.select(
            Alert.site_id,
            *(sa.func.count().filter(Alert.severity == severity).label(severity.value) for severity in AlertSeverity),
        )
        .where(Alert.status.in_(OPEN))
        .group_by(Alert.site_id)
    )
    return rows.all()


def _number(document: Any, key: str) -> sa.ColumnElement[float]:
    """A number of a JSON column; NULL for anything else that somebody put there."""
    is_number = sa.func.jsonb_typeof(document[key]) == "number"
    return sa.case((is_number, sa.cast(sa.func.jsonb_extract_path_text(document, key), sa.Double)))


def _configured(key: str) -> sa.ColumnElement[str]:
    return sa.func.jsonb_extract_path_text(Site.configuration, key)


def _told(latest: Any, series: str, member: str) -> sa.ColumnElement[float]:
    return sa.cast(sa.func.jsonb_extract_path_text(latest, series, member), sa.Double)


def _uneven_strings(latest: Any, weak_share: float) -> sa.ColumnElement[Any]:
    """Current and voltage of each input, as {series: value}, of an inverter that reports; NULL where they are even."""
    each = sa.func.jsonb_each(latest).table_valued("key", sa.column("value", JSONB)).render_derived("each")
    is_current = each.c.key.like("current\\_dc:%")
    value = sa.cast(each.c.value["value"], sa.Double)
    least, most = sa.func.min(value).filter(is_current), sa.func.max(value).filter(is_current)
    strings = (
        sa.select(sa.func.jsonb_object_agg(each.c.key, value, type_=JSONB))
        .select_from(each)
        .where(sa.or_(is_current, each.c.key.like("voltage\\_dc:%")))
        .having(least <= weak_share * most)
        .scalar_subquery()
    )
    reports = sa.and_(Device.device_type == DeviceType.INVERTER, Device.status == DeviceStatus.ONLINE)
    return sa.case((reports, strings))
