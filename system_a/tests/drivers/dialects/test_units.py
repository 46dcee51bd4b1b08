"""From a product's units to the catalogue's, in decimals."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.dialects import units
from solarhub.metrics import CATALOGUE


@pytest.mark.parametrize(
    ("value", "unit", "to", "expected"),
    [
        (123.4, "W", "kW", 0.1234),
        (1312, "Wh", "kWh", 1.312),
        (2.5, "MWh", "kWh", 2500.0),
        (3_600_000, "J", "kWh", 1.0),
        (50, "°C", "degC", 50),
        (212, "°F", "degC", 100.0),
        (32, "degF", "degC", 0.0),
        (273.15, "K", "degC", 0.0),
        (81, "%", "%", 81),
        (0.81, "1", "%", 81.0),
        (98, "%", "1", 0.98),
        (36, "km/h", "m/s", 10.0),
        (50_010, "mHz", "Hz", 50.01),
        (1.5, "MΩ", "kOhm", 1500.0),
        (1, "kW/m2", "W/m2", 1000.0),
        (90, "min", "h", 1.5),
    ],
)
def test_units_are_converted_without_a_hair_too_much(value: float, unit: str, to: str, expected: float) -> None:
    assert units.scale(units.known(unit), to).of(value) == expected


def test_tenths_and_signs() -> None:
    assert units.scale("V", "V", factor=Fraction(1, 10)).of(3653) == 365.3
    assert units.scale("W", "kW", negated=True).of(300) == -0.3
    assert units.scale("degC", "degC", factor=Fraction(1, 10), offset=Fraction(-100)).of(1380) == 38.0


@pytest.mark.parametrize(("unit", "to"), [("Wh", "kW"), ("V", "A"), ("furlong", "m/s")])
def test_what_measures_something_else_cannot_be_converted(unit: str, to: str) -> None:
    with pytest.raises(KeyError):
        units.scale(unit, to)


def test_every_unit_of_the_catalogue_is_its_own() -> None:
    for metric in CATALOGUE.values():
        assert metric.unit in units.convertible_to(metric.unit)
        assert units.scale(metric.unit, metric.unit).of(1.5) == 1.5


@given(st.decimals(-10_000, 10_000, places=3))
def test_a_decimal_stays_the_decimal_that_it_was(number: object) -> None:
    shifted = units.scale("W", "kW").of(float(str(number)))

    assert shifted == float(f"{number}e-3")
