"""SolarAssistant: one installation is one sender, its first inverter speaks for it."""

import pytest

from tests.drivers.dialects.reading import one, read, readings


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("battery_1/state_of_charge", "47.9", {"battery_soc:battery1": 47.9}),
        ("battery_1/cell_voltage_-_highest", "3.361", {"cell_voltage_maximum:battery1": 3.361}),
        ("battery_1/cycles", "112", {"battery_cycles_total:battery1": 112.0}),
        ("inverter_1/pv_power", "1234", {"power_dc": 1.234, "power_output": 1.234}),
        ("inverter_1/grid_power", "-450", {"grid_power": -0.45}),
        ("inverter_1/grid_voltage", "231.4", {"voltage_ac": 231.4}),
        ("inverter_1/load_power", "612", {"load_power": 0.612}),
        ("inverter_1/load_power_essential", "600", {"backup_power": 0.6}),
        ("inverter_1/battery_voltage", "52.1", {"battery_voltage": 52.1}),
        ("inverter_1/battery_current", "-11.5", {"battery_current": -11.5}),
        ("inverter_1/temperature", "41", {"temperature_inverter": 41.0}),
        ("total/battery_power", "-598", {"battery_power": -0.598}),
        ("total/battery_state_of_charge", "48", {"battery_soc": 48.0}),
        ("total/battery_temperature", "27.5", {"battery_temperature": 27.5}),
        ("total/grid_energy_in", "812.4", {"grid_import_total": 812.4}),
        ("total/grid_energy_out", "1203.9", {"grid_export_total": 1203.9}),
        ("total/pv_energy", "5120.7", {"energy_dc_total": 5120.7, "energy_total": 5120.7}),
        ("total/load_energy", "4410.2", {"load_total": 4410.2}),
        ("total/battery_energy_in", "930.1", {"battery_charge_total": 930.1}),
        ("total/battery_energy_out", "871.6", {"battery_discharge_total": 871.6}),
    ],
)
def test_each_value_has_its_series(topic: str, payload: str, expected: dict[str, float]) -> None:
    told = one(f"solar_assistant/{topic}/state", payload)

    assert told.readings == expected
    assert (told.sender, told.dialect, told.scattered) == ("solar_assistant", "solarassistant", True)


@pytest.mark.parametrize(
    ("mode", "state"), [("Line mode", 4.0), ("Battery mode", 9.0), ("Standby mode", 8.0), ("Fault mode", 7.0)]
)
def test_the_mode_of_the_inverter_is_a_state(mode: str, state: float) -> None:
    assert readings("solar_assistant/inverter_1/device_mode/state", mode) == {"operating_state": state}


def test_a_mode_that_nobody_knows_is_handed_on_to_be_refused() -> None:
    assert readings("solar_assistant/inverter_1/device_mode/state", "Dancing") == {"operating_state": "Dancing"}


def test_the_second_inverter_stands_on_channels_beside_the_first() -> None:
    assert readings("solar_assistant/inverter_2/pv_power/state", "900") == {"power_dc:inverter2": 0.9}
    assert readings("solar_assistant/total/pv_power/state", "2134") == {"power_dc:total": 2.134}


@pytest.mark.parametrize(
    "topic",
    ["inverter_1/max_charge_current/state", "set/response_message/state", "inverter_1/output_source_priority/set"],
)
def test_settings_and_commands_are_left_alone(topic: str) -> None:
    assert read(f"solar_assistant/{topic}", "Saved") == []


@pytest.mark.parametrize("nothing", ["", "-", "unknown"])
def test_a_value_that_is_not_there_is_nothing(nothing: str) -> None:
    assert read("solar_assistant/inverter_1/pv_power/state", nothing) == []
