from dataclasses import replace
from datetime import date, timedelta

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.fleet.plants import Day, Plant, State
from solarhub.pages.cards import STATES, Card, clock, curve, script
from tests.fleet.making import NOON, alert, machine, plant

ENGLISH, URDU = Card(Language.ENGLISH), Card(Language.URDU)


def with_day(day: Day | None) -> Plant:
    return replace(plant("P", machine()), day=day)


TODAY = Day(date(2024, 6, 21), 12.34, [None, 0.0, 5.0, 10.0, None, 1.0, 2.0])


@pytest.mark.parametrize(
    ("seconds", "text", "urdu"),
    [
        (-3, "0 s ago", "0 سیکنڈ پہلے"),
        (12, "12 s ago", "12 سیکنڈ پہلے"),
        (300, "5 min ago", "5 منٹ پہلے"),
        (3 * 3600, "3 h ago", "3 گھنٹے پہلے"),
        (3 * 86400, "3 days ago", "3 دن پہلے"),
    ],
)
def test_an_age_is_told_in_one_unit(seconds: float, text: str, urdu: str) -> None:
    assert ENGLISH.age(NOON - timedelta(seconds=seconds), NOON) == text
    assert URDU.age(NOON - timedelta(seconds=seconds), NOON) == urdu
    assert (ENGLISH.age(None, NOON), URDU.age(None, NOON)) == ("never", "کبھی نہیں")


def test_the_curve_fills_its_box_and_breaks_where_nothing_was_reported() -> None:
    first, second = curve(with_day(TODAY))
    assert [y for _, y in first] == [50, 25, 0]
    assert [y for _, y in second] == [45, 40]
    assert curve(with_day(None)) == []


def test_a_day_that_is_not_today_is_named() -> None:
    assert ENGLISH.day(with_day(TODAY), NOON) == "Energy today"
    assert ENGLISH.day(with_day(None), NOON) == "Energy today"
    assert ENGLISH.day(with_day(TODAY), NOON + timedelta(days=2)) == "Energy on 21 Jun"
    assert URDU.day(with_day(TODAY), NOON + timedelta(days=2)) == "21 جون کی توانائی"


def test_an_alert_says_when_it_began_by_the_plants_clock() -> None:
    assert ENGLISH.since(alert(triggered_at=NOON), with_day(None), NOON) == "12:00"
    assert ENGLISH.since(alert(triggered_at=NOON - timedelta(days=1)), with_day(None), NOON) == "20 Jun 12:00"


def test_the_time_is_the_persons_own() -> None:
    assert clock(NOON, "Asia/Karachi") == "12:00:00"
    assert clock(NOON, "UTC") == "07:00:00 UTC"


def test_urdu_names_get_fonts_and_lines_of_their_own() -> None:
    assert script("گلبرگ چھت") == "urdu"
    assert script("Gulberg roof") == ""


def test_every_state_has_a_word_in_each_language() -> None:
    assert {language: set(words) for language, words in STATES.items()} == {
        language: set(State) for language in Language
    }
