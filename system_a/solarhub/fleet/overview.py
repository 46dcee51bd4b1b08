"""Gathers what the overview shows, of every plant of some organizations."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.devices.metadata import reporting_interval
from solarhub.devices.models import Device, DeviceState
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.fleet import queries
from solarhub.fleet.plants import (
    Day,
    OpenAlert,
    Overview,
    Plant,
    PowerReading,
    Standing,
    course_of,
    power_of,
    worst_first,
)
from solarhub.kit.db import Session
from solarhub.organizations.access import KnownOrganization, enter
from solarhub.telemetry.buckets import local_day
from solarhub.telemetry.production import production

_SHOWN = 60
"""Plants with their figures: as many as one person looks through; the others are counted."""

Machine = tuple[Device, DeviceState | None]


async def overview(session: Session, organizations: Sequence[KnownOrganization], now: datetime) -> Overview:
    """Of all plants of these organizations; the session stands, afterwards, in those whose plants are shown."""
    await _enter(session, organizations)
    sites = {row.id: row for row in await queries.sites(session)}
    devices = {row.site_id: row for row in await queries.devices_by_site(session)}
    counted = {row.site_id: row for row in await queries.open_alerts_by_site(session)}
    standings = worst_first((_standing(row, devices.get(row.id), counted.get(row.id)) for row in sites.values()), now)
    shown = standings[:_SHOWN]
    ids = [standing.site_id for standing in shown]
    # a thousand organizations in the tenant setting cost each look-up of a row half a millisecond
    names = {each.id: each for each in organizations}
    await _enter(session, [names[organization_id] for organization_id in {each.organization_id for each in shown}])
    machines: dict[UUID, list[Machine]] = defaultdict(list)
    for device, state in await queries.machines(session, ids):
        machines[device.site_id].append((device, state))
    alerts: dict[UUID, list[OpenAlert]] = defaultdict(list)
    for alert in await queries.open_alerts(session, ids):
        alerts[alert.site_id].append(OpenAlert(alert.message, alert.severity, alert.triggered_at))
    days = await _days(session, shown, machines)
    plants = [
        Plant(
            standing=standing,
            organization=names[standing.organization_id].name,
            state=standing.state(now),
            capacity_kw=sites[standing.site_id].capacity_kw,
            power=power_of(_power_readings(machines[standing.site_id]), now),
            day=days.get(standing.site_id),
            silent=[
                device.name
                for device, _ in machines[standing.site_id]
                if device.status in (DeviceStatus.OFFLINE, DeviceStatus.ERROR)
            ],
            alerts=alerts[standing.site_id],
        )
        for standing in shown
    ]
    states = Counter(standing.state(now) for standing in standings)
    return Overview(plants, more=len(standings) - len(shown), states=dict(sorted(states.items())))


async def _enter(session: Session, organizations: Sequence[KnownOrganization]) -> None:
    await enter(session, [each.id for each in organizations], [each.key for each in organizations])


def _standing(site: queries.SiteRow, devices: queries.CountRow | None, alerts: queries.CountRow | None) -> Standing:
    """`devices` and `alerts` None: the site has none."""
    return Standing(
        site_id=site.id,
        name=site.name,
        organization_id=site.organization_id,
        timezone=ZoneInfo(site.timezone),
        latitude=site.latitude,
        longitude=site.longitude,
        status=site.status,
        online=devices.online if devices else 0,
        offline=devices.offline if devices else 0,
        error=devices.error if devices else 0,
        maintenance=devices.maintenance if devices else 0,
        unknown=devices.unknown if devices else 0,
        critical_alerts=alerts.critical if alerts else 0,
        warning_alerts=alerts.warning if alerts else 0,
        info_alerts=alerts.info if alerts else 0,
        last_sample_at=devices.last_sample_at if devices else None,
    )


def _power_readings(machines: Sequence[Machine]) -> list[PowerReading]:
    told = [(device, state.latest.get("power_output")) for device, state in machines if state is not None]
    return [
        PowerReading(
            device.device_type,
            reading["value"],
            datetime.fromisoformat(reading["at"]),
            reporting_interval(device.device_metadata),
        )
        for device, reading in told
        if reading is not None
    ]


async def _days(
    session: Session, standings: Sequence[Standing], machines: Mapping[UUID, Sequence[Machine]]
) -> dict[UUID, Day]:
    """By site; plants whose day begins and ends at the same instants are asked for together."""
    together: dict[tuple[datetime, datetime], list[Standing]] = defaultdict(list)
    for standing in standings:
        if standing.last_sample_at is not None:
            day = standing.last_sample_at.astimezone(standing.timezone).date()
            together[local_day(day, standing.timezone)].append(standing)
    days = {}
    for (start, end), neighbours in together.items():
        generators = {standing.site_id: _generators(machines[standing.site_id]) for standing in neighbours}
        intervals = {
            device.device_key: reporting_interval(device.device_metadata)
            for devices in generators.values()
            for device in devices
        }
        produced = await production(session, intervals, start, end)
        for standing in neighbours:
            told = [produced[each.device_key] for each in generators[standing.site_id] if each.device_key in produced]
            known = [each.kwh for each in told if each.kwh is not None]
            days[standing.site_id] = Day(
                date=start.astimezone(standing.timezone).date(),
                kwh=sum(known) if known else None,
                course=course_of([each.course for each in told]),
            )
    return days


def _generators(machines: Sequence[Machine]) -> list[Device]:
    """Devices whose energy is the plant's: its inverters, or where it has none, all."""
    every = [device for device, _ in machines]
    return [device for device in every if device.device_type is DeviceType.INVERTER] or every
