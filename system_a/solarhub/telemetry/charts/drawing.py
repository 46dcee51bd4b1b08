"""Draws the lines that were asked for, from raw rows where these are few enough, else from roll-ups."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from solarhub.devices.metadata import SHORTEST_INTERVAL, reporting_interval
from solarhub.devices.models import Device
from solarhub.devices.vocabulary import DeviceType
from solarhub.kit.db import Session
from solarhub.kit.errors import FieldError, Invalid, NotFound
from solarhub.metrics import Metric
from solarhub.organizations.access import Look
from solarhub.telemetry.batch import microseconds
from solarhub.telemetry.charts import lines
from solarhub.telemetry.charts.lines import Line
from solarhub.telemetry.charts.thinning import Thinning
from solarhub.telemetry.history import stretches, stretches_of
from solarhub.telemetry.queries import charts as queries

MOST_VALUES = 400_000
"""Values that are read for one chart: about half a second."""
LONGEST_RAW = timedelta(days=35)
_SUMMED_UNITS = frozenset({"kW", "kWh", "kvar", "kVA"})
_SECOND = 1_000_000


class Source(StrEnum):
    """What a line is drawn from."""

    RAW = "raw"
    QUARTERS = "15m"
    HOURS = "1h"
    DAYS = "1d"


_WIDTHS = {
    Source.QUARTERS: timedelta(minutes=15),
    Source.HOURS: timedelta(hours=1),
    Source.DAYS: timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be drawn: each series of each device, and of each site as a whole."""

    series: Sequence[tuple[Metric, str]]
    device_ids: Sequence[UUID]
    site_ids: Sequence[UUID]
    start: datetime
    end: datetime
    points: int
    thinning: Thinning


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line, and whose it is: a device's, or the total of a site."""

    metric: Metric
    series: str
    device_id: UUID | None
    site_id: UUID | None
    name: str
    line: Line


@dataclass(frozen=True, slots=True)
class Chart:
    source: Source
    lines: Sequence[Drawn]


async def draw(look: Look, asked: Asked) -> Chart:
    """NotFound for a device or site that is not there; Invalid for more than a chart can be drawn from."""
    if _is_surely_few(asked):
        return await _draw_rows(look, asked)
    async with look.open_session() as session:
        return await _draw_any(session, asked)


def _is_surely_few(asked: Asked) -> bool:
    """Whether lines of devices are drawn from raw rows however often these report: nobody has to look first."""
    seconds = (asked.end - asked.start).total_seconds()
    values = len(set(asked.device_ids)) * len(asked.series) * seconds / SHORTEST_INTERVAL.total_seconds()
    return not asked.site_ids and asked.end - asked.start <= LONGEST_RAW and values <= MOST_VALUES


async def _draw_rows(look: Look, asked: Asked) -> Chart:
    names = [series for _, series in asked.series]
    devices = await queries.devices_with_rows(look, asked.device_ids, asked.start, asked.end, names)
    if len(devices) < len(set(asked.device_ids)):
        raise NotFound
    drawn = []
    for device in devices:
        found = await stretches_of(device.raw, device.blocks, (asked.start, asked.end), names)
        silence = _silence(Source.RAW, [device])
        for metric, series in asked.series:
            line = lines.fitted(lines.of_rows(found, series), asked.thinning, asked.points, silence)
            drawn.append(Drawn(metric, series, device.device_id, None, device.name, line))
    return Chart(Source.RAW, drawn)


async def _draw_any(session: Session, asked: Asked) -> Chart:
    devices = await queries.devices(session, asked.device_ids)
    sites = await queries.sites_with_devices(session, asked.site_ids)
    if len(devices) < len(set(asked.device_ids)) or len(sites) < len(set(asked.site_ids)):
        raise NotFound
    for metric, _ in asked.series if sites else ():
        _check_summed(metric)
    members = {site.id: (site.name, _counted(of_site, asked)) for site, of_site in sites}
    every = {device.device_key: device for device in devices}
    every |= {device.device_key: device for _, of_site in members.values() for device in of_site}
    source = _source(every.values(), len(asked.series), asked.end - asked.start)
    own = await _lines(session, every, asked, source)
    drawn = [
        Drawn(metric, series, device.id, None, device.name, _fit(own[device.device_key, series], asked, source, device))
        for device in devices
        for metric, series in asked.series
    ]
    for site_id, (name, of_site) in members.items():
        for metric, series in asked.series:
            line = _total({each.device_key: own[each.device_key, series] for each in of_site}, of_site, asked, source)
            drawn.append(Drawn(metric, series, None, site_id, name, line))
    return Chart(source, drawn)


def _check_summed(metric: Metric) -> None:
    if metric.unit not in _SUMMED_UNITS or metric.kind.is_code:
        message = f"has no total over a site: it is in {metric.unit}"
        raise Invalid([FieldError("metric", metric.name, message, f"metrics in {', '.join(sorted(_SUMMED_UNITS))}")])


def _counted(devices: Sequence[Device], asked: Asked) -> Sequence[Device]:
    """What a plant generates is told by its inverters, though its meter may say it again; all else by whoever does."""
    if all(metric.name in ("power_output", "energy_total", "energy_today") for metric, _ in asked.series):
        inverters = [device for device in devices if device.device_type is DeviceType.INVERTER]
        return inverters or devices
    return devices


def _source(devices: Collection[Device], series: int, window: timedelta) -> Source:
    """The finest from which so many lines can be drawn. Raises Invalid."""
    raw = sum(window / reporting_interval(device.device_metadata) for device in devices) * series
    if window <= LONGEST_RAW and raw <= MOST_VALUES:
        return Source.RAW
    for source, width in _WIDTHS.items():
        if len(devices) * series * (window / width) <= MOST_VALUES:
            return source
    message = f"asks {len(devices):,} devices for {series} metrics over {window.days:,} days"
    allowed = f"fewer of them, or a shorter time: up to {MOST_VALUES:,} days of a device's metric"
    raise Invalid([FieldError("from", None, message, allowed)])


async def _lines(
    session: Session, devices: Mapping[int, Device], asked: Asked, source: Source
) -> dict[tuple[int, str], Line]:
    names = [series for _, series in asked.series]
    if source is not Source.RAW:
        rolled = await queries.rolled(session, source.value, list(devices), names, start=asked.start, end=asked.end)
        return {(key, name): rolled.get((key, name), lines.NOTHING) for key in devices for name in names}
    found = await stretches(session, list(devices), asked.start, asked.end, names)
    of_device = {key: [each for each in found if each.device_key == key] for key in devices}
    return {(key, name): lines.of_rows(of_device[key], name) for key in devices for name in names}


def _fit(line: Line, asked: Asked, source: Source, device: Device) -> Line:
    return lines.fitted(line, asked.thinning, asked.points, _silence(source, [device]))


def _total(own: Mapping[int, Line], devices: Sequence[Device], asked: Asked, source: Source) -> Line:
    intervals = {each.device_key: _interval(each) for each in devices}
    width = max([*intervals.values(), _SECOND]) if source is Source.RAW else _width(source)
    if source is Source.RAW:
        window = microseconds(asked.end) - microseconds(asked.start)
        width = max(width, window // (4 * asked.points))
    plain = {key: Line(line.at, line.value) for key, line in own.items()}
    summed = lines.total(plain, intervals, microseconds(asked.start), width)
    return lines.fitted(summed, asked.thinning, asked.points, max(_silence(source, devices), 2 * width))


class _Reporting(Protocol):
    @property
    def device_metadata(self) -> Mapping[str, Any]: ...


def _silence(source: Source, devices: Sequence[_Reporting]) -> int:
    if source is Source.RAW:
        return lines.SILENT_INTERVALS * max((_interval(device) for device in devices), default=_SECOND)
    return _width(source) * 3 // 2


def _width(source: Source) -> int:
    return int(_WIDTHS[source].total_seconds()) * _SECOND


def _interval(device: _Reporting) -> int:
    return int(reporting_interval(device.device_metadata).total_seconds() * _SECOND)
