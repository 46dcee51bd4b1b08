"""alert_rules.condition."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.alerts.condition import COMPARISONS, Condition
from solarhub.alerts.vocabulary import Operator, When
from solarhub.devices.vocabulary import DeviceType
from solarhub.metrics import CATALOGUE
from tests.kit.values import documents_for, example, only, refused, takes_or_refuses_anything

RULE = {"metric": "power_output", "operator": "lt", "threshold": 10.0, "duration_seconds": 300}


def test_the_documents_example_reads_back_identical() -> None:
    document = example("alert_rules.condition")

    assert Condition.parse(document).to_stored() == document
    assert Condition.from_stored(document).to_stored() == document


def test_a_document_keeps_its_meaning_and_its_shape() -> None:
    condition = Condition.parse(RULE | {"when": "always"})

    assert condition.when is When.ALWAYS
    assert condition == Condition.parse(RULE)
    assert condition.to_stored() == RULE
    assert Condition.parse(RULE | {"when": "daylight"}).to_stored() == RULE | {"when": "daylight"}


def test_a_metric_of_somebodys_own_may_be_watched() -> None:
    assert Condition.parse(RULE | {"metric": "x_pump_pressure"}).metric == "x_pump_pressure"


def test_without_a_duration_one_sample_is_enough() -> None:
    condition = Condition.parse({"metric": "frequency", "operator": "eq", "threshold": 0})

    assert condition.duration_seconds == 0
    assert condition.to_stored()["duration_seconds"] == 0


@pytest.mark.parametrize(
    ("change", "field", "value", "allowed"),
    [
        ({"metric": "power"}, "metric", "power", list(CATALOGUE)),
        ({"metric": "voltage_dc:string1"}, "metric", "voltage_dc:string1", list(CATALOGUE)),
        ({"metric": "x_Pump"}, "metric", "x_Pump", list(CATALOGUE)),
        ({"metric": 5}, "metric", 5, list(CATALOGUE)),
        ({"operator": "<"}, "operator", "<", ["lt", "lte", "gt", "gte", "eq", "neq"]),
        ({"threshold": "10"}, "threshold", "10", "a number, finite"),
        ({"threshold": True}, "threshold", True, "a number, finite"),
        ({"threshold": float("inf")}, "threshold", "inf", "a number, finite"),
        ({"threshold": None}, "threshold", None, "a number, finite"),
        ({"duration_seconds": -1}, "duration_seconds", -1, "a whole number from 0 to 604800 seconds"),
        ({"duration_seconds": 604_801}, "duration_seconds", 604_801, "a whole number from 0 to 604800 seconds"),
        ({"duration_seconds": 0.5}, "duration_seconds", 0.5, "a whole number from 0 to 604800 seconds"),
        ({"device_type": "panel"}, "device_type", "panel", [each.value for each in DeviceType]),
        ({"when": "night"}, "when", "night", ["always", "daylight"]),
        (
            {"treshold": 1},
            "treshold",
            1,
            ["metric", "operator", "threshold", "duration_seconds", "device_type", "when"],
        ),
    ],
)
def test_an_impossible_condition_is_named_with_what_is_allowed(
    change: dict[str, Any], field: str, value: object, allowed: object
) -> None:
    error = only(Condition, RULE | change)

    assert (error.field, error.value, error.allowed) == (field, value, allowed)


def test_a_condition_without_its_parts_is_asked_for_each() -> None:
    errors = refused(Condition, {})

    assert [(error.field, error.message) for error in errors] == [
        ("metric", "is required"),
        ("operator", "is required"),
        ("threshold", "is required"),
    ]
    assert errors[0].allowed == list(CATALOGUE)


@pytest.mark.parametrize(
    ("operator", "breaching"),
    [
        (Operator.LT, [9.9]),
        (Operator.LTE, [9.9, 10.0]),
        (Operator.GT, [10.1]),
        (Operator.GTE, [10.0, 10.1]),
        (Operator.EQ, [10.0]),
        (Operator.NEQ, [9.9, 10.1]),
    ],
)
def test_each_operator_compares_the_value_with_the_threshold(operator: Operator, breaching: list[float]) -> None:
    assert [value for value in (9.9, 10.0, 10.1) if COMPARISONS[operator](value, 10.0)] == breaching


@pytest.mark.parametrize(
    "change", [{"metric": "power_of_tomorrow"}, {"operator": "between"}, {"threshold": [1, 2]}, {"when": "dusk"}]
)
def test_a_condition_of_another_version_is_kept_and_says_what_cannot_be_read(change: dict[str, Any]) -> None:
    stored = RULE | change
    condition = Condition.from_stored(stored)

    assert [error.field for error in condition.unreadable] == list(change)
    assert condition.to_stored() == stored


@given(documents_for(Condition))
def test_any_json_is_taken_or_refused_with_sentences(document: Any) -> None:
    takes_or_refuses_anything(Condition, document)


@given(
    st.builds(
        Condition,
        metric=st.sampled_from(sorted(CATALOGUE)),
        operator=st.sampled_from(list(Operator)),
        threshold=st.floats(-1e15, 1e15) | st.integers(-1000, 1000),
        duration_seconds=st.integers(0, 604_800),
        device_type=st.none() | st.sampled_from(list(DeviceType)),
        when=st.sampled_from(list(When)),
    )
)
def test_every_possible_condition_reads_back_equal(condition: Condition) -> None:
    assert Condition.from_stored(condition.to_stored()) == condition
    assert Condition.parse(condition.to_stored()) == condition
