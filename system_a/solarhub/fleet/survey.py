"""Every plant of one organization as it stands now: read once, for the overview, the page and the morning message."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.devices.liveness import DEFAULT_INTERVAL, is_silent, sleeps_at_night
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
from solarhub.kit.db import Session
from solarhub.sites.daylight import is_daylight


async def survey(session: Session, organization: str, now: datetime) -> list[Plant]:
    """The plants that the session sees, in no order; `organization` is the name of the one that it stands in."""
    sites = await queries.sites(session)
    machine_rows = await queries.machines(session) if sites else ()
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
    dark: dict[tuple[float, float], bool] = {}
    plants = []
    for site in sites:
        place = (site.latitude, site.longitude)
        if place not in dark:
            dark[place] = not is_daylight(now, *place)
        machines = [_machine(row, site.plant_kind, dark=dark[place], now=now) for row in rows_of[site.id]]
        situation = _situation(site, machines, _counts(alerts[site.id], counts, site.id))
        plants.append(
            Plant(
                situation=situation,
                organization=organization,
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
        severities = [alert.severity.value for alert in alerts]
        return severities.count("critical"), severities.count("warning"), severities.count("info")
    row = counted.get(site_id)
    return (row.critical, row.warning, row.info) if row is not None else (0, 0, 0)


def _situation(site: queries.Row, machines: Sequence[Machine], alerts: tuple[int, int, int]) -> Situation:
    statuses = [machine.status.value for machine in machines]
    critical, warning, info = alerts
    return Situation(
        site_id=site.id,
        name=site.name,
        organization_id=site.organization_id,
        timezone=ZoneInfo(site.timezone),
        latitude=site.latitude,
        longitude=site.longitude,
        status=site.status,
        online=statuses.count("online"),
        offline=statuses.count("offline"),
        error=statuses.count("error"),
        maintenance=statuses.count("maintenance"),
        unknown=statuses.count("unknown"),
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
    interval = timedelta(seconds=row.interval_seconds) if row.interval_seconds is not None else DEFAULT_INTERVAL
    silent = row.last_received_at is not None and is_silent(row.last_received_at, interval, now)
    power = None
    if row.power_kw is not None:
        power = PowerReading(row.device_type, row.power_kw, datetime.fromisoformat(row.power_at), interval)
    total = Reading(row.total_kwh, datetime.fromisoformat(row.total_at)) if row.total_kwh is not None else None
    return Machine(
        id=row.id,
        key=row.device_key,
        name=row.name,
        device_type=row.device_type,
        status=row.status,
        interval=interval,
        heard_at=row.last_received_at,
        last_sample_at=row.last_sample_at,
        last_error=row.last_error,
        maintenance_until=row.maintenance_until,
        asleep=silent and dark and sleeps_at_night(row.device_type, plant_kind),
        power=power,
        energy_total=total,
        strings=_strings(row.strings) if row.strings else {},
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
