"""OpenDTU as its documentation has it: a topic for each value, channel 0 the AC side, 1 to 6 the DC inputs."""

from datetime import UTC, datetime

import pytest

from tests.drivers.dialects.reading import one, read, readings

BASE = "solar/114182912345"


@pytest.mark.parametrize(
    ("topic", "payload", "series", "value"),
    [
        ("0/power", "123.4", "power_output", 0.1234),
        ("0/powerdc", "130.0", "power_dc", 0.13),
        ("0/voltage", "231.5", "voltage_ac", 231.5),
        ("0/current", "0.54", "current_ac", 0.54),
        ("0/frequency", "50.01", "frequency", 50.01),
        ("0/temperature", "38.2", "temperature_inverter", 38.2),
        ("0/powerfactor", "0.998", "power_factor", 0.998),
        ("0/yieldday", "1312", "energy_today", 1.312),
        ("0/yieldtotal", "456.123", "energy_total", 456.123),
        ("1/power", "31.2", "power_dc:mppt1", 0.0312),
        ("4/voltage", "33.1", "voltage_dc:mppt4", 33.1),
        ("2/current", "1.02", "current_dc:mppt2", 1.02),
        ("3/yieldday", "328", "energy_dc_today:mppt3", 0.328),
        ("3/yieldtotal", "113.5", "energy_dc_total:mppt3", 113.5),
    ],
)
def test_each_value_is_in_the_unit_of_the_catalogue(topic: str, payload: str, series: str, value: float) -> None:
    told = one(f"{BASE}/{topic}", payload)

    assert told.readings == {series: value}
    assert (told.dialect, told.sender, told.scattered) == ("opendtu", BASE, True)


def test_the_yield_of_the_day_is_in_watt_hours_and_that_of_all_days_in_kilowatt_hours() -> None:
    assert readings(f"{BASE}/0/yieldday", "1000") == {"energy_today": 1.0}
    assert readings(f"{BASE}/0/yieldtotal", "1000") == {"energy_total": 1000.0}


def test_the_inverter_is_known_by_its_number_whatever_the_base_of_the_topics() -> None:
    told = one("home/roof/114182912345/0/power", "1")

    assert told.sender == "home/roof/114182912345"
    assert told.facts == {"device_type": "inverter", "manufacturer": "Hoymiles", "serial_number": "114182912345"}


def test_last_update_is_the_time_of_the_values_that_follow() -> None:
    told = one(f"{BASE}/status/last_update", "1782025200")

    assert told.at == datetime(2026, 6, 21, 7, 0, tzinfo=UTC)
    assert (told.readings, told.scattered) == ({}, True)


@pytest.mark.parametrize("never", ["0", "86400", "soon"])
def test_a_clock_that_was_never_set_says_no_time(never: str) -> None:
    assert read(f"{BASE}/status/last_update", never) == []


def test_reachable_says_whether_the_inverter_is_there() -> None:
    assert one(f"{BASE}/status/reachable", "1").available is True
    assert one(f"{BASE}/status/reachable", "0").available is False


def test_name_and_firmware_are_facts() -> None:
    assert one(f"{BASE}/name", "Carport").facts["name"] == "Carport"
    assert one(f"{BASE}/device/fwbuildversion", "10012").facts["firmware_version"] == "10012"


@pytest.mark.parametrize(
    "topic",
    ["solar/dtu/status", "solar/ac/power", "solar/ac/yieldday", "solar/ac/is_valid", f"{BASE}/1/irradiation",
     f"{BASE}/status/producing", f"{BASE}/radio/rssi", f"{BASE}/1/name", "solar/dtu/heap/free"],
)  # fmt: skip
def test_what_no_device_needs_is_left_alone_on_purpose(topic: str) -> None:
    assert read(topic, "1") == []


def test_a_value_that_the_broker_had_kept_is_of_no_known_age() -> None:
    assert read(f"{BASE}/0/power", "123.4", retained=True) == []
    assert read(f"{BASE}/name", "Carport", retained=True) != []


def test_not_a_number_is_nothing() -> None:
    assert read(f"{BASE}/0/temperature", "nan") == []


def test_a_value_that_is_no_number_is_handed_on_to_be_refused_with_a_reason() -> None:
    assert readings(f"{BASE}/0/power", "broken") == {"power_output": "broken"}
