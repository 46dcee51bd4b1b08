"""The base of value objects: strict when written, tolerant when read."""

from typing import Annotated, Any

import pytest
from pydantic import ValidationError

from solarhub.kit.errors import Invalid
from solarhub.kit.fields import Number, Several, Whole
from solarhub.kit.texts import Text
from solarhub.kit.values import Value, secret
from tests.kit.values import only, refused


class Pane(Value):
    thickness: Annotated[float, Number(1, 50, "mm")] = 4


class Door(Value):
    """Something that has nothing to do with the sun."""

    width: Annotated[float, Number(0.5, 3, "m")]
    lock: Annotated[str, Text(20)] | None = secret("Lock")
    panes: Annotated[tuple[Pane, ...], Several(3)] = ()


def test_what_is_written_is_stored_as_it_was_written() -> None:
    document = {"width": 1, "lock": "1234", "panes": [{"thickness": 6.5}]}

    assert Door.parse(document).to_stored() == document
    assert Door.parse(document).panes == (Pane(thickness=6.5),)


def test_equal_documents_make_equal_value_objects() -> None:
    assert Door.parse({"width": 1.0}) == Door.parse({"width": 1, "panes": []})
    assert Door.parse({"width": 1.0}) != Door.parse({"width": 2.0})
    assert Door.from_stored({"width": 1.0, "colour": "red"}) != Door.from_stored({"width": 1.0})


def test_a_value_object_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Door(width=1).width = 2


def test_in_code_it_is_as_strict_as_from_a_request() -> None:
    with pytest.raises(ValidationError):
        Door(width=4)


def test_an_unknown_key_is_answered_with_the_known_ones() -> None:
    error = only(Door, {"width": 1, "widht": 2})

    assert error.message == "is not a key that is known here; did you mean width?"
    assert error.allowed == ["width", "lock", "panes"]


def test_a_document_with_a_hundred_unknown_keys_is_refused_as_a_whole() -> None:
    error = only(Door, {f"key{n}": n for n in range(100_000)})

    assert (error.field, error.value) == ("", "an object of 100000 entries")
    assert error.allowed == ["width", "lock", "panes"]


@pytest.mark.parametrize("document", [None, [], "width", 5, True])
def test_what_is_no_object_is_refused_and_read_as_an_empty_one(document: Any) -> None:
    error = only(Door, document)

    assert error.message == "must be an object"
    assert Door.from_stored(document).panes == ()
    assert [each.field for each in Door.from_stored(document).unreadable] == ["", "width"]


def test_paths_begin_with_the_columns_name() -> None:
    with pytest.raises(Invalid) as caught:
        Door.parse({"width": 1, "panes": [{}, {"thickness": 0}]}, "door")

    assert [error.field for error in caught.value.errors] == ["door.panes[1].thickness"]
    assert caught.value.detail == "door.panes[1].thickness: must be at least 1 mm"


def test_keys_of_another_version_are_kept_at_every_depth() -> None:
    stored = {"width": 1, "hinges": {"left": 2}, "panes": [{"thickness": 5, "tint": "green"}]}
    door = Door.from_stored(stored)

    assert door.width == 1
    assert door.unreadable == ()
    assert door.to_stored() == stored


def test_values_that_no_longer_validate_are_kept_and_named() -> None:
    stored = {"width": "wide", "panes": [{"thickness": 5}, {"thickness": 500}]}
    door = Door.from_stored(stored)

    assert door.to_stored()["width"] == "wide"
    assert repr(door.width) == "None"
    assert [pane.thickness for pane in door.panes] == [5, 4]
    assert [(error.field, error.value) for error in door.unreadable] == [("width", "wide"), ("panes[1].thickness", 500)]
    assert door.to_stored() == stored


def test_a_required_value_that_was_never_stored_is_named() -> None:
    assert [(error.field, error.message) for error in Door.from_stored({}).unreadable] == [("width", "is required")]


def test_secrets_are_stored_but_not_shown() -> None:
    door = Door.parse({"width": 1, "lock": "1234"})

    assert Door.secret_keys() == {"lock"}
    assert door.to_stored()["lock"] == "1234"
    assert "lock" not in door.to_public()


def test_an_error_about_a_secret_does_not_repeat_it() -> None:
    (error,) = refused(Door, {"width": 1, "lock": "1234\n"})

    assert (error.field, error.value) == ("lock", "***")
    with pytest.raises(ValidationError) as caught:
        Door.model_validate({"width": 1, "lock": "1234\n"})
    assert "1234" not in str(caught.value) + repr(caught.value.errors())


def test_a_whole_number_stays_whole() -> None:
    class Step(Value):
        count: Annotated[int, Whole(0, 10)]

    assert repr(Step.parse({"count": 5.0}).to_stored()) == "{'count': 5}"


def test_the_schema_for_callers_says_what_is_taken() -> None:
    properties = Door.model_json_schema()["properties"]

    assert properties["width"] == {"maximum": 3, "minimum": 0.5, "title": "Width", "type": "number"}
    assert properties["lock"]["writeOnly"] is True
    assert properties["panes"]["maxItems"] == 3
