import pytest

from solarhub.fleet.figures import channel_of, days_between, of_metric, quantity, shortened
from tests.fleet.making import HOUR, LAHORE, NOON


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
        (2530.0, "V", "2530 V"),
    ],
)
def test_a_quantity_has_the_digits_that_matter(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@pytest.mark.parametrize(
    ("value", "metric", "text"),
    [
        (17.0, "fault_code", "17"),
        (0.93, "power_factor", "0.93"),
        (81.0, "temperature_inverter", "81.0 \N{DEGREE SIGN}C"),
        (8.0, "battery_soc", "8.00 %"),
        (3.0, "no_such_metric", "3"),
    ],
)
def test_a_value_has_its_metrics_unit(value: float, metric: str, text: str) -> None:
    assert of_metric(value, metric) == text


def test_days_are_counted_by_the_plants_midnight() -> None:
    assert days_between(NOON - 12 * HOUR, NOON, LAHORE) == 0
    assert days_between(NOON - 13 * HOUR, NOON, LAHORE) == 1
    assert days_between(NOON + 12 * HOUR, NOON, LAHORE) == -1


def test_an_input_has_a_kind_and_a_number() -> None:
    assert channel_of("string2") == ("string", "2")
    assert channel_of("mppt_1") == ("mppt", "1")
    assert channel_of("roof_east") == ("", "roof_east")


def test_a_long_name_is_shortened_to_what_there_is_room_for() -> None:
    assert shortened("Gulberg roof", 12) == "Gulberg roof"
    assert shortened("Gulberg roof, north", 12) == "Gulberg roo\N{HORIZONTAL ELLIPSIS}"
