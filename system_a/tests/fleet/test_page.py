from datetime import date, timedelta
from typing import Any

import pytest

from solarhub.alerts.vocabulary import AlertSeverity
from solarhub.fleet.page import age, curve, quantity, render, script
from solarhub.fleet.plants import Day, OpenAlert, Overview, Plant, Power, State
from tests.fleet.test_plants import NOON, standing


def plant(**changes: Any) -> Plant:
    facts: dict[str, Any] = {
        "standing": standing(),
        "organization": "Acme",
        "state": State.WORKING,
        "capacity_kw": 10.0,
        "power": Power(2.914, NOON, current=True),
        "day": Day(date(2024, 6, 21), 12.34, [None, 0.0, 5.0, 10.0, None, 1.0, 2.0]),
        "silent": [],
        "alerts": [],
    }
    return Plant(**facts | changes)


def page(*plants: Plant, more: int = 0) -> str:
    return render(Overview(plants, more, {State.WORKING: len(plants)}), NOON, "abc")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "kW", "\N{EN DASH}"),
        (0.0, "kW", "0 kW"),
        (-0.001, "kW", "0 kW"),
        (0.17, "kW", "0.17 kW"),
        (12.34, "kWh", "12.3 kWh"),
        (412.4, "kW", "412 kW"),
        (2530.0, "kW", "2.53 MW"),
        (1_234_567.0, "kWh", "1235 MWh"),
    ],
)
def test_a_quantity_has_the_digits_that_matter(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s ago"), (12, "12 s ago"), (300, "5 min ago"), (3 * 3600, "3 h ago"), (3 * 86400, "3 days ago")],
)
def test_an_age_is_told_in_one_unit(seconds: float, text: str) -> None:
    assert age(NOON - timedelta(seconds=seconds), NOON) == text
    assert age(None, NOON) == "never"


def test_the_curve_fills_its_box_and_breaks_where_nothing_was_reported() -> None:
    first, second = curve(plant())
    assert [y for _, y in first] == [50, 25, 0]
    assert [y for _, y in second] == [45, 40]
    assert curve(plant(day=None)) == []


def test_a_plant_tells_its_power_its_day_and_its_alerts() -> None:
    alert = OpenAlert("Power output of Inverter 1 is 0.12 kW, below 0.3 kW", AlertSeverity.WARNING, NOON)
    text = page(plant(alerts=[alert], silent=["Inverter 2"], state=State.WARNING))
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


def test_a_day_that_is_not_today_is_named_and_power_that_is_old_is_not_called_now() -> None:
    later = NOON + timedelta(days=2)
    old = plant(power=Power(2.914, NOON, current=False))
    text = render(Overview([old], 0, {}), later, "abc")
    assert "Energy on 21 Jun" in text
    assert "Last power" in text
    assert "Power now" not in text


def test_names_are_text_and_never_markup() -> None:
    evil = "<script>alert(1)</script>"
    alert = OpenAlert(evil, AlertSeverity.INFO, NOON)
    text = page(plant(standing=standing(name=evil), organization=evil, alerts=[alert], silent=[evil]))
    assert text.count("<script") == 1
    assert text.count("&lt;script&gt;alert(1)") == 4


def test_urdu_names_get_fonts_and_lines_of_their_own() -> None:
    assert script("گلبرگ چھت") == "urdu"
    assert script("Gulberg roof") == ""


def test_an_empty_hub_says_what_to_do_next() -> None:
    assert "solarhub replay pecos --create" in page()


def test_plants_that_are_not_shown_are_counted() -> None:
    assert "7 plants that stand no worse are not shown" in page(plant(), more=7)


def test_the_page_loads_nothing_from_anywhere() -> None:
    text = page(plant())
    assert "http://" not in text
    assert "https://" not in text
    assert " style=" not in text
    assert text.count('nonce="abc"') == 2
