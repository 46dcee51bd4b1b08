"""What the state machine promises whatever samples come, and the edges that properties would seldom hit."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.alerts.condition import COMPARISONS
from solarhub.alerts.lifecycle import (
    IDLE,
    Event,
    Fired,
    Resolved,
    Rule,
    State,
    Target,
    step,
)
from solarhub.alerts.vocabulary import Operator

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MINUTE = timedelta(minutes=1)
LAHORE = Target(longest_gap=3 * MINUTE, latitude=31.55, longitude=74.34)
LOW, FINE = 0.1, 2.0  # below and above the threshold of `rule`

Sample = tuple[datetime, float]


def rule(
    *,
    minutes: float = 5,
    cooldown_minutes: float = 0,
    auto_resolve: bool = True,
    daylight: bool = False,
    operator: Operator = Operator.LT,
) -> Rule:
    return Rule(
        COMPARISONS[operator],
        0.3,
        minutes * MINUTE,
        cooldown_minutes * MINUTE,
        auto_resolve=auto_resolve,
        daylight=daylight,
    )


def run(
    watched: Rule, samples: Sequence[Sample], state: State = IDLE, target: Target = LAHORE
) -> tuple[State, list[Event]]:
    events: list[Event] = []
    for at, value in samples:
        state, event = step(watched, state, at, value, target)
        if event is not None:
            events.append(event)
    return state, events


def every_minute(*values: float, start: datetime = NOON) -> list[Sample]:
    return [(start + i * MINUTE, value) for i, value in enumerate(values)]


def fired(samples: Sequence[Sample], watched: Rule) -> list[datetime]:
    return [event.at for event in run(watched, samples)[1] if isinstance(event, Fired)]


@st.composite
def series(draw: st.DrawFn) -> list[Sample]:
    """Up to 60 samples with gaps around the reporting interval and around three of them, in runs of low and fine."""
    at, samples = NOON, []
    for value, length in draw(st.lists(st.tuples(st.sampled_from([LOW, FINE]), st.integers(1, 9)), max_size=12)):
        for _ in range(length):
            at += timedelta(seconds=draw(st.sampled_from([20, 60, 60, 60, 180, 181, 3600])))
            samples.append((at, value))
    return samples


rules = st.builds(
    rule,
    minutes=st.sampled_from([0, 1, 3, 5]),
    cooldown_minutes=st.sampled_from([0, 2, 30]),
    auto_resolve=st.booleans(),
    daylight=st.booleans(),
)


# --------------------------------------------------------------------------------------------------- properties


@given(rules, series(), st.data())
def test_a_repeated_sample_changes_nothing(watched: Rule, samples: list[Sample], data: st.DataObject) -> None:
    repeated = [sample for sample in samples for _ in range(data.draw(st.integers(1, 3)))]
    assert run(watched, repeated) == run(watched, samples)


@given(rules, series(), st.data())
def test_a_batch_cut_in_two_gives_what_the_whole_gives(
    watched: Rule, samples: list[Sample], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(samples)))
    middle, before = run(watched, samples[:cut])
    end, after = run(watched, samples[cut:], middle)
    assert (end, before + after) == run(watched, samples)


@given(rules, series())
def test_it_never_fires_before_the_duration_has_passed_unbroken(watched: Rule, samples: list[Sample]) -> None:
    values = dict(samples)
    for event in run(watched, samples)[1]:
        if isinstance(event, Fired):
            assert event.at - event.streak_started_at >= watched.duration
            streak = [at for at in values if event.streak_started_at <= at <= event.at]
            assert streak[0] == event.streak_started_at
            assert all(values[at] == LOW for at in streak)
            assert all(b - a <= LAHORE.longest_gap for a, b in pairwise(streak))
            assert event.value == values[event.at]


@given(rules, series())
def test_between_two_alerts_lies_a_clear_sample_and_the_cooldown(watched: Rule, samples: list[Sample]) -> None:
    previous: Fired | None = None
    for event in run(watched, samples)[1]:
        if isinstance(event, Fired):
            if previous is not None:
                assert any(previous.at < at < event.at and value == FINE for at, value in samples)
                assert event.at - previous.at >= watched.cooldown
                assert event.streak_started_at > previous.at
            previous = event


@given(rules, series())
def test_alerts_open_and_close_by_turns(watched: Rule, samples: list[Sample]) -> None:
    state, events = run(watched, samples)
    kinds = [type(event) for event in events]
    if watched.auto_resolve:
        assert kinds == [Fired, Resolved] * (len(kinds) // 2) + [Fired] * (len(kinds) % 2)
        assert state.is_open == (len(kinds) % 2 == 1)
    else:
        assert kinds in ([], [Fired])


@given(rules, series())
def test_the_state_is_a_new_object_only_when_something_changed(watched: Rule, samples: list[Sample]) -> None:
    state = IDLE
    for at, value in samples:
        after, _ = step(watched, state, at, value, LAHORE)
        assert after is state or after != state or value == LOW
        state = after


# -------------------------------------------------------------------------------------------------------- firing


def test_it_fires_on_the_first_breaching_sample_at_the_duration() -> None:
    _, events = run(rule(minutes=5), every_minute(FINE, *[LOW] * 9))
    assert events == [Fired(NOON + 6 * MINUTE, LOW, NOON + MINUTE)]


def test_it_fires_on_the_first_sample_after_the_duration_when_none_falls_on_it() -> None:
    samples = [(NOON + timedelta(seconds=s), LOW) for s in (0, 100, 200, 290, 311, 400)]
    assert fired(samples, rule(minutes=5)) == [NOON + timedelta(seconds=311)]


def test_no_duration_fires_at_once() -> None:
    assert fired(every_minute(FINE, LOW, LOW), rule(minutes=0)) == [NOON + MINUTE]


def test_one_clear_sample_ends_a_streak() -> None:
    assert fired(every_minute(LOW, LOW, LOW, FINE, LOW, LOW, LOW), rule(minutes=3)) == []


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        (Operator.LT, [0.2]),
        (Operator.LTE, [0.2, 0.3]),
        (Operator.GT, [0.4]),
        (Operator.GTE, [0.3, 0.4]),
        (Operator.EQ, [0.3]),
        (Operator.NEQ, [0.2, 0.4]),
    ],
)
def test_each_operator_holds_the_value_against_the_threshold(operator: Operator, breaching: list[float]) -> None:
    watched = rule(minutes=0, operator=operator)
    assert [value for value in (0.2, 0.3, 0.4) if fired([(NOON, value)], watched)] == breaching


# ---------------------------------------------------------------------------------------------------------- gaps


def test_a_gap_of_exactly_three_intervals_does_not_break_a_streak() -> None:
    samples = [(NOON, LOW), (NOON + 3 * MINUTE, LOW), (NOON + 6 * MINUTE, LOW)]
    assert fired(samples, rule(minutes=5)) == [NOON + 6 * MINUTE]


def test_a_gap_just_above_three_intervals_starts_another_streak() -> None:
    late = timedelta(microseconds=1)
    samples = [(NOON, LOW), *[(NOON + late + i * MINUTE, LOW) for i in range(3, 10)]]
    assert fired(samples, rule(minutes=5)) == [NOON + late + 8 * MINUTE]


def test_a_gap_is_no_clear_sample() -> None:
    """The alert stays open over a silence, and the same breach does not raise another one after it."""
    samples = [*every_minute(*[LOW] * 6), *every_minute(*[LOW] * 10, start=NOON + timedelta(hours=2))]
    state, events = run(rule(minutes=5), samples)
    assert events == [Fired(NOON + 5 * MINUTE, LOW, NOON)]
    assert state.is_open


# ------------------------------------------------------------------------------------------------------ cooldown


def test_within_the_cooldown_nothing_fires() -> None:
    samples = every_minute(LOW, FINE, LOW, FINE, LOW, FINE)
    assert fired(samples, rule(minutes=0, cooldown_minutes=30)) == [NOON]


def test_a_breach_unbroken_when_the_cooldown_ends_fires_on_the_first_sample_from_there() -> None:
    samples = every_minute(LOW, FINE, *[LOW] * 30)
    watched = rule(minutes=3, cooldown_minutes=10)
    assert fired([*every_minute(*[LOW] * 4, FINE), *samples[5:]], watched) == [NOON + 3 * MINUTE, NOON + 13 * MINUTE]


def test_the_cooldown_counts_from_the_moment_of_firing() -> None:
    samples = every_minute(LOW, *[LOW] * 20, FINE, LOW)
    assert fired(samples, rule(minutes=0, cooldown_minutes=21)) == [NOON, NOON + 22 * MINUTE]


# ------------------------------------------------------------------------------------------- one streak, one alert


def resolved_by_a_person(state: State) -> State:
    return state._replace(is_open=False)


def test_an_alert_resolved_in_mid_breach_does_not_come_back_until_a_clear_sample() -> None:
    watched = rule(minutes=2)
    state, _ = run(watched, every_minute(*[LOW] * 4))
    state, events = run(watched, every_minute(*[LOW] * 10, start=NOON + 4 * MINUTE), resolved_by_a_person(state))
    assert events == []
    _, events = run(watched, every_minute(FINE, LOW, LOW, LOW, start=NOON + 14 * MINUTE), state)
    assert events == [Fired(NOON + 17 * MINUTE, LOW, NOON + 15 * MINUTE)]


def test_silence_does_not_stand_for_the_clear_sample() -> None:
    watched = rule(minutes=2)
    state, _ = run(watched, every_minute(*[LOW] * 4))
    _, events = run(watched, every_minute(*[LOW] * 10, start=NOON + timedelta(hours=1)), resolved_by_a_person(state))
    assert events == []


def test_a_streak_that_met_an_open_alert_does_not_fire_when_that_is_resolved() -> None:
    watched = rule(minutes=2, auto_resolve=False)
    state, events = run(watched, every_minute(LOW, LOW, LOW, FINE, LOW, LOW, LOW))
    assert [type(event) for event in events] == [Fired]
    assert state.is_open
    _, events = run(watched, every_minute(*[LOW] * 5, start=NOON + 7 * MINUTE), resolved_by_a_person(state))
    assert events == []


def test_a_streak_not_yet_long_enough_when_the_alert_is_resolved_fires_in_its_turn() -> None:
    watched = rule(minutes=3, auto_resolve=False)
    state, _ = run(watched, every_minute(LOW, LOW, LOW, LOW, FINE, LOW, LOW))
    _, events = run(watched, every_minute(LOW, LOW, start=NOON + 7 * MINUTE), resolved_by_a_person(state))
    assert events == [Fired(NOON + 8 * MINUTE, LOW, NOON + 5 * MINUTE)]


def test_without_auto_resolve_a_clear_sample_leaves_the_alert_open() -> None:
    state, events = run(rule(minutes=0, auto_resolve=False), every_minute(LOW, FINE, FINE))
    assert [type(event) for event in events] == [Fired]
    assert state == State(is_open=True, last_triggered_at=NOON)


# ------------------------------------------------------------------------------------------------------ daylight


def test_samples_in_the_dark_neither_breach_nor_clear() -> None:
    midnight = datetime(2024, 6, 21, 19, tzinfo=UTC)
    watched = rule(minutes=0, daylight=True)
    assert run(watched, [(midnight, LOW)]) == (IDLE, [])
    state, _ = run(watched, [(NOON, LOW)])
    assert run(watched, [(midnight, FINE)], state) == (state, [])


def test_a_streak_of_the_daylight_does_not_reach_across_a_night() -> None:
    """A device that reports every six hours: its three intervals would bridge the night."""
    slow = Target(longest_gap=timedelta(hours=18), latitude=LAHORE.latitude, longitude=LAHORE.longitude)
    evening, morning = datetime(2024, 6, 21, 12, tzinfo=UTC), datetime(2024, 6, 22, 2, tzinfo=UTC)
    watched = rule(minutes=60, daylight=True)
    always = rule(minutes=60, daylight=False)
    assert run(watched, [(evening, LOW), (morning, LOW)], target=slow)[1] == []
    assert run(always, [(evening, LOW), (morning, LOW)], target=slow)[1] == [Fired(morning, LOW, evening)]
    later = morning + timedelta(hours=1)
    assert run(watched, [(evening, LOW), (morning, LOW), (later, LOW)], target=slow)[1] == [Fired(later, LOW, morning)]


def test_under_the_midnight_sun_a_streak_of_the_daylight_goes_on() -> None:
    svalbard = Target(longest_gap=timedelta(hours=18), latitude=78.2, longitude=15.6)
    samples = [(NOON, LOW), (NOON + timedelta(hours=12), LOW), (NOON + timedelta(hours=24), LOW)]
    _, events = run(rule(minutes=24 * 60, daylight=True), samples, target=svalbard)
    assert events == [Fired(NOON + timedelta(hours=24), LOW, NOON)]
