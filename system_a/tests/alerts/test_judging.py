"""Judging in columns against the state machine it stands for, sample by sample, whatever is cut and mixed how."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np
import pytest

from solarhub.alerts.compiled import CompiledRule, WatchedDevice
from solarhub.alerts.judging import Changes, Judgement, Rows
from solarhub.alerts.lifecycle import IDLE, Fired, Resolved, State, step
from solarhub.alerts.recall import recall, windows
from solarhub.alerts.vocabulary import Operator
from solarhub.alerts.watch import Watch
from tests.alerts.columns import inverter, judged, rows, rule, watching

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MINUTE = timedelta(minutes=1)
LOW, FINE, NONE = 0.1, 2.0, float("nan")

Sample = tuple[int, datetime, Sequence[float]]
Told = tuple[UUID, int, datetime, float, datetime, datetime | None]


class Diary:
    """What became of the alerts, batch after batch: rule, device, fired, value, streak's start, resolved."""

    def __init__(self) -> None:
        self._alerts: dict[UUID, Told] = {}

    def add(self, changes: Changes) -> None:
        for alert in changes.opened.values():
            fired = alert.fired
            self._alerts[alert.id] = (
                alert.rule.id, alert.device.key, fired.at, fired.value, fired.streak_started_at, alert.resolved_at
            )  # fmt: skip
        for alert_id, at in changes.resolved.items():
            self._alerts[alert_id] = (*self._alerts[alert_id][:5], at)

    def told(self) -> list[Told]:
        return sorted(self._alerts.values(), key=lambda alert: (alert[0], alert[1], alert[2]))


def one_by_one(
    rules: Sequence[CompiledRule], devices: Sequence[WatchedDevice], samples: Sequence[tuple[Sample, Sequence[str]]]
) -> tuple[list[Told], dict[tuple[UUID, int], State]]:
    """The same by the state machine alone."""
    told: list[Told] = []
    states: dict[tuple[UUID, int], State] = {}
    for by in rules:
        for device in devices:
            state = IDLE
            mine: list[Told] = []
            for (key, at, values), series in samples:
                if key != device.key or by.condition.metric not in series:
                    continue
                value = values[series.index(by.condition.metric)]
                if np.isnan(value):
                    continue
                state, event = step(by.judged_by, state, at, value, device.target)
                if isinstance(event, Fired):
                    mine.append((by.id, key, at, value, event.streak_started_at, None))
                elif isinstance(event, Resolved):
                    mine[-1] = (*mine[-1][:5], event.at)
            told += mine
            states[by.id, device.key] = state
    return sorted(told, key=lambda alert: (alert[0], alert[1], alert[2])), states


def some_rules(chance: random.Random) -> list[CompiledRule]:
    return [
        rule(
            metric=chance.choice(["power_output", "voltage_dc"]),
            operator=chance.choice(list(Operator)),
            threshold=chance.choice([0.3, FINE, LOW]),
            seconds=chance.choice([0, 60, 300, 900]),
            cooldown_minutes=chance.choice([0, 5, 40]),
            auto_resolve=chance.random() < 0.7,
            when=chance.choice(["always", "daylight"]),
        )
        for _ in range(8)
    ]


def some_devices() -> list[WatchedDevice]:
    """Three that report every minute, and one whose three intervals bridge a night."""
    return [*(inverter(key) for key in range(1, 4)), inverter(4, interval_seconds=6 * 3600)]


LAYOUTS = [("power_output",), ("frequency", "power_output"), ("power_output", "voltage_dc"), ("frequency",)]


def a_day(chance: random.Random, devices: Sequence[WatchedDevice]) -> Iterator[tuple[Sample, Sequence[str]]]:
    """From the afternoon across the night, with gaps, in runs, under layouts that change; in the order of time."""
    found: list[tuple[Sample, Sequence[str]]] = []
    for device in devices:
        at, reading = NOON + timedelta(hours=5, seconds=device.key), FINE
        for _ in range(150):
            at += timedelta(seconds=chance.choice([60] * 20 + [90, 180, 181, 1200, 8000, 50_000]))
            reading = chance.choice([reading] * 6 + [LOW, FINE])
            series = chance.choice([LAYOUTS[2]] * 5 + LAYOUTS)
            found.append(((device.key, at, [chance.choice([reading] * 9 + [NONE]) for _ in series]), series))
    return iter(sorted(found, key=lambda each: each[0][1]))


def as_rows(watch: Watch, samples: Sequence[tuple[Sample, Sequence[str]]]) -> list[Rows]:
    by_layout: dict[tuple[str, ...], list[Sample]] = {}
    for sample, series in samples:
        by_layout.setdefault(tuple(series), []).append(sample)
    return [rows(watch, found, *series) for series, found in by_layout.items()]


@pytest.mark.parametrize("seed", range(40))
def test_columns_judge_as_the_state_machine_does_however_the_rows_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    rules, devices = some_rules(chance), some_devices()
    samples = list(a_day(chance, devices))
    expected, states = one_by_one(rules, devices, samples)
    watch, diary = watching(rules, devices), Diary()
    longest = chance.choice([1, 3, 40, 400])
    rest = samples
    while rest:
        size = chance.randint(1, longest)
        parts, rest = as_rows(watch, rest[:size]), rest[size:]
        chance.shuffle(parts)
        diary.add(judged(watch, *parts))
        diary.add(judged(watch, *parts))  # handed over twice
    assert diary.told() == expected
    for (rule_id, key), state in states.items():
        pair = watch.pair(key, rule_id)
        assert pair is not None
        assert watch.pairs.state(pair) == state


@pytest.mark.parametrize("seed", range(20))
def test_a_restart_at_any_sample_changes_nothing(seed: int) -> None:
    """What is kept lacks the newest sample of a streak; the rows before the restart bring it back."""
    chance = random.Random(seed)
    rules, devices = some_rules(chance), some_devices()
    samples = list(a_day(chance, devices))
    expected, _ = one_by_one(rules, devices, samples)
    cut = chance.randrange(len(samples))
    before, diary = watching(rules, devices), Diary()
    diary.add(judged(before, *as_rows(before, samples[:cut])))

    after = watching(rules, devices)
    in_streak = []
    for device in devices:
        after.begin_at(device.key, before.judged_until(device.key))
        for by in rules:
            old, new = before.pair(device.key, by.id), after.pair(device.key, by.id)
            assert old is not None
            assert new is not None
            kept = before.pairs.state(old)._replace(last_breach_at=None)
            after.pairs.put(new, kept, before.pairs.open_alerts.get(old), auto_resolve=by.judged_by.auto_resolve)
            if kept.streak_started_at is not None:
                in_streak.append(new)
    pairs = np.array(in_streak, np.int64)
    slots, since, until = windows(after, pairs)
    spans = dict(zip(after.slots.key[slots].tolist(), zip(since.tolist(), until.tolist(), strict=True), strict=True))
    looked_at = []
    for part in as_rows(after, samples[:cut]):
        keys = after.slots.key[part.slots].tolist()
        inside = [
            key in spans and spans[key][0] < at <= spans[key][1] for key, at in zip(keys, part.at.tolist(), strict=True)
        ]
        chosen = np.array(inside, np.bool_)
        looked_at.append(Rows(part.series, part.slots[chosen], part.at[chosen], None, part.readings[chosen]))
    recall(after, pairs, looked_at)

    diary.add(judged(after, *as_rows(after, samples[cut:])))
    assert diary.told() == expected


def test_a_quiet_day_and_a_long_breach_are_settled_without_a_single_step() -> None:
    watch = watching([rule(), rule(seconds=600), rule(when="daylight", seconds=600)], [inverter(k) for k in (1, 2)])
    quiet = judged(watch, rows(watch, [(key, NOON, [FINE]) for key in (1, 2)], "power_output"))
    assert (quiet.values, quiet.by_hand) == (6, 0)
    begins = judged(watch, rows(watch, [(1, NOON + MINUTE, [LOW])], "power_output"))
    assert (begins.by_hand, len(begins.opened), len(begins.states)) == (3, 1, 3)
    goes_on = [(1, NOON + number * MINUTE, [LOW]) for number in range(2, 11)]
    assert judged(watch, rows(watch, goes_on, "power_output")).by_hand == 0
    ends = judged(watch, rows(watch, [(1, NOON + 11 * MINUTE, [LOW])], "power_output"))
    assert (ends.by_hand, len(ends.opened)) == (2, 2)


def test_a_rule_does_not_judge_what_is_read_back_from_before_it() -> None:
    since = NOON + 10 * MINUTE
    watch = watching([rule(asks_since=int(since.timestamp() * 10**6))], [inverter()])
    early = rows(watch, [(1, NOON, [LOW])], "power_output", received_at=since)
    assert judged(watch, early).opened == {}
    late = rows(watch, [(1, NOON + MINUTE, [LOW])], "power_output", received_at=since + timedelta(microseconds=1))
    assert len(judged(watch, late).opened) == 1


def test_what_a_kept_state_holds_is_not_judged_again() -> None:
    by = rule()
    watch = watching([by], [inverter()])
    pair = watch.pair(1, by.id)
    assert pair is not None
    watch.pairs.keep(pair, int((NOON + MINUTE).timestamp() * 10**6))
    again = [(1, NOON, [LOW]), (1, NOON + MINUTE, [LOW]), (1, NOON + 2 * MINUTE, [FINE])]
    assert judged(watch, rows(watch, again, "power_output")).opened == {}
    assert len(judged(watch, rows(watch, [(1, NOON + 3 * MINUTE, [LOW])], "power_output")).opened) == 1


def test_an_open_alert_is_asked_after_only_where_it_keeps_another_from_firing() -> None:
    by = rule(auto_resolve=False)
    watch = watching([by, rule()], [inverter()])
    at = NOON

    def asked(*values: float) -> bool:
        nonlocal at
        samples = []
        for value in values:
            at += MINUTE
            samples.append((1, at, [value]))
        judgement = Judgement(watch, [rows(watch, samples, "power_output")])
        assert set(judgement.in_question) <= {watch.pair(1, by.id)}
        for _ in judgement.step_by_step():
            pass
        return bool(judgement.in_question)

    assert not asked(LOW)
    assert not asked(LOW)
    assert not asked(FINE)
    assert asked(LOW)
    assert not asked(LOW)
    assert asked(FINE, LOW)


def test_a_breach_that_meets_an_open_alert_within_the_cooldown_is_spent() -> None:
    """Should a person close the alert, it must be clear first."""
    by = rule(auto_resolve=False, cooldown_minutes=60, seconds=60)
    watch = watching([by], [inverter()])
    for number, value in enumerate((LOW, LOW, FINE, LOW, LOW)):
        judged(watch, rows(watch, [(1, NOON + number * MINUTE, [value])], "power_output"))
    pair = watch.pair(1, by.id)
    assert pair is not None
    assert watch.pairs.state(pair).awaiting_clear


def test_whoever_drives_a_long_judgement_may_let_others_work() -> None:
    watch = watching([rule()], [inverter(key) for key in range(1, 1_300)])
    low = rows(watch, [(key, NOON, [LOW]) for key in range(1, 1_300)], "power_output")
    judgement = Judgement(watch, [low])
    assert sum(1 for _ in judgement.step_by_step()) == 2
    assert len(judgement.changes.opened) == 1_299
