"""Kinds of fields, one by one."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from solarhub.kit.documents import Entries, JsonObject
from solarhub.kit.fields import Choice, FieldKind, Flag, Number, Several, Whole
from solarhub.kit.refusals import kind_of
from solarhub.kit.texts import CURRENCY, TIME_ZONE, Day, Text
from tests.kit.values import anything


class Colour(StrEnum):
    RED = "red"


KINDS: list[FieldKind] = [
    Number(0, 10, "kW"),
    Whole(0, 10),
    Flag(),
    Choice(Colour),
    Choice((1, 3)),
    Text(5, "[a-z]+", "letters"),
    Day(),
    TIME_ZONE,
    CURRENCY,
    Several(3, unique=True),
    Entries(3),
    JsonObject(100),
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
@given(value=anything)
def test_any_value_is_taken_or_refused_with_what_is_allowed(kind: FieldKind, value: Any) -> None:
    refusal = None
    try:
        kind.check(value)
    except PydanticCustomError as error:
        refusal = error
    assert kind.allowed
    assert refusal is None or (refusal.message() and (refusal.context or {})["allowed"] == kind.allowed)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Number(0, 10, "kW"), "5", "must be a number, not text"),
        (Number(0, 10, "kW"), True, "must be a number, not true or false"),
        (Number(0, 10, "kW"), None, "must be a number, not nothing"),
        (Number(0, 10, "kW"), [5], "must be a number, not a list"),
        (Number(0, 10, "kW"), {}, "must be a number, not an object"),
        (Number(0, 10, "kW"), -1, "must be at least 0 kW"),
        (Number(0, 10.5, "kW"), 11, "must be at most 10.5 kW"),
        (Number(), float("inf"), "must be finite"),
        (Whole(0, 10), 5.5, "must be a whole number"),
        (Whole(0, 10), "5", "must be a whole number, not text"),
        (Flag(), "true", "must be true or false, not text"),
        (Choice(Colour), "blue", "is not one of the choices"),
        (Choice((1, 3)), True, "is not one of the choices"),
        (Text(5), 5, "must be text, not a number"),
        (Text(5), "", "must not be empty; leave it out instead"),
        (Text(5), "abcdef", "must be at most 5 characters long"),
        (Text(5), "a\tb", "must not contain control characters"),
        (Text(5), "\ud800", "must not contain control characters"),
        (Text(5), " a", "must not begin or end with blanks"),
        (Text(5, "[a-z]+"), "abc1", "is not written as it should be"),
        (Day(), "2024-1-5", "must be a date written YYYY-MM-DD"),
        (Day(), "2024-02-30", "is not a day of the calendar"),
        (Day(), "0001-01-01", "is too far away"),
        (TIME_ZONE, "Asia/Karach", "is not a time zone that exists; did you mean Asia/Karachi?"),
        (TIME_ZONE, "../../etc/passwd", "is not a time zone that exists"),
        (Several(1), "ab", "must be a list, not text"),
        (Several(1), [1, 2], "must have at most 1 entries"),
        (Entries(1), [], "must be an object, not a list"),
        (Entries(1), {"a": 1, "b": 2}, "must have at most 1 entries"),
        (JsonObject(10), {"a": "123456"}, "must be at most 10 bytes long"),
        (JsonObject(100), [], "must be an object, not a list"),
    ],
)
def test_a_refusal_says_what_is_wrong(kind: FieldKind, value: Any, message: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        kind.check(value)

    assert caught.value.message() == message


def test_a_number_of_thousands_of_digits_is_out_of_any_range() -> None:
    with pytest.raises(PydanticCustomError, match="must be at least -1000000000000000"):
        Number().check(-(10**5000))


@pytest.mark.parametrize("value", [0, 10, 0.0, 9.99, -0.0])
def test_both_ends_of_a_range_belong_to_it(value: float) -> None:
    assert Number(0, 10).check(value) == value


@pytest.mark.parametrize(
    "zone", ["Asia/Karachi", "UTC", "America/Denver", "America/Argentina/Buenos_Aires", "Etc/GMT-5"]
)
def test_a_zone_of_the_database_is_a_time_zone(zone: str) -> None:
    assert TIME_ZONE.check(zone) == zone


def test_a_day_is_a_date_in_code_too() -> None:
    assert Day().check(date(2024, 1, 15)) == Day().check("2024-01-15") == date(2024, 1, 15)


def test_entries_that_are_equal_are_not_different() -> None:
    different: TypeAdapter[tuple[str, ...]] = TypeAdapter(Annotated[tuple[str, ...], Several(3, unique=True)])

    assert different.validate_python(["a", "b"]) == ("a", "b")
    with pytest.raises(ValidationError, match="must not name the same entry twice"):
        different.validate_python(["a", "a"])


@pytest.mark.parametrize(
    "document",
    [
        {"deep": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}},
        {"a": 10**400},
        {"a": float("nan")},
        {"a": ["x\0"]},
        {"\ud800": 1},
        {"a": object()},
        {"a": (1,)},
    ],
)
def test_what_the_database_could_not_hold_is_no_json_object(document: dict[str, Any]) -> None:
    with pytest.raises(PydanticCustomError):
        JsonObject(1000).check(document)


def test_a_document_nested_for_ever_costs_no_stack() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless

    with pytest.raises(PydanticCustomError, match="nested too deeply"):
        JsonObject(1000).check(endless)


def test_kinds_of_values_are_told_in_words() -> None:
    values: list[object] = [None, False, 1, 1.5, "", [], {}, date.min]

    assert [kind_of(value) for value in values] == [
        "nothing",
        "true or false",
        "a number",
        "a number",
        "text",
        "a list",
        "an object",
        "a date",
    ]
