"""Alerts as a person reads them."""

from datetime import timedelta

import pytest

from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import Operator
from solarhub.alerts.wording import message, title

FIVE_MINUTES = timedelta(minutes=5)


def condition(metric: str = "power_output", operator: str = "lt", threshold: float = 0.3) -> Condition:
    return Condition(metric=metric, operator=Operator(operator), threshold=threshold, duration_seconds=300)


def test_an_alert_says_metric_device_value_unit_threshold_and_duration() -> None:
    assert (
        message("Inverter 1", condition(), 0.12, FIVE_MINUTES)
        == "Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes"
    )
    assert title("Inverter 1", condition()) == "Inverter 1: power output below 0.3 kW"


def test_an_own_metric_has_the_unit_that_its_organization_gave_it() -> None:
    pressure = condition("x_pump_pressure", "gt", 10)

    assert title("Pump", pressure, "bar") == "Pump: pump pressure above 10 bar"
    assert message("Pump", pressure, 12, FIVE_MINUTES, "bar") == (
        "Pump pressure of Pump is 12 bar, above 10 bar for 5 minutes"
    )
    assert title("Pump", pressure) == "Pump: pump pressure above 10"


@pytest.mark.parametrize(
    ("operator", "said"),
    [
        ("lt", "is 7 A, below 8 A for 5 minutes"),
        ("lte", "is 7 A, at or below 8 A for 5 minutes"),
        ("gt", "is 7 A, above 8 A for 5 minutes"),
        ("gte", "is 7 A, at or above 8 A for 5 minutes"),
        ("eq", "is 7 A for 5 minutes"),
        ("neq", "is 7 A, not 8 A, for 5 minutes"),
    ],
)
def test_each_operator_has_its_words(operator: str, said: str) -> None:
    text = message("Box", condition("current_dc", operator, 8), 7, FIVE_MINUTES)
    assert text == f"Current DC of Box {said}"


@pytest.mark.parametrize(
    ("operator", "said"),
    [("eq", "Box: fault code is 7"), ("neq", "Box: fault code is not 7"), ("gt", "Box: fault code above 7")],
)
def test_a_title_has_no_value_of_the_moment(operator: str, said: str) -> None:
    assert title("Box", condition("fault_code", operator, 7)) == said


def test_a_breach_that_fires_at_once_has_lasted_for_no_time() -> None:
    text = message("Met station", condition("wind_speed", "gt", 20), 24.51, timedelta(0))
    assert text == "Wind speed of Met station is 24.51 m/s, above 20 m/s"


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("temperature_inverter", 85.25, "85.25 °C"),
        ("irradiance_poa", 1270.4, "1,270.4 W/m²"),
        ("humidity", 105, "105%"),
        ("operating_state", 7, "7"),
        ("energy_total", 1234567.891, "1,234,567.89 kWh"),
        ("power_output", -0.0038, "-0.0038 kW"),
        ("power_output", 0.0, "0 kW"),
        ("power_output", -0.0, "0 kW"),
        ("power_output", 12.0, "12 kW"),
    ],
)
def test_a_value_has_its_unit_and_the_digits_that_matter(metric: str, value: float, said: str) -> None:
    assert f" is {said}, " in message("Box", condition(metric, "neq", 99), value, timedelta(0))


def test_a_value_next_to_the_threshold_is_told_apart_from_it() -> None:
    assert "is 0.2999 kW, below 0.3 kW" in message("Box", condition(), 0.29994, timedelta(0))
    assert "is 50.001 Hz, above 50 Hz" in message("Box", condition("frequency", "gt", 50), 50.001, timedelta(0))


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "90 seconds"),
        (timedelta(seconds=311), "5 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=3, minutes=1), "3 hours 1 minute"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=9, hours=5, minutes=7), "9 days 5 hours"),
    ],
)
def test_how_long_it_lasted_is_said_as_people_say_it(lasted: timedelta, said: str) -> None:
    assert message("Box", condition(), 0.1, lasted).endswith(f"below 0.3 kW for {said}")
