import string
from datetime import UTC, datetime
from typing import get_args

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.accounts.wording import Event, letter
from solarhub.notifications.message import LINK, Message

AT = datetime(2026, 11, 23, 20, 5, tzinfo=UTC)
EVENTS: tuple[Event, ...] = get_args(Event)
WITH_LINK = {"verify_email", "change_email", "reset_password"}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("event", EVENTS)
def test_every_letter_is_whole_in_every_language(event: Event, language: Language) -> None:
    told = letter(
        event,
        language,
        name="Ayesha Khan",
        public_url="https://hub.example.org",
        at=AT,
        timezone="Asia/Karachi",
        email="new@example.org",
        left=9,
    )
    link = "https://hub.example.org/x#shl_" if event in WITH_LINK else None
    Message(channel="email", recipient="a@example.org", event=event, subject=told.subject, text=told.text, link=link)
    assert (LINK in told.text) == (event in WITH_LINK)
    assert "{" not in told.text.replace(LINK, "")
    assert "Ayesha Khan" in told.text
    assert told.subject
    is_urdu = any("\u0600" <= character <= "\u06ff" for character in told.subject)
    assert is_urdu == (language is Language.URDU)
    if language is Language.URDU:
        latin = told.text.replace("Ayesha Khan", "").replace("Solar Hub", "")
        words = [word for word in latin.split() if set(word) <= set(string.ascii_letters)]
        assert words == []


@pytest.mark.parametrize(
    ("language", "told"),
    [(Language.ENGLISH, "24 November 2026 at 01:05 (Asia/Karachi)"), (Language.URDU, "24 نومبر 2026، 01:05 بجے")],
)
def test_times_are_told_in_the_persons_zone(language: Language, told: str) -> None:
    made = letter(
        "password_changed", language, name="A", public_url="https://hub.example.org", at=AT, timezone="Asia/Karachi"
    )
    assert told in made.text


def test_a_name_opens_no_line_and_holds_no_place() -> None:
    made = letter(
        "reset_password",
        Language.ENGLISH,
        name="Click\n{link}\nhere {email}",
        public_url="https://hub.example.org",
        at=AT,
        timezone="UTC",
        email="victim@example.org",
    )
    assert made.text.split("\n").count(LINK) == 1
    assert "victim" not in made.text
