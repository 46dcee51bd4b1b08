"""Every plant that a session sees, as it stands now: read once, for the overview, the page and the morning message."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.liveness import DEFAULT_INTERVAL, is_silent, sleeps_at_night
from solarhub.devices.vocabulary import DeviceStatus
from solarhub.fleet.plants import (
    DirectCurrent,
    Machine,
    OpenAlert,
    Plant,
    PowerReading,
    Reading,
    Situation,
    power_of,
)
from solarhub.fleet.queries import plants as queries
from solarhub.fleet.single_devices import TELLING_ELEVATION_DEG, WEAK_SHARE
from solarhub.kit.db import Session
from solarhub.sites.daylight import DAYLIGHT_ELEVATION_DEG, elevation_deg


async def survey(session: Session, organizations: Mapping[UUID, str], now: datetime) -> list[Plant]:
    """The plants that the session sees, in no order; `organizations` are the names of those that it stands in."""
    sites = await queries.sites(session)
    sun = {site.id: elevation_deg(now, site.latitude, site.longitude) for site in sites}
    weak_share = WEAK_SHARE if any(height >= TELLING_ELEVATION_DEG for height in sun.values()) else None
    machine_rows = await queries.machines(session, weak_share=weak_share) if sites else ()
    alert_rows = await queries.open_alerts(session) if sites else ()
    # with fewer than the most, every open alert is at hand and needs no counting by the database
    counted = await queries.open_alerts_by_site(session) if len(alert_rows) == queries.MOST_ALERTS else None
    alerts: dict[UUID, list[OpenAlert]] = defaultdict(list)
    for row in alert_rows:
        alerts[row.site_id].append(_alert(row))
    counts = {row.site_id: row for row in counted} if counted is not None else None
    rows_of: dict[UUID, list[queries.Row]] = defaultdict(list)
    for row in machine_rows:
        rows_of[row.site_id].append(row)
    plants = []
    for site in sites:
        dark = sun[site.id] < DAYLIGHT_ELEVATION_DEG
        machines = [_machine(row, site.plant_kind, dark=dark, now=now) for row in rows_of[site.id]]
        situation = _situation(site, machines, _counts(alerts[site.id], counts, site.id))
        plants.append(
            Plant(
                situation=situation,
                organization=organizations[site.organization_id],
                state=situation.state(now),
                power=power_of([machine.power for machine in machines if machine.power is not None], now),
                machines=machines,
                alerts=alerts[site.id],
            )
        )
    return plants


def _counts(
    alerts: Sequence[OpenAlert], counted: Mapping[UUID, queries.Row] | None, site_id: UUID
) -> tuple[int, int, int]:
    """Critical, warning and info."""
    if counted is None:
        severities = [alert.severity for alert in alerts]
        return (
            severities.count(AlertSeverity.CRITICAL),
            severities.count(AlertSeverity.WARNING),
            severities.count(AlertSeverity.INFO),
        )
    row = counted.get(site_id)
    return (row.critical, row.warning, row.info) if row is not None else (0, 0, 0)


def _situation(site: queries.Row, machines: Sequence[Machine], alerts: tuple[int, int, int]) -> Situation:
    statuses = [machine.status for machine in machines]
    critical, warning, info = alerts
    return Situation(
        site_id=site.id,
        name=site.name,
        organization_id=site.organization_id,
        timezone=ZoneInfo(site.timezone),
        latitude=site.latitude,
        longitude=site.longitude,
        status=site.status,
        online=statuses.count(DeviceStatus.ONLINE),
        offline=statuses.count(DeviceStatus.OFFLINE),
        error=statuses.count(DeviceStatus.ERROR),
        maintenance=statuses.count(DeviceStatus.MAINTENANCE),
        unknown=statuses.count(DeviceStatus.UNKNOWN),
        critical_alerts=critical,
        warning_alerts=warning,
        info_alerts=info,
        last_sample_at=max((each.last_sample_at for each in machines if each.last_sample_at), default=None),
        entered_at=site.created_at,
        changed_at=site.updated_at,
        maintenance_until=site.maintenance_until,
        asleep=sum(machine.asleep for machine in machines),
        capacity_kw=site.capacity_kw,
        disco=site.disco,
    )


def _machine(row: queries.Row, plant_kind: str | None, *, dark: bool, now: datetime) -> Machine:
    (
        device_id, _, key, name, device_type, status, last_error, maintenance_until, seconds, heard_at, last_sample_at,
        power_kw, power_at, total_kwh, total_at, strings, rated_kw,
    ) = row  # fmt: skip
    interval = timedelta(seconds=seconds) if seconds is not None else DEFAULT_INTERVAL
    return Machine(
        device_id,
        key,
        name,
        device_type,
        status,
        interval,
        heard_at,
        last_sample_at,
        last_error,
        maintenance_until,
        asleep=dark
        and heard_at is not None
        and is_silent(heard_at, interval, now)
        and sleeps_at_night(device_type, plant_kind),
        power=None
        if power_kw is None
        else PowerReading(device_type, power_kw, datetime.fromisoformat(power_at), interval),
        energy_total=None if total_kwh is None else Reading(total_kwh, datetime.fromisoformat(total_at)),
        strings=_strings(strings) if strings else {},
        rated_kw=rated_kw,
    )


def _strings(series: Mapping[str, Any]) -> dict[str, DirectCurrent]:
    """By channel, of {`current_dc:string2`: A, `voltage_dc:string2`: V}."""
    currents = {name.partition(":")[2]: value for name, value in series.items() if name.startswith("current_dc:")}
    return {channel: DirectCurrent(value, series.get(f"voltage_dc:{channel}")) for channel, value in currents.items()}


def _alert(row: queries.Row) -> OpenAlert:
    return OpenAlert(
        row.id,
        row.rule_id,
        row.device_id,
        row.message,
        row.severity,
        row.triggered_at,
        row.metric_name,
        row.metric_value,
        row.threshold_value,
    )
