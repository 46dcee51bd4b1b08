"""The hub's state machine and the oracle's second look at everything, on days that hypothesis thinks up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from solarhub.alerts.compiled import compile_rule, target_of
from solarhub.alerts.condition import Condition
from solarhub.alerts.lifecycle import IDLE, Fired, Resolved, step
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.kit.ids import uuid7
from tests.oracle.judge import expected_alerts
from tests.oracle.measurements import sun_elevation

TARGET = target_of(interval_seconds=60, latitude=35.054, longitude=-106.539)
DAWN = datetime(2026, 3, 21, 13, tzinfo=UTC)

documents = st.fixed_dictionaries(
    {
        "name": st.just("any"),
        "condition": st.fixed_dictionaries(
            {
                "metric": st.just("power_output"),
                "operator": st.sampled_from([operator.value for operator in Operator]),
                "threshold": st.just(1.0),
                "duration_seconds": st.sampled_from([0, 60, 90, 300]),
                "when": st.sampled_from(["always", "daylight"]),
            }
        ),
        "cooldown_minutes": st.sampled_from([0, 5, 20]),
        "auto_resolve": st.booleans(),
    }
)
# Mostly minute by minute, now and then a gap around the three intervals, or a whole night and more.
gaps = st.one_of(st.just(60), st.sampled_from([30, 90, 179, 180, 181, 240]), st.sampled_from([3600, 40_000, 86_400]))
a_person_resolves = st.sampled_from([False, False, False, True])
streams = st.lists(st.tuples(gaps, st.sampled_from([0.5, 0.5, 1.0, 2.0]), a_person_resolves), min_size=12, max_size=60)

JUST_BEFORE = timedelta(seconds=1)


def hub_alerts(
    document: dict[str, Any], samples: list[tuple[datetime, float]], by_hand: set[datetime]
) -> list[tuple[datetime, float, datetime | None]]:
    compiled = compile_rule(
        id=uuid7(),
        version=1,
        organization_id=uuid7(),
        site_id=None,
        severity=AlertSeverity.INFO,
        condition=Condition.model_validate(document["condition"]),
        cooldown_minutes=document["cooldown_minutes"],
        auto_resolve=document["auto_resolve"],
    )
    assert compiled is not None
    rule = compiled.judged_by
    alerts: list[tuple[datetime, float, datetime | None]] = []
    state = IDLE
    for at, value in samples:
        if at - JUST_BEFORE in by_hand and state.is_open:
            alerts[-1] = (*alerts[-1][:2], at - JUST_BEFORE)
            state = state._replace(is_open=False)
        state, event = step(rule, state, at, value, TARGET)
        if isinstance(event, Fired):
            alerts.append((event.at, event.value, None))
        elif isinstance(event, Resolved):
            alerts[-1] = (*alerts[-1][:2], event.at)
    return alerts


@settings(max_examples=300, deadline=None)
@given(document=documents, stream=streams, start=st.integers(0, 24 * 60))
def test_the_hub_and_the_oracle_say_the_same_of_any_stream(
    document: dict[str, Any], stream: list[tuple[int, float, bool]], start: int
) -> None:
    samples = []
    by_hand = set()
    at = DAWN + timedelta(minutes=start)
    for gap, value, a_person_came in stream:
        at += timedelta(seconds=gap)
        if a_person_came:
            by_hand.add(at - JUST_BEFORE)
        samples.append((at, value))
    every_ten_minutes = pd.date_range(DAWN, at, freq="10min")
    sun = sun_elevation(every_ten_minutes.union(pd.DatetimeIndex([instant for instant, _ in samples], tz="UTC")))

    expected = [
        (alert.triggered_at, alert.value, alert.resolved_at)
        for alert in expected_alerts(document, "Inverter 1", samples, sun=sun, resolved_by_hand=sorted(by_hand))
    ]
    assert hub_alerts(document, samples, by_hand) == expected
