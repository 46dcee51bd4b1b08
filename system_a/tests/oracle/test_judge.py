"""The oracle itself, on streams short enough to be judged by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from tests.oracle.judge import expected_alerts

START = datetime(2026, 3, 21, 6, tzinfo=UTC)


def rule(
    duration_seconds: int = 0,
    *,
    cooldown_minutes: int = 0,
    auto_resolve: bool = True,
    operator: str = "lt",
    when: str = "always",
) -> dict[str, Any]:
    return {
        "name": "low",
        "condition": {
            "metric": "power_output",
            "operator": operator,
            "threshold": 1.0,
            "duration_seconds": duration_seconds,
            "when": when,
        },
        "cooldown_minutes": cooldown_minutes,
        "auto_resolve": auto_resolve,
    }


def judged(
    document: dict[str, Any],
    stream: str,
    *,
    sun: str = "",
    by_hand: Sequence[float] = (),
) -> list[tuple[int, int | None]]:
    """A character a minute: `x` breaches (0 under a threshold of 1), `.` is clear, a space is silence.

    `sun`: `D` where it stands at 30 degrees, `n` where it stands at 5. Returns (minute fired, minute resolved).
    """
    instants = [START + timedelta(minutes=minute) for minute in range(len(stream))]
    samples = [(at, 0.0 if mark == "x" else 2.0) for at, mark in zip(instants, stream, strict=True) if mark != " "]
    degrees = [5.0 if sun[minute : minute + 1] == "n" else 30.0 for minute in range(len(stream))]
    alerts = expected_alerts(
        document,
        "Inverter 1",
        samples,
        sun=pd.Series(degrees, index=pd.DatetimeIndex(instants)),
        resolved_by_hand=[START + timedelta(minutes=minute) for minute in by_hand],
    )
    return [
        (
            (alert.triggered_at - START) // timedelta(minutes=1),
            (alert.resolved_at - START) // timedelta(minutes=1) if alert.resolved_at else None,
        )
        for alert in alerts
    ]


def test_without_a_duration_the_first_breach_fires_and_the_first_clear_sample_resolves() -> None:
    assert judged(rule(), "..xxx..x.") == [(2, 5), (7, 8)]


def test_a_duration_counts_from_the_first_breaching_sample_to_the_one_that_fires() -> None:
    assert judged(rule(180), "xxx.xxxx.xxxxx.") == [(7, 8), (12, 14)]


def test_three_intervals_of_silence_are_borne_and_more_begin_a_new_streak() -> None:
    assert judged(rule(240), "xx  xxx") == [(4, None)]
    assert judged(rule(240), "xx   xxxxx") == [(9, None)]


def test_silence_resolves_nothing() -> None:
    assert judged(rule(), "x          .") == [(0, 11)]
    assert judged(rule(), "x          x") == [(0, None)]


def test_a_cooldown_counts_from_the_firing_before_and_holds_back_what_comes_within() -> None:
    assert judged(rule(cooldown_minutes=5), "x.x.x.x.x.") == [(0, 1), (6, 7)]


def test_a_breach_unbroken_when_the_cooldown_ends_fires_then() -> None:
    assert judged(rule(cooldown_minutes=5), "x.xxxxxxx.") == [(0, 1), (5, 9)]


def test_without_auto_resolve_an_alert_stays_open_and_nothing_else_fires() -> None:
    assert judged(rule(auto_resolve=False), "x..x..x") == [(0, None)]


def test_one_streak_has_one_alert_whatever_a_person_does() -> None:
    assert judged(rule(), "xxxxxx.x", by_hand=[2.5]) == [(0, 2), (7, None)]


def test_a_streak_that_was_long_enough_while_an_alert_was_open_stays_silent_until_it_is_clear() -> None:
    document = rule(120, auto_resolve=False)
    assert judged(document, "xxx.xxxxxx.xxx", by_hand=[7.5]) == [(2, 7), (13, None)]


def test_a_streak_not_yet_long_enough_when_the_open_alert_is_resolved_fires() -> None:
    document = rule(120, auto_resolve=False)
    assert judged(document, "xxx.xxxxxx.", by_hand=[5.5]) == [(2, 5), (6, None)]


def test_silence_does_not_let_a_resolved_streak_fire_again() -> None:
    assert judged(rule(), "xx      xx.x", by_hand=[1.5]) == [(0, 1), (11, None)]


def test_by_daylight_samples_of_the_night_neither_breach_nor_clear() -> None:
    assert judged(rule(when="daylight"), "xxx.xx", sun="nnnnDD") == [(4, None)]
    assert judged(rule(when="daylight"), "x....x", sun="Dnnnnn") == [(0, None)]


def test_a_streak_does_not_reach_across_a_night() -> None:
    assert judged(rule(120, when="daylight"), "xxxxxx", sun="DDnDDD") == [(5, None)]
    assert judged(rule(120, when="daylight"), "xx xxx", sun="DDnDDD") == [(5, None)]
    assert judged(rule(120), "xxxxxx", sun="DDnDDD") == [(2, None)]


def test_each_operator_compares_as_its_name_says() -> None:
    fires = {name: bool(judged(rule(operator=name), "x")) for name in ("lt", "lte", "gt", "gte", "eq", "neq")}
    assert fires == {"lt": True, "lte": True, "gt": False, "gte": False, "eq": False, "neq": True}
