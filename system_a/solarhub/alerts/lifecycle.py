"""When a rule fires on a device and when that is over: a state machine over the device's samples, in their own time.

A streak starts at the first breaching sample; a clear one ends it, so does a gap longer than three reporting intervals
and, for a rule of the daylight, a night. It fires once it has lasted for the rule's duration, unless an alert of the
rule is open on the device or the cooldown since the previous one runs. One streak, one alert: after firing, or after
meeting an open alert, nothing fires until a clear sample has been seen. Silence says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from solarhub.sites.daylight import is_daylight, night_between

INTERVALS_OF_SILENCE = 3
"""A streak survives a gap of so many reporting intervals, and no longer one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule demands of one sample after another; `threshold` in the unit of its metric."""

    breaches: Callable[[float, float], bool]
    threshold: float
    duration: timedelta
    cooldown: timedelta
    auto_resolve: bool
    daylight: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What a rule must know of a device: how long it may be silent within a streak, and where it stands (degrees)."""

    longest_gap: timedelta
    latitude: float
    longitude: float


class State(NamedTuple):
    """Where a rule stands on a device. A tuple because one is made for every breaching sample.

    `last_breach_at` is the newest judged sample of the streak. `is_open`: an alert of the rule is open on the device.
    """

    streak_started_at: datetime | None = None
    last_breach_at: datetime | None = None
    awaiting_clear: bool = False
    is_open: bool = False
    last_triggered_at: datetime | None = None

    def moved_from(self, before: "State") -> bool:
        """Whether anything changed that a restart must know; `last_breach_at` is found again in the samples."""
        return (
            self.streak_started_at != before.streak_started_at
            or self.awaiting_clear is not before.awaiting_clear
            or self.is_open is not before.is_open
            or self.last_triggered_at != before.last_triggered_at
        )

    def anew(self) -> "State":
        """What is left when the rule asks otherwise than before: its open alert, and when it last fired."""
        return State(is_open=self.is_open, last_triggered_at=self.last_triggered_at)

    def without_alert(self) -> "State":
        """The same once somebody closed its alert."""
        return self._replace(is_open=False)


IDLE = State()


class Fired(NamedTuple):
    """An alert begins, by the sample at `at` with `value`; `streak_started_at` names the episode."""

    at: datetime
    value: float
    streak_started_at: datetime


class Resolved(NamedTuple):
    """The open alert is over, by the clear sample at `at`."""

    at: datetime


Event = Fired | Resolved


def step(rule: Rule, state: State, at: datetime, value: float, target: Target) -> tuple[State, Event | None]:
    """What the sample at `at` makes of `state`; the very same object where it changes nothing.

    Samples of a device come in the order of their time; one without the metric, or a late one, is not given here.
    """
    if rule.breaches(value, rule.threshold):
        if rule.daylight and not is_daylight(at, target.latitude, target.longitude):
            return state, None
        return _breach(rule, state, at, value, target)
    resolves = state.is_open and rule.auto_resolve
    if state.streak_started_at is None and not state.awaiting_clear and not resolves:
        return state, None
    if rule.daylight and not is_daylight(at, target.latitude, target.longitude):
        return state, None
    cleared = State(is_open=state.is_open and not resolves, last_triggered_at=state.last_triggered_at)
    return cleared, Resolved(at) if resolves else None


def _breach(rule: Rule, state: State, at: datetime, value: float, target: Target) -> tuple[State, Event | None]:
    started, last, awaiting, is_open, triggered = state
    if started is None or last is None or _is_broken(rule, last, at, target):
        started = at
    on_hold = triggered is not None and at - triggered < rule.cooldown and not is_open
    if awaiting or on_hold or at - started < rule.duration:
        return State(started, at, awaiting, is_open, triggered), None
    if is_open:
        return State(started, at, awaiting_clear=True, is_open=True, last_triggered_at=triggered), None
    return State(started, at, awaiting_clear=True, is_open=True, last_triggered_at=at), Fired(at, value, started)


def _is_broken(rule: Rule, last: datetime, at: datetime, target: Target) -> bool:
    """Whether what lies between two breaching samples parts them into two streaks."""
    if at - last > target.longest_gap:
        return True
    return rule.daylight and night_between(last, at, target.latitude, target.longitude)
