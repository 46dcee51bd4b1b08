"""What waits for `device_state` is, at any moment, the newest value of each series, whatever came in which order."""

import json
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solarhub.telemetry.batch import NEVER, moment
from solarhub.telemetry.corridor.states import State, States

LAYOUTS = [("frequency",), ("frequency", "power_output"), ("humidity", "voltage_dc:l1")]


class Row(NamedTuple):
    """A stored row; `gap`: the first of its series is not reported."""

    device: int
    layout: int
    at: int
    gap: bool


def note(states: States, row: Row, received_at: int) -> dict[str, float]:
    """Notes it, and says what it holds: each value tells the instant."""
    series = LAYOUTS[row.layout]
    values = [float(row.at * 10 + place) for place in range(len(series))]
    if row.gap and len(series) > 1:
        values[0] = float("nan")
    keys = np.array([row.device], np.int32)
    states.heard(keys, received_at)
    states.note(series, keys, np.array([row.at], np.int64), np.array([values]))
    return {name: value for name, value in zip(series, values, strict=True) if value == value}  # noqa: PLR0124 - not NaN


def newest(told: list[tuple[int, dict[str, float]]]) -> dict[str, tuple[int, float]]:
    found: dict[str, tuple[int, float]] = {}
    for at, readings in told:
        for name, value in readings.items():
            if name not in found or at > found[name][0]:
                found[name] = (at, value)
    return found


def readings(state: State) -> dict[str, tuple[int, float]]:
    latest = json.loads(state.latest or "{}")
    by_text = {moment(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ"): at for at in range(200)}
    return {name: (by_text[told["at"]], told["value"]) for name, told in latest.items()}


_rows = st.builds(Row, st.integers(1, 4), st.integers(0, 2), st.integers(0, 99), st.booleans())


@given(st.lists(st.one_of(_rows, st.integers(1, 3)), max_size=60))
def test_between_two_writes_the_newest_of_each_series_is_kept(steps: list[Row | int]) -> None:
    states = States()
    model: dict[int, list[tuple[int, dict[str, float]]]] = {}
    instants: set[tuple[int, int]] = set()
    for number, step in enumerate(steps):
        if isinstance(step, int):
            taken = states.take(step)
            assert [state.device_key for state in taken] == sorted(state.device_key for state in taken)
            for state in taken:
                told = newest(model.pop(state.device_key))
                assert readings(state) == told
                assert state.newest == max(at for at, _ in told.values())
                assert state.oldest == min(at for at, _ in told.values())
        elif (step.device, step.at) not in instants:  # of one instant only one row is ever stored
            instants.add((step.device, step.at))
            model.setdefault(step.device, []).append((step.at, note(states, step, number)))
    assert len(states) == len(model)
    assert {state.device_key: readings(state) for state in states.take(100)} == {
        key: newest(told) for key, told in model.items()
    }


def test_whoever_waits_longest_is_written_first() -> None:
    states = States()
    for device in (5, 3, 9, 3, 5):
        note(states, Row(device, 0, device, gap=False), 1)

    assert [state.device_key for state in states.take(2)] == [3, 5]
    assert [state.device_key for state in states.take(2)] == [9]


def test_a_device_of_which_nothing_was_stored_was_heard_all_the_same() -> None:
    states = States()
    states.heard(np.array([4, 2, 4], np.int32), 77)

    assert states.take(5) == [State(2, NEVER, NEVER, 77, None), State(4, NEVER, NEVER, 77, None)]
    assert states.take(5) == []


def test_what_is_dropped_names_the_devices_that_waited() -> None:
    states = States()
    for device in (5, 3):
        note(states, Row(device, 1, 1, gap=False), 1)

    assert sorted(states.drop()) == [3, 5]
    assert len(states) == 0
