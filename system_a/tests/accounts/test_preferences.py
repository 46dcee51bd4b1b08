"""users.preferences."""

from typing import Any

import pytest
from hypothesis import given

from solarhub.accounts.preferences import Preferences
from solarhub.accounts.vocabulary import Language
from tests.kit.values import documents_for, example, only, takes_or_refuses_anything


def test_the_documents_example_reads_back_identical() -> None:
    document = example("users.preferences")

    assert Preferences.parse(document).to_stored() == document
    assert Preferences.from_stored(document).to_stored() == document


def test_nothing_configured_means_karachi_rupees_and_english() -> None:
    assert Preferences.parse({}).to_stored() == example("users.preferences")


@pytest.mark.parametrize(
    ("document", "field", "value", "allowed"),
    [
        ({"language": "fr"}, "language", "fr", ["en", "ur"]),
        ({"timezone": "Mars/Olympus"}, "timezone", "Mars/Olympus", "an IANA time zone name such as Asia/Karachi"),
        ({"timezone": "localtime"}, "timezone", "localtime", "an IANA time zone name such as Asia/Karachi"),
        ({"currency": "pkr"}, "currency", "pkr", "an ISO 4217 code of three capital letters such as PKR"),
        ({"currency": "Rs"}, "currency", "Rs", "an ISO 4217 code of three capital letters such as PKR"),
        ({"notifications": {"sms": "yes"}}, "notifications.sms", "yes", "true or false"),
        ({"notifications": {"sms": 1}}, "notifications.sms", 1, "true or false"),
        ({"notifications": {"fax": True}}, "notifications.fax", True, ["email", "sms", "push"]),
        (
            {"notifications": True},
            "notifications",
            True,
            "an object with the keys email, sms, push",
        ),
        (
            {"dashboard": {"refresh_interval": 4}},
            "dashboard.refresh_interval",
            4,
            "a whole number from 5 to 3600 seconds",
        ),
        (
            {"dashboard": {"default_view": "../etc"}},
            "dashboard.default_view",
            "../etc",
            "a view's code of a-z, 0-9 and underscore",
        ),
        ({"colour": "dark"}, "colour", "dark", ["language", "timezone", "currency", "notifications", "dashboard"]),
    ],
)
def test_an_impossible_preference_is_named_with_what_is_allowed(
    document: dict[str, Any], field: str, value: object, allowed: object
) -> None:
    error = only(Preferences, document)

    assert (error.field, error.value, error.allowed) == (field, value, allowed)


def test_a_misspelled_time_zone_is_answered_with_the_nearest() -> None:
    error = only(Preferences, {"timezone": "Asia/Karachy"})

    assert error.message == "is not a time zone that exists; did you mean Asia/Karachi?"


def test_one_unreadable_switch_leaves_its_neighbours_alone() -> None:
    stored = {"language": "ur", "notifications": {"email": "never", "sms": True, "telegram": True}}
    preferences = Preferences.from_stored(stored)

    assert preferences.language is Language.URDU
    assert preferences.notifications.email is True
    assert preferences.notifications.sms is True
    assert [error.field for error in preferences.unreadable] == ["notifications.email"]
    assert preferences.to_stored()["notifications"] == {"email": "never", "sms": True, "telegram": True, "push": True}


@given(documents_for(Preferences))
def test_any_json_is_taken_or_refused_with_sentences(document: Any) -> None:
    takes_or_refuses_anything(Preferences, document)
