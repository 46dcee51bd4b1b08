"""What there is to see of a plant while its day passes: kept up to date here, drawn elsewhere."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from solarhub.demo.plant import Plant, PlantDevice
from solarhub.demo.replay import Acknowledged
from solarhub.devices.vocabulary import DeviceType

FULL_SUN = 1000.0
"""W/m2 under which modules are rated: the full scale of an irradiance."""

_RATE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Curve:
    """One value per instant of a device, to be drawn from 0 to `full`, in `unit`."""

    device: str
    metric: str
    unit: str
    full: float
    points: list[tuple[datetime, float]] = field(default_factory=list)

    @property
    def now(self) -> float | None:
        return self.points[-1][1] if self.points else None

    @property
    def reading(self) -> str:
        """The present value with its unit; kW to the watt, which is what an inverter draws at night."""
        if self.now is None:
            return "-"
        return f"{self.now:,.0f} {self.unit}" if self.full >= FULL_SUN else f"{self.now:.3f} {self.unit}"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """An alert opened, or was resolved, at the instant `at` of the plant."""

    at: datetime
    opened: bool
    rule: str
    device: str
    message: str


class Scene:
    """Everything that a view shows. Wall-clock times are seconds since the command was given."""

    def __init__(self, plant: Plant, page: str, speed: float) -> None:
        self.plant = plant
        self.page = page
        self.speed = speed
        self.curves = [curve for device in plant.devices if (curve := _curve(device)) is not None]
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.now: datetime | None = None
        self.samples = 0
        self.acknowledged = 0
        self.quarantined = 0
        self.duplicates = 0
        self.rate = 0.0
        self.waiting: str | None = None
        self.first_sample_seconds: float | None = None
        self.first_alert_seconds: float | None = None
        self.rules: dict[str, str] = {}
        self.devices: dict[str, str] = {}
        self.alerts: dict[str, Mapping[str, Any]] = {}
        self.events: list[AlertEvent] = []
        self._arrivals: deque[tuple[float, int]] = deque()

    def expect(self, first: datetime, last: datetime, samples: int) -> None:
        """The day that is about to pass."""
        self.first, self.last, self.samples = first, last, samples

    def acknowledge(self, answer: Acknowledged, seconds: float) -> None:
        """The hub's answer to some samples of one device."""
        if self.first_sample_seconds is None:
            self.first_sample_seconds = seconds
        self.waiting = None
        self.acknowledged += len(answer.samples)
        self.quarantined += answer.quarantined
        self.duplicates += answer.duplicates
        newest = answer.samples[-1].at
        self.now = newest if self.now is None else max(self.now, newest)
        for curve in self.curves:
            if curve.device == answer.device:
                curve.points.extend((sample.at, float(sample.metrics[curve.metric])) for sample in answer.samples)  # type: ignore[arg-type]  # the plain metrics
        self._arrivals.append((seconds, len(answer.samples)))
        self.tick(seconds)

    def tick(self, seconds: float) -> None:
        """Time has passed."""
        while self._arrivals and self._arrivals[0][0] < seconds - _RATE_SECONDS:
            self._arrivals.popleft()
        self.rate = sum(count for _, count in self._arrivals) / min(max(seconds, 0.1), _RATE_SECONDS)

    def see(self, alerts: Iterable[Mapping[str, Any]], seconds: float) -> list[AlertEvent]:
        """The hub's alerts as they are now; returns what has happened since the last look, in the plant's time."""
        news = []
        for alert in alerts:
            before = self.alerts.get(alert["id"])
            self.alerts[alert["id"]] = alert
            if before is None:
                news.append(self._event(alert, alert["triggered_at"], opened=True))
            if alert["resolved_at"] is not None and (before is None or before["resolved_at"] is None):
                news.append(self._event(alert, alert["resolved_at"], opened=False))
        if news and self.first_alert_seconds is None:
            self.first_alert_seconds = seconds
        news.sort(key=lambda event: event.at)
        self.events += news
        return news

    @property
    def open_alerts(self) -> int:
        return sum(alert["resolved_at"] is None for alert in self.alerts.values())

    def count(self, rule: str) -> int:
        """How many alerts the rule of that name has raised."""
        return sum(self.rules.get(alert["rule_id"]) == rule for alert in self.alerts.values())

    def _event(self, alert: Mapping[str, Any], at: str, *, opened: bool) -> AlertEvent:
        return AlertEvent(
            at=datetime.fromisoformat(at),
            opened=opened,
            rule=self.rules[alert["rule_id"]],
            device=self.devices.get(alert["device_id"], ""),
            message=alert["message"],
        )


def _curve(device: PlantDevice) -> Curve | None:
    """What says most about a device at a glance, if anything does."""
    if device.rated_kw is not None:
        return Curve(device.name, "power_output", "kW", device.rated_kw)
    if device.device_type is DeviceType.WEATHER_STATION:
        return Curve(device.name, "irradiance_poa", "W/m2", FULL_SUN)
    return None
