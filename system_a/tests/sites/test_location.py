"""Where a plant stands."""

from typing import Any

import pytest
from hypothesis import given

from solarhub.sites.location import Location
from tests.kit.values import documents_for, only, refused, takes_or_refuses_anything

LAHORE = {"latitude": 31.5204, "longitude": 74.3587}


def test_a_place_without_a_clock_has_karachis() -> None:
    assert Location.parse(LAHORE).to_stored() == LAHORE | {"timezone": "Asia/Karachi"}


@pytest.mark.parametrize(
    ("change", "field", "value", "allowed"),
    [
        ({"latitude": 200}, "latitude", 200, "a number from -90 to 90 degrees"),
        ({"latitude": "31.5"}, "latitude", "31.5", "a number from -90 to 90 degrees"),
        ({"longitude": -180.1}, "longitude", -180.1, "a number from -180 to 180 degrees"),
        ({"longitude": float("nan")}, "longitude", "nan", "a number from -180 to 180 degrees"),
        ({"timezone": "Asia/Lahore"}, "timezone", "Asia/Lahore", "an IANA time zone name such as Asia/Karachi"),
        ({"timezone": 5}, "timezone", 5, "an IANA time zone name such as Asia/Karachi"),
    ],
)
def test_an_impossible_place_is_named_with_what_is_allowed(
    change: dict[str, Any], field: str, value: object, allowed: object
) -> None:
    error = only(Location, LAHORE | change)

    assert (error.field, error.value, error.allowed) == (field, value, allowed)


def test_a_missing_coordinate_is_asked_for_with_its_range() -> None:
    errors = refused(Location, {})

    assert [(error.field, error.value, error.message, error.allowed) for error in errors] == [
        ("latitude", None, "is required", "a number from -90 to 90 degrees"),
        ("longitude", None, "is required", "a number from -180 to 180 degrees"),
    ]


@given(documents_for(Location))
def test_any_json_is_taken_or_refused_with_sentences(document: Any) -> None:
    takes_or_refuses_anything(Location, document)
