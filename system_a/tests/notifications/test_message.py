from datetime import UTC, datetime

import pytest

from solarhub.notifications.message import Message, with_link


def message(**changes: object) -> Message:
    values = {"channel": "email", "recipient": "a@example.org", "event": "invitation", "subject": "Hi", "text": "Hello"}
    return Message(**(values | changes))  # type: ignore[arg-type]  # a test names what it changes


def test_a_link_stays_out_of_what_is_kept_and_stands_on_its_line_in_what_is_sent() -> None:
    invited = message(text="Open this:\n\n{link}\n\nBye", link="https://hub.example.org/invitation#shi_x")
    assert invited.content == {"subject": "Hi", "text": "Open this:\n\n{link}\n\nBye"}
    sent = with_link(invited.content["text"], invited.link)
    assert sent == "Open this:\n\nhttps://hub.example.org/invitation#shi_x\n\nBye"


def test_a_link_without_a_line_of_its_own_is_a_mistake_of_whoever_words_the_message() -> None:
    with pytest.raises(ValueError, match="has a line"):
        message(text="Open {link} now", link="https://hub.example.org/")


def test_a_name_cannot_lead_the_link_elsewhere() -> None:
    text = "https://evil.example/?{link} invites you:\n{link}"
    assert (
        with_link(message(text=text, link="L").content["text"], "L") == "https://evil.example/?{link} invites you:\nL"
    )


def test_what_no_column_and_no_letter_can_hold_becomes_a_blank() -> None:
    content = message(subject="Plant\r\nBcc: x@example.org\x00", text="a\x00b\ud800c\r\nd\u2028e\tf").content
    assert content == {"subject": "Plant Bcc: x@example.org", "text": "a b c\nd e\tf"}


def test_when_a_message_is_meant_for_is_remembered_beside_the_column_that_retries_move() -> None:
    assert message(not_before=datetime(2026, 6, 1, tzinfo=UTC)).content["due"] == "2026-06-01T00:00:00+00:00"
