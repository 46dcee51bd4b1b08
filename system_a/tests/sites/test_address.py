"""sites.address."""

from typing import Any

import pytest
from hypothesis import given

from solarhub.sites.address import Address
from tests.kit.values import documents_for, example, only, takes_or_refuses_anything


def test_the_documents_example_reads_back_identical() -> None:
    document = example("sites.address")

    assert Address.parse(document).to_stored() == document
    assert Address.from_stored(document).to_stored() == document


def test_an_urdu_address_is_an_address() -> None:
    document = {"street": "مال روڈ 12", "city": "لاہور"}

    assert Address.parse(document).to_stored() == document


@pytest.mark.parametrize(
    ("document", "field", "value", "allowed"),
    [
        ({"city": ""}, "city", "", "text of 1 to 100 characters"),
        ({"city": 5}, "city", 5, "text of 1 to 100 characters"),
        ({"street": "a\nb"}, "street", "a\ufffdb", "text of 1 to 200 characters"),
        ({"street": "a\0b"}, "street", "a\ufffdb", "text of 1 to 200 characters"),
        ({"street": "x" * 201}, "street", "x" * 80 + "…", "text of 1 to 200 characters"),
        ({"postal_code": 54000}, "postal_code", 54000, "up to 16 letters, digits, blanks and hyphens"),
        ({"postal_code": "?"}, "postal_code", "?", "up to 16 letters, digits, blanks and hyphens"),
        ({"zip": "54000"}, "zip", "54000", ["street", "city", "state", "postal_code", "country"]),
    ],
)
def test_an_impossible_line_is_named_with_what_is_allowed(
    document: dict[str, Any], field: str, value: object, allowed: object
) -> None:
    error = only(Address, document)

    assert (error.field, error.value, error.allowed) == (field, value, allowed)


@given(documents_for(Address))
def test_any_json_is_taken_or_refused_with_sentences(document: Any) -> None:
    takes_or_refuses_anything(Address, document)
