"""A body that looks as expected is read by a decoder of its own, any other as if nothing had been expected."""

import json
from typing import Any

import msgspec
import pytest

from solarhub.telemetry.decode import Body, read
from solarhub.telemetry.spelling import Habits, mapped

NAMES = ("power_output", "frequency")
ALIKE = {"power_output": 1.5, "frequency": 50}


def told(body: Body) -> list[Any]:
    devices = body.devices or [None] * len(body.samples)
    rows: list[Any] = [
        (device, sample.timestamp, mapped(sample.metrics)) for device, sample in zip(devices, body.samples, strict=True)
    ]
    return rows + [(raw.device, raw.sample.timestamp, raw.sample.metrics) for raw in body.raw]


def is_expected(body: Body) -> bool:
    return all(isinstance(sample.metrics, msgspec.Struct) for sample in body.samples) and bool(body.samples)


SAMPLES = [{"metrics": ALIKE}, {"metrics": dict(reversed(ALIKE.items())), "timestamp": "2026-06-01T12:00:00Z"}]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"samples": SAMPLES}, True),
        ({"devices": [{"device": "A", "samples": SAMPLES}, {"device": "B", "samples": SAMPLES[:1]}]}, True),
        ({"devices": [{"device": "A", "samples": []}, {"device": "B", "samples": SAMPLES}]}, True),
        ({"samples": [*SAMPLES, {"metrics": {"power_output": 1.0}}]}, False),
        ({"samples": [*SAMPLES, {"metrics": ALIKE | {"humidity": 40.0}}]}, False),
        ({"samples": [*SAMPLES, {"metrics": ALIKE | {"frequency": {"l1": 50.0}}}]}, False),
        ({"samples": [*SAMPLES, {"metrics": ALIKE | {"frequency": "50"}}]}, False),
        ({"samples": [*SAMPLES, {"metrics": ALIKE, "timestamp": "yesterday"}]}, False),
        ({"metrics": ALIKE}, False),
        ({"samples": []}, False),
    ],
)
def test_what_is_expected_changes_the_way_and_not_the_outcome(sent: dict[str, Any], *, expected: bool) -> None:
    body = json.dumps(sent).encode()

    found = read(body, NAMES)

    assert told(found) == told(read(body))
    assert is_expected(found) is expected


def test_a_sender_is_expected_to_write_as_it_did_the_last_time() -> None:
    habits = Habits()
    assert habits.of(7) is None

    habits.note(7, NAMES)
    assert (habits.of(7), habits.of(8)) == (NAMES, None)

    habits.note(7, NAMES[:1])
    assert habits.of(7) == NAMES[:1]


def test_of_a_sender_that_changes_its_ways_again_and_again_nothing_is_expected() -> None:
    habits = Habits()
    for number in range(20):
        habits.note(7, NAMES[number % 2 :])
        habits.note(8, NAMES)
        habits.note(9, None)

    assert (habits.of(7), habits.of(8), habits.of(9)) == (None, NAMES, None)
