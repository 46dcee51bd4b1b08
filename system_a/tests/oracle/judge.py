"""What one rule must say about one device's samples: the semantics of the design, by brute force."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

BREACHES: dict[str, Callable[[float, float], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}

LOWEST_SUN_DEGREES = 10.0

Sample = tuple[datetime, float]


@dataclass
class ExpectedAlert:
    """One alert that must exist; `resolved_at` is None while it is open."""

    rule: str
    device: str
    triggered_at: datetime
    value: float
    resolved_at: datetime | None = None

    def open_at(self, instant: datetime) -> bool:
        return self.triggered_at <= instant and (self.resolved_at is None or instant < self.resolved_at)


def expected_alerts(
    rule: Mapping[str, Any],
    device: str,
    samples: Sequence[Sample],
    *,
    sun: "pd.Series[float]",
    interval_seconds: float = 60,
    resolved_by_hand: Sequence[datetime] = (),
) -> list[ExpectedAlert]:
    """The alerts of `rule` for `device`, oldest first.

    `samples`: (instant, value) of the rule's metric, in time order, each instant once. `sun`: degrees of elevation by
    instant; it holds every sample's instant, and others between them where gaps are long.
    `resolved_by_hand`: instants at which a person resolves what is open; never a sample's own instant.
    """
    stream = _Stream(rule["condition"], samples, sun, timedelta(seconds=interval_seconds))
    cooldown = timedelta(minutes=rule["cooldown_minutes"])
    alerts: list[ExpectedAlert] = []
    for index, (at, value) in enumerate(stream.judged):
        _resolve_by_hand(alerts, [instant for instant in resolved_by_hand if instant < at])
        if not stream.breaches(index):
            for alert in alerts:
                if alert.resolved_at is None and rule["auto_resolve"]:
                    alert.resolved_at = at
        elif (
            stream.long_enough(index)
            and not any(alert.open_at(at) for alert in alerts)
            and not _spent(stream, index, alerts)
            and not any(at < alert.triggered_at + cooldown for alert in alerts)
        ):
            alerts.append(ExpectedAlert(rule["name"], device, at, value))
    _resolve_by_hand(alerts, resolved_by_hand)
    return alerts


class _Stream:
    """The samples that are judged, and what can be said of each by looking at those before it."""

    def __init__(
        self, condition: Mapping[str, Any], samples: Sequence[Sample], sun: "pd.Series[float]", interval: timedelta
    ) -> None:
        daylight = condition.get("when", "always") == "daylight"
        self.judged = [(at, value) for at, value in samples if not daylight or sun[at] >= LOWEST_SUN_DEGREES]
        self._breaches = BREACHES[condition["operator"]]
        self._threshold = condition["threshold"]
        self._duration = timedelta(seconds=condition["duration_seconds"])
        instants = [at for at, _ in self.judged]
        self._torn = [False] + [
            at - before > 3 * interval or (daylight and bool((sun[before:at] < LOWEST_SUN_DEGREES).any()))
            for before, at in pairwise(instants)
        ]

    def breaches(self, index: int) -> bool:
        return self._breaches(self.judged[index][1], self._threshold)

    def row(self, index: int) -> range:
        """The breaching samples before this one with no clear one between, whatever silence lay there."""
        start = index
        while start > 0 and self.breaches(start - 1):
            start -= 1
        return range(start, index)

    def long_enough(self, index: int) -> bool:
        """Has the streak of this breaching sample, which silence or a night does break, lasted the rule's duration?"""
        start = index
        while start > 0 and self.breaches(start - 1) and not self._torn[start]:
            start -= 1
        return self.judged[index][0] >= self.judged[start][0] + self._duration


def _spent(stream: _Stream, index: int, alerts: Sequence[ExpectedAlert]) -> bool:
    """Did this row of breaches already raise its alert, or was it long enough while one was open?"""
    return any(
        alert.open_at(stream.judged[earlier][0]) and stream.long_enough(earlier)
        for earlier in stream.row(index)
        for alert in alerts
    )


def _resolve_by_hand(alerts: Sequence[ExpectedAlert], instants: Sequence[datetime]) -> None:
    for alert in alerts:
        later = [instant for instant in instants if instant > alert.triggered_at]
        if alert.resolved_at is None and later:
            alert.resolved_at = min(later)
