"""What people are told, as they read it."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from solarhub.accounts.vocabulary import Language
from solarhub.alerts import urdu
from solarhub.alerts.messages import Story, Words, closed, opened
from solarhub.alerts.vocabulary import AlertSeverity, Operator
from solarhub.metrics import CATALOGUE

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
LINK = "https://hub.example.org/"
STORY = Story(
    title="Inverter 1: power output below 0.3 kW",
    message="Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes",
    plant="Acme Solar plant",
    device="Inverter 1",
    rule="Low power",
    severity=AlertSeverity.WARNING,
    metric="power_output",
    operator=Operator.LT,
    value=0.12,
    threshold=0.3,
    since=NOON,
)
OVER = replace(STORY, resolved_at=NOON + timedelta(hours=2, minutes=5))


def english(story: Story, timezone: str = "Asia/Karachi") -> Words:
    tell = opened if story.resolved_at is None else closed
    return tell(story, language=Language.ENGLISH, timezone=timezone, link=LINK)


def in_urdu(story: Story) -> Words:
    tell = opened if story.resolved_at is None else closed
    return tell(story, language=Language.URDU, timezone="Asia/Karachi", link=LINK)


def test_an_opening_says_what_where_how_much_and_since_when() -> None:
    assert english(STORY) == Words(
        "Warning: Inverter 1: power output below 0.3 kW (Acme Solar plant)",
        "Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes.\n"
        "\n"
        "Plant: Acme Solar plant\n"
        "Device: Inverter 1\n"
        "Rule: Low power\n"
        "Measured: 0.12 kW, threshold: 0.3 kW\n"
        "Since: 21 June 2024, 12:00 (Asia/Karachi)\n"
        "\n"
        "See all that is open:\n"
        "https://hub.example.org/\n",
    )


def test_an_end_says_how_long_it_lasted_and_what_ended_it() -> None:
    assert english(OVER) == Words(
        "Over: Inverter 1: power output below 0.3 kW (Acme Solar plant)",
        "This is over: Inverter 1: power output below 0.3 kW. It lasted 2 hours 5 minutes. A good reading ended it.\n"
        "\n"
        "Plant: Acme Solar plant\n"
        "Device: Inverter 1\n"
        "Rule: Low power\n"
        "From: 21 June 2024, 12:00 (Asia/Karachi)\n"
        "To: 21 June 2024, 14:05 (Asia/Karachi)\n"
        "\n"
        "See all that is open:\n"
        "https://hub.example.org/\n",
    )


def test_the_same_in_urdu() -> None:
    ltr, iso, end = "\u2066", "\u2068", "\u2069"
    title = f"{iso}Inverter 1{end}: بجلی کی پیداوار {ltr}0.3 kW{end} سے کم"
    assert in_urdu(STORY) == Words(
        f"انتباہ: {title} ({iso}Acme Solar plant{end})",
        f"{iso}Inverter 1{end} پر بجلی کی پیداوار {ltr}0.12 kW{end} ہے، جبکہ مقررہ حد {ltr}0.3 kW{end} ہے۔\n"
        "\n"
        f"پلانٹ: {iso}Acme Solar plant{end}\n"
        f"ڈیوائس: {iso}Inverter 1{end}\n"
        f"الرٹ کا اصول: {iso}Low power{end}\n"
        f"پیمائش: {ltr}0.12 kW{end}، حد: {ltr}0.3 kW{end}\n"
        f"کب سے: 21 جون 2024، {ltr}12:00{end} {ltr}(Asia/Karachi){end}\n"
        "\n"
        "تمام کھلے الرٹ یہاں دیکھیں:\n"
        "https://hub.example.org/\n",
    )
    over = in_urdu(OVER)
    assert over.subject == f"مسئلہ ختم: {title} ({iso}Acme Solar plant{end})"
    assert f"یہ مسئلہ ختم ہو گیا ہے: {title}۔ یہ 2 گھنٹے 5 منٹ تک رہا۔ ریڈنگ دوبارہ درست ہو گئی ہے۔" in over.text


@pytest.mark.parametrize(
    ("change", "english_end", "urdu_end"),
    [
        ({"resolved_by": "Ayesha Khan"}, "Ayesha Khan resolved it.", "نے حل شدہ قرار دیا۔"),
        ({"is_gone": True}, "What was watched is no longer there.", "وہ اب موجود نہیں۔"),
        ({"is_gone": True, "resolved_by": "Ayesha Khan"}, "Ayesha Khan resolved it.", "نے حل شدہ قرار دیا۔"),
    ],
    ids=["by a person", "gone", "removed by a person"],
)
def test_whoever_ended_it_is_named(change: dict[str, Any], english_end: str, urdu_end: str) -> None:
    story = replace(OVER, **change)
    assert english_end in english(story).text
    assert urdu_end in in_urdu(story).text


def test_times_are_those_of_the_recipient() -> None:
    assert "21 June 2024, 03:00 (America/New_York)" in english(STORY, "America/New_York").text


def test_an_alert_of_a_whole_plant_names_no_device() -> None:
    story = replace(STORY, device=None)
    assert "Device" not in english(story).text
    assert "ڈیوائس" not in in_urdu(story).text
    assert in_urdu(story).subject.count("Acme Solar plant") == 2


@pytest.mark.parametrize(
    "change",
    [{"operator": None}, {"metric": "power_of_tomorrow"}, {"metric": None}, {"value": None}, {"threshold": None}],
    ids=["rule rewritten", "unknown metric", "no metric", "no value", "no threshold"],
)
def test_what_cannot_be_put_in_words_is_told_by_its_english_title(change: dict[str, Any]) -> None:
    story = replace(STORY, **change)
    assert STORY.title in english(story).subject
    assert STORY.title in in_urdu(story).subject


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_metric_severity_and_comparison_is_told_in_both_languages(name: str) -> None:
    for severity, operator, end in product(AlertSeverity, Operator, (None, OVER.resolved_at)):
        story = replace(STORY, metric=name, severity=severity, operator=operator, resolved_at=end)
        assert urdu.METRICS[name] in in_urdu(story).subject
        assert STORY.title in english(story).subject


def test_an_own_metric_is_told_by_its_name_and_its_unit() -> None:
    story = replace(STORY, metric="x_pump_pressure", own_unit="bar")

    assert f"{urdu.left_to_right('pump pressure')} " in in_urdu(story).subject
    assert urdu.left_to_right("0.3 bar") in in_urdu(story).subject
    assert STORY.title in in_urdu(replace(story, own_unit=None)).subject


def test_every_name_of_the_catalogue_has_its_own_urdu_words() -> None:
    assert urdu.METRICS.keys() == CATALOGUE.keys()
    assert len(set(urdu.METRICS.values())) == len(CATALOGUE)


@pytest.mark.parametrize("story", [STORY, OVER], ids=["opened", "closed"])
def test_what_is_isolated_in_urdu_ends_where_it_began(story: Story) -> None:
    words = in_urdu(story)
    for line in [words.subject, *words.text.split("\n")]:
        depth = 0
        for character in line:
            kind = unicodedata.bidirectional(character)
            depth += {"LRI": 1, "FSI": 1, "PDI": -1}.get(kind, 0)
            assert 0 <= depth <= 1
            assert depth or kind != "L" or LINK in line, f"a Latin letter stands free in {line!r}"
        assert depth == 0


@pytest.mark.parametrize("minutes", [-5, 0], ids=["before it began", "at once"])
def test_an_end_that_lies_before_the_beginning_lasted_for_no_time(minutes: int) -> None:
    """A person resolves an alert of a device whose clock runs ahead."""
    story = replace(STORY, resolved_at=NOON + timedelta(minutes=minutes))
    assert "It lasted 0 seconds." in english(story).text
    assert "یہ 0 سیکنڈ تک رہا۔" in in_urdu(story).text
