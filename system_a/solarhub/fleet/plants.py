"""What the overview says of a plant, and which plant needs somebody first: pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.devices.liveness import MISSED_INTERVALS, is_silent
from solarhub.devices.vocabulary import DeviceStatus, DeviceType
from solarhub.sites.daylight import is_daylight
from solarhub.sites.vocabulary import SiteStatus

_QUIET = timedelta(minutes=15)


class State(IntEnum):
    """How a plant stands, the worst first."""

    CRITICAL = 1
    SILENT = 2
    """Every device of it that was ever heard is silent."""
    WARNING = 3
    PARTLY_SILENT = 4
    NOTICE = 5
    WAITING = 6
    """Nothing was ever heard of it."""
    MAINTENANCE = 7
    ASLEEP = 8
    """Quiet because the sun is down."""
    WORKING = 9
    INACTIVE = 10

    @property
    def needs_attention(self) -> bool:
        """Whether something is wrong; what only waits, rests or is out of service stands well enough."""
        return self <= State.NOTICE


@dataclass(frozen=True, slots=True)
class Situation:
    """Counts and times of one plant; `last_sample_at` is the samples' own time.

    `maintenance_until`: when maintenance ends by itself, None while nobody has said so. `changed_at`: when somebody
    last edited the plant, the nearest thing to knowing since when it is in maintenance. `asleep`: devices that are
    silent because the sun is down.
    """

    site_id: UUID
    name: str
    organization_id: UUID
    timezone: ZoneInfo
    latitude: float
    longitude: float
    status: SiteStatus
    online: int
    offline: int
    error: int
    maintenance: int
    unknown: int
    critical_alerts: int
    warning_alerts: int
    info_alerts: int
    last_sample_at: datetime | None
    entered_at: datetime
    changed_at: datetime
    maintenance_until: datetime | None = None
    asleep: int = 0
    capacity_kw: float | None = None
    disco: str | None = None

    @property
    def devices(self) -> int:
        return self.online + self.offline + self.error + self.maintenance + self.unknown

    @property
    def silent(self) -> int:
        """Devices that should report and do not."""
        return self.offline + self.error

    @property
    def open_alerts(self) -> int:
        return self.critical_alerts + self.warning_alerts + self.info_alerts

    def state(self, now: datetime) -> State:  # noqa: PLR0911 - a ladder, read from the top
        if self.status is SiteStatus.INACTIVE or self.status is SiteStatus.DECOMMISSIONED:
            return State.INACTIVE
        if self.critical_alerts:
            return State.CRITICAL
        if self.silent and not self.online and self.status is not SiteStatus.MAINTENANCE:
            return State.SILENT
        if self.warning_alerts:
            return State.WARNING
        if self.silent and self.status is not SiteStatus.MAINTENANCE:
            return State.PARTLY_SILENT
        if self.info_alerts:
            return State.NOTICE
        if self.status is SiteStatus.MAINTENANCE or (self.maintenance and self.maintenance == self.devices):
            return State.MAINTENANCE
        if self.last_sample_at is None:
            return State.WAITING
        quiet = now - self.last_sample_at > _QUIET
        return State.ASLEEP if quiet and not is_daylight(now, self.latitude, self.longitude) else State.WORKING


def urgency(situation: Situation, state: State) -> tuple[State, int, int, str, UUID]:
    """What plants are sorted by: the least needs somebody first. Within a state open alerts count, then silence."""
    return (
        state,
        -situation.open_alerts,
        -situation.silent,
        situation.name.casefold(),
        situation.site_id,
    )


class PowerReading(NamedTuple):
    """What a device reported last of its power, in kW."""

    device_type: DeviceType
    kw: float
    at: datetime
    interval: timedelta


class Power(NamedTuple):
    """A plant's power in kW as of `at`; no longer `current` when its devices have missed three reports since."""

    kw: float
    at: datetime
    current: bool


def power_of(readings: Sequence[PowerReading], now: datetime) -> Power | None:
    """The sum over the inverters, or where there is none over whatever reports power.

    Only what belongs to the newest of them is added up: an inverter that fell silent hours ago gives nothing now.
    """
    counted = [reading for reading in readings if reading.device_type is DeviceType.INVERTER] or readings
    if not counted:
        return None
    newest = max(reading.at for reading in counted)
    together = [reading for reading in counted if newest - reading.at <= MISSED_INTERVALS * reading.interval]
    longest = max(reading.interval for reading in together)
    return Power(sum(reading.kw for reading in together), newest, now - newest <= MISSED_INTERVALS * longest)


def course_of(courses: Sequence[Sequence[float | None]]) -> list[float | None]:
    """Power in kW of each quarter of an hour, added up over machines; None where none of them reported."""
    told = ([kw for kw in quarter if kw is not None] for quarter in zip(*courses, strict=True))
    return [sum(quarter) if quarter else None for quarter in told]


class Reading(NamedTuple):
    """The newest value of a counter, in kWh, and when it was taken."""

    kwh: float
    at: datetime


class DirectCurrent(NamedTuple):
    """What a string or an input of an inverter gave last, in A; the voltage in V where it is told."""

    current: float
    voltage: float | None


class Machine(NamedTuple):
    """A device as the overview knows it. `heard_at` is the hub's time; `asleep`: silent because the sun is down.

    `strings` by channel, of an inverter that reports them.
    """

    id: UUID
    key: int
    name: str
    device_type: DeviceType
    status: DeviceStatus
    interval: timedelta
    heard_at: datetime | None
    last_sample_at: datetime | None
    last_error: str | None
    maintenance_until: datetime | None
    asleep: bool
    power: PowerReading | None
    energy_total: Reading | None
    strings: Mapping[str, DirectCurrent]
    rated_kw: float | None = None

    @property
    def silent(self) -> bool:
        """Whether it should report and does not."""
        return self.status in (DeviceStatus.OFFLINE, DeviceStatus.ERROR)

    def speaks(self, now: datetime) -> bool:
        """Whether it was heard within three of its reporting intervals."""
        return self.heard_at is not None and not is_silent(self.heard_at, self.interval, now)


def generators(machines: Sequence[Machine]) -> list[Machine]:
    """Devices whose energy is the plant's: its inverters, or where it has none, all."""
    return [each for each in machines if each.device_type is DeviceType.INVERTER] or list(machines)


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """What is wrong in one sentence, and since when; `device_id` None: with the plant as a whole."""

    id: UUID
    rule_id: UUID
    device_id: UUID | None
    message: str
    severity: AlertSeverity
    triggered_at: datetime
    metric: str | None
    value: float | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class Day:
    """The plant's local day that its newest sample belongs to: its energy so far, and its power by quarters of an hour.

    `kwh` None: nothing was reported that tells.
    """

    date: date
    kwh: float | None
    course: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Plant:
    """One plant, its devices by name and its open alerts, the gravest first. `day` None: nobody has asked for it."""

    situation: Situation
    organization: str
    state: State
    power: Power | None
    machines: Sequence[Machine]
    alerts: Sequence[OpenAlert]
    day: Day | None = None

    @property
    def silent(self) -> list[str]:
        """The devices that should report and do not, by name."""
        return [machine.name for machine in self.machines if machine.silent]
