"""How a refused value is told."""

import math
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, ValidationError

from solarhub.kit.refusals import did_you_mean, field_errors, shown
from solarhub.kit.values import Value
from tests.kit.test_values import Door


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Request(BaseModel):
    """A request body as any endpoint may declare it, with plain pydantic kinds and a value object in it."""

    name: str = Field(max_length=5, default="x")
    count: int = Field(ge=1, le=500, default=1)
    size: Size = Size.SMALL
    mode: Literal["a", "b"] = "a"
    owner: UUID | None = None
    since: datetime | None = None
    tags: list[str] = []
    token: Annotated[str, Field(min_length=10)] = "x" * 10
    door: Door | None = None


@pytest.mark.parametrize(
    ("document", "field", "value", "message", "allowed"),
    [
        (
            {"name": "abcdef"},
            "body.name",
            "abcdef",
            "must have at most 5 characters",
            "at most 5 characters",
        ),
        ({"name": 5}, "body.name", 5, "must be a valid string", "a valid string"),
        (
            {"count": 501},
            "body.count",
            501,
            "must be less than or equal to 500",
            "less than or equal to 500",
        ),
        ({"size": "huge"}, "body.size", "huge", "must be 'small' or 'large'", ["small", "large"]),
        ({"mode": "c"}, "body.mode", "c", "must be 'a' or 'b'", ["a", "b"]),
        ({"tags": "x"}, "body.tags", "x", "must be a list", "a list"),
        ({"door": 5}, "body.door", 5, "must be an object", "an object with the keys width, lock, panes"),
        ({"door": {}}, "body.door.width", None, "is required", "a number from 0.5 to 3 m"),
        (
            {"door": {"width": 4}},
            "body.door.width",
            4,
            "must be at most 3 m",
            "a number from 0.5 to 3 m",
        ),
    ],
)
def test_an_error_of_any_request_names_field_value_and_what_is_allowed(
    document: dict[str, Any], field: str, value: object, message: str, allowed: object
) -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate(document)
    (error,) = field_errors(caught.value.errors(), "body")

    assert (error.field, error.value, error.message, error.allowed) == (field, value, message, allowed)


@pytest.mark.parametrize("field", ["owner", "since"])
def test_pydantics_longer_sentences_are_kept(field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate({field: "yesterday"})
    (error,) = field_errors(caught.value.errors())

    assert error.field == field
    assert error.message.startswith("must be a valid ")


def test_a_field_whose_name_says_secret_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as caught:
        Request.model_validate({"token": "hunter2"})

    assert [error.value for error in field_errors(caught.value.errors())] == ["***"]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, None),
        (True, True),
        (-3, -3),
        (2.5, 2.5),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("x" * 80, "x" * 80),
        ("a\0b\ud800", "a\ufffdb\ufffd"),
        ("mqtts://me:hunter2@broker/x", "mqtts://***@broker/x"),
        ([1, "hunter2"], "a list of 2 entries"),
        ({"password": "hunter2"}, "an object of 1 entries"),
        (Size.LARGE, "large"),
        (date(2024, 1, 15), "2024-01-15"),
        (datetime(2024, 1, 15, tzinfo=UTC), "2024-01-15T00:00:00+00:00"),
        (b"hunter2", "a bytes"),
    ],
)
def test_a_value_is_shown_short_and_harmless(value: object, printed: object) -> None:
    assert shown(value) == printed


def test_a_huge_value_is_shown_by_its_size_or_its_beginning() -> None:
    assert shown(-(10**5000)) == "a number of more than 18 digits"
    assert shown("x" * 10_000_000) == "x" * 80 + "…"


def test_an_unknown_word_is_answered_with_the_nearest_or_with_nothing() -> None:
    assert did_you_mean("lesko", ["lesco", "fesco"]) == "; did you mean lesco?"
    assert did_you_mean("x" * 1_000_000, ["lesco", "fesco"]) == ""


def test_a_wrong_key_of_an_object_is_named_once() -> None:
    class Named(Value):
        numbers: dict[int, str]

    with pytest.raises(ValidationError) as caught:
        Named.model_validate({"numbers": {"one": "1"}})

    assert [error.field for error in field_errors(caught.value.errors())] == ["numbers.one"]
