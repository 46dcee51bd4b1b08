"""The recorded day, held against lines of the files picked by hand."""

from collections import defaultdict
from datetime import UTC, datetime

import pytest

from solarhub.demo.plant import PlantSample
from solarhub.demo.plants import PLANTS
from solarhub.metrics import CATALOGUE

PECOS = PLANTS["pecos"]


@pytest.fixture(scope="module")
def day() -> dict[tuple[str, datetime], PlantSample]:
    return {(sample.device, sample.at): sample for sample in PECOS.read()}


def at(hour: int, minute: int) -> datetime:
    """UTC for that time on the loggers' clock, seven hours behind."""
    return datetime(2015, 11, 11 + (hour + 7) // 24, (hour + 7) % 24, minute, tzinfo=UTC)


def test_every_device_reports_once_a_minute_in_order() -> None:
    instants = defaultdict(list)
    for sample in PECOS.read():
        instants[sample.device].append(sample.at)
    assert list(instants) == [device.name for device in PECOS.devices]
    for of_device in instants.values():
        assert len(of_device) == 1351
        assert of_device[0] == at(0, 0)
        assert of_device[-1] == at(22, 30)
        assert of_device == sorted(set(of_device))


def test_an_inverters_line_at_noon_is_reported_in_the_units_of_the_catalogue(
    day: dict[tuple[str, datetime], PlantSample],
) -> None:
    assert day["Inverter 2", at(12, 30)].metrics == {
        "power_output": pytest.approx(2.917755),
        "power_dc": pytest.approx(356.7666 * 8.4245 / 1000),
        "power_reactive": pytest.approx(0.0005403613),
        "power_factor": 0.999948,
        "frequency": 59.97871,
        "voltage_ac": 252.9766,
        "current_ac": 11.50696,
        "voltage_dc": 356.7666,
        "current_dc": {"string1": 8.4245, "string2": 0.02075},
    }


def test_the_first_line_of_both_loggers_is_read_column_by_column(
    day: dict[tuple[str, datetime], PlantSample],
) -> None:
    assert day["Inverter 1", at(0, 0)].metrics == {
        "power_output": pytest.approx(-0.002496646),
        "power_dc": pytest.approx(2.816667 * -0.006 / 1000),
        "power_reactive": pytest.approx(0.1311554),
        "power_factor": -0.0173313,
        "frequency": 59.99298,
        "voltage_ac": 245.5577,
        "current_ac": 0.5334805,
        "voltage_dc": 2.816667,
        "current_dc": {"string1": -0.006, "string2": 0.0},
    }
    assert day["Weather station", at(0, 0)].metrics == {
        "irradiance_poa": -1.158749,
        "irradiance_ghi": -2.679982,
        "temperature_ambient": 3.646,
        "temperature_module": pytest.approx(69.358334 / 16),
        "wind_speed": 10.78,
        "humidity": 30.94,
    }


def test_what_an_inverter_draws_at_night_stays_negative(day: dict[tuple[str, datetime], PlantSample]) -> None:
    assert day["Inverter 1", at(6, 56)].metrics["power_output"] == pytest.approx(-0.003819763)
    assert day["Weather station", at(22, 30)].metrics["irradiance_ghi"] == pytest.approx(-4.213282)


def test_the_unused_input_is_seen_under_its_channel_where_no_rule_looks(
    day: dict[tuple[str, datetime], PlantSample],
) -> None:
    for (name, _), sample in day.items():
        if name == "Weather station":
            continue
        current = sample.metrics["current_dc"]
        assert isinstance(current, dict)
        assert list(current) == ["string1", "string2"]
        assert abs(current["string2"]) < 0.03


def test_every_value_is_plausible_to_the_catalogue(day: dict[tuple[str, datetime], PlantSample]) -> None:
    for sample in day.values():
        for name, value in sample.metrics.items():
            values = value.values() if isinstance(value, dict) else [value]
            assert all(CATALOGUE[name].minimum <= each <= CATALOGUE[name].maximum for each in values)


def test_its_licence_travels_with_the_files() -> None:
    folder = PECOS.rules_file.parent
    assert "Revised BSD License" in (folder / "LICENSE.txt").read_text("utf-8")
    assert "Sandia" in (folder / "SOURCE.md").read_text("utf-8")
