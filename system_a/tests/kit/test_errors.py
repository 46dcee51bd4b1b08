"""The domain's errors, as people and programs see them."""

import inspect

import pytest

from solarhub.kit import errors
from solarhub.kit.errors import FieldError, Invalid, NotFound, Problem, Stale, Unavailable

CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, Problem)]


@pytest.mark.parametrize("error", CLASSES)
def test_every_error_stands_in_the_drawing_with_its_status(error: type[Problem]) -> None:
    drawing = errors.__doc__ or ""

    assert any(error.__name__ in line and str(error.status) in line for line in drawing.splitlines())


def test_the_docstring_of_a_class_is_its_sentence() -> None:
    assert NotFound().detail == "There is nothing here by that name."
    assert str(NotFound("No such site.")) == "No such site."


def test_a_problem_document_says_what_happened_and_carries_its_members() -> None:
    problem = Stale(given=3, present=5, status="mine")

    assert problem.document() == {
        "type": "about:blank",
        "title": "Precondition Failed",
        "status": 412,
        "detail": "Somebody changed this after you read it; read it again and repeat your change.",
        "given": 3,
        "present": 5,
    }


def test_invalid_lists_every_wrong_value() -> None:
    problem = Invalid([FieldError("latitude", 200, "must be at most 90 degrees", "a number from -90 to 90 degrees")])

    assert problem.detail == "latitude: must be at most 90 degrees"
    assert problem.document()["errors"] == [
        {
            "field": "latitude",
            "value": 200,
            "message": "must be at most 90 degrees",
            "allowed": "a number from -90 to 90 degrees",
        }
    ]


def test_unavailable_says_when_to_come_back() -> None:
    assert Unavailable(retry_after=30).retry_after == 30
