import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from solarhub.accounts.preferences import REFRESH_SECONDS
from solarhub.accounts.vocabulary import Language
from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.fleet.overview import Overview
from solarhub.fleet.plants import Day, Plant, Power, State
from solarhub.pages.rendering import render
from tests.fleet.making import NOON, alert, machine, silent
from tests.fleet.making import plant as made

DAY = Day(date(2024, 6, 21), 12.34, [None, 0.0, 5.0, 10.0, None, 1.0, 2.0])
POWER = Power(2.914, NOON, current=True)
FORMS: dict[str, dict[str, Any]] = {
    "sign_in.html": {"opening": False, "signed_in": False},
    "setup.html": {},
    "invitation.html": {},
    "reset_password.html": {},
    "verify_email.html": {},
    "account.html": {
        "name": "Ayesha Khan",
        "email": "ayesha@example.com",
        "is_verified": False,
        "first_view": "attention",
        "refresh_interval": 45,
        "refresh_seconds": REFRESH_SECONDS,
    },
}


def plant(*machines: Any, power: Power = POWER, **changes: Any) -> Plant:
    plain = made(changes.pop("name", "Gulberg roof"), *(machines or (machine(),)), **changes)
    return replace(plain, power=power, day=DAY)


def page(*plants: Plant, more: int = 0, language: Language = Language.ENGLISH, **facts: Any) -> str:
    told: dict[str, Any] = {
        "overview": Overview(plants, more, {State.WORKING: len(plants)} if plants else {}),
        "now": NOON,
        "name": "Ayesha Khan",
        "timezone": "UTC",
        "organizations": ["Acme"],
        "locked": [],
        "view": "overview",
        "views": {"overview": "?view=overview", "attention": "?view=attention"},
        "refresh_seconds": 30,
    }
    return render("overview.html", language, "abc", **{**told, **facts})


def form(template: str, language: Language = Language.ENGLISH) -> str:
    return render(template, language, "abc", heading="Heading", **FORMS[template])


def test_a_plant_tells_its_power_its_day_and_its_alerts() -> None:
    low = alert(message="Power output of Inverter 1 is 0.12 kW, below 0.3 kW", triggered_at=NOON)
    text = page(plant(machine(), silent("Inverter 2"), alerts=(low,)))
    for words in (
        "Power now",
        "2.91 kW",
        "Energy today",
        "12.3 kWh",
        "60 s ago",
        "Power output of Inverter 1 is 0.12 kW, below 0.3 kW",
        "since 12:00",
        "Inverter 2",
        "does not report.",
    ):
        assert words in text


def test_the_page_says_who_is_signed_in_and_where() -> None:
    text = page(plant(), organizations=["Acme", "Beta", "Gamma"], locked=["Strict"])
    assert "Ayesha Khan" in text
    assert re.search(r"Acme</bdi> and 2 more", text)
    assert "Strict asks for a second factor" in text
    assert "Sign out" in text


def test_power_that_is_old_is_not_called_now() -> None:
    old = plant(power=Power(2.914, NOON, current=False))
    text = page(old, now=NOON + timedelta(days=2))
    assert "Energy on 21 Jun" in text
    assert "Last power" in text
    assert "Power now" not in text


def test_names_are_text_and_never_markup() -> None:
    evil = "<script>alert(1)</script>"
    bad = plant(silent(evil), machine(), name=evil, alerts=(alert(message=evil, severity=AlertSeverity.INFO),))
    text = page(replace(bad, organization=evil), name=evil, organizations=[evil], locked=[evil])
    assert text.count("<script") == 1
    assert text.count("&lt;script&gt;alert(1)") == 7


def test_plants_that_are_not_shown_are_counted() -> None:
    assert "7 plants that stand no worse are not shown" in page(plant(), more=7)


def test_an_empty_page_says_when_plants_appear() -> None:
    assert "No plant yet." in page()


def test_a_view_without_plants_says_so_and_still_counts_the_others() -> None:
    text = page(overview=Overview([], 0, {State.WORKING: 3}), view="attention")
    assert "No plant needs attention." in text
    assert "No plant yet." not in text
    assert re.search(r'class="state">3</span> working', text)
    assert re.search(r'<a href="\?view=attention" aria-current="page">', text)
    assert '<a href="?view=overview">' in text


def test_the_page_draws_itself_anew_as_often_as_the_person_wants_with_and_without_a_script() -> None:
    text = page(plant(), refresh_seconds=45)
    assert '<noscript><meta http-equiv="refresh" content="45"></noscript>' in text
    assert "const every = 45 * 1000" in text


def test_the_account_shows_what_is_set() -> None:
    text = form("account.html")
    assert '<option value="attention" selected>' in text
    assert re.search(r'type="number"[^>]*min="5" max="3600" value="45"', text)


def drawn(template: str, language: Language) -> str:
    return page(plant(), language=language) if template == "overview.html" else form(template, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("template", ["overview.html", *FORMS])
def test_a_page_runs_its_own_script_alone_and_loads_nothing(template: str, language: Language) -> None:
    text = drawn(template, language)
    assert "http://" not in text
    assert "https://" not in text
    assert not re.search(r"<[^>]*\s(style|on\w+)=", text)
    assert text.count('nonce="abc"') == text.count("<script") + text.count("<style") == 2
    direction = "rtl" if language is Language.URDU else "ltr"
    assert f'<html lang="{language.value}" dir="{direction}">' in text


@pytest.mark.parametrize("template", FORMS)
def test_every_field_has_a_label_a_place_for_its_error_and_a_word_for_password_managers(template: str) -> None:
    text = form(template)
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    fields = [tag for tag in re.findall(r"<input[^>]*>", text) if 'type="hidden"' not in tag and " hidden" not in tag]
    for tag in fields:
        field_id = re.findall(r'\sid="([^"]+)"', tag)[0]
        assert f'<label for="{field_id}">' in text
        assert f'id="{field_id}-error"' in text
        assert "autocomplete=" in tag
    for password in [tag for tag in fields if 'type="password"' in tag]:
        assert re.search(r'autocomplete="(current|new)-password"', password)
    for described in re.findall(r'aria-describedby="([^"]+)"', text):
        assert set(described.split()) <= set(ids)


@pytest.mark.parametrize("template", FORMS)
def test_a_script_finds_every_element_that_it_names(template: str) -> None:
    text = form(template)
    named = set(re.findall(r'(?:byId|wire)\("([^"]+)"', text))
    assert named <= set(re.findall(r'\sid="([^"]+)"', text))
    steps = set(re.findall(r'show\("(\w+)"\)', text))
    steps |= {step for pair in re.findall(r'show\(token \? "(\w+)" : "(\w+)"\)', text) for step in pair}
    assert steps <= set(re.findall(r'data-step="([^"]+)"', text))
