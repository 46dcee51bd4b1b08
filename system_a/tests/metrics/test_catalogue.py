"""The catalogue of standard metrics."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.metrics import (
    CATALOGUE,
    Kind,
    Metric,
    NightPolicy,
    UnknownMetric,
    format_series,
    is_channel,
    metric,
    parse_series,
)

FIRST_NAMES = {
    "power_output",
    "power_dc",
    "power_reactive",
    "power_apparent",
    "power_factor",
    "energy_total",
    "energy_today",
    "voltage_ac",
    "current_ac",
    "frequency",
    "voltage_dc",
    "current_dc",
    "temperature_inverter",
    "operating_state",
    "fault_code",
    "grid_power",
    "grid_import_total",
    "grid_export_total",
    "load_power",
    "load_total",
    "battery_power",
    "battery_soc",
    "battery_voltage",
    "battery_current",
    "battery_temperature",
    "irradiance_poa",
    "irradiance_ghi",
    "temperature_module",
    "temperature_ambient",
    "wind_speed",
    "humidity",
}

channels = st.none() | st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=32)


def test_the_names_that_peoples_rules_keep_for_ever_are_all_there() -> None:
    assert set(CATALOGUE) >= FIRST_NAMES


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_every_entry_is_complete(entry: Metric) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", entry.name)
    assert entry.unit
    assert entry.description
    assert entry.minimum < entry.maximum
    assert entry.kind is not Kind.CUMULATIVE or (entry.minimum == 0 and entry.night is NightPolicy.HOLD)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("power_output", "kW"),
        ("power_reactive", "kvar"),
        ("power_apparent", "kVA"),
        ("energy_total", "kWh"),
        ("voltage_ac", "V"),
        ("current_ac", "A"),
        ("frequency", "Hz"),
        ("temperature_inverter", "degC"),
        ("battery_soc", "%"),
        ("irradiance_poa", "W/m2"),
        ("wind_speed", "m/s"),
        ("humidity", "%"),
    ],
)
def test_each_quantity_has_its_unit(name: str, unit: str) -> None:
    assert metric(name).unit == unit


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("power_output", -0.004),  # an inverter's own use at night
        ("power_output", 100_000),  # the meter of a 100 MW plant
        ("power_dc", -0.001),
        ("grid_power", -100_000),
        ("energy_total", 3.5e9),  # of 100 MW, after twenty years
        ("voltage_ac", 132_000),
        ("current_dc", 4_600),
        ("frequency", 0),  # the grid is away
        ("irradiance_poa", 1_600),  # at the edge of a cloud
        ("irradiance_ghi", -4.5),  # a thermopile under a clear night sky
        ("temperature_module", -20),
        ("battery_temperature", 120),  # on fire, which must be heard of
    ],
)
def test_what_real_devices_report_is_plausible(name: str, value: float) -> None:
    assert metric(name).minimum <= value <= metric(name).maximum


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("power_output", -1_000_000),  # a sentinel of real data sets
        ("power_output", 3_100_000),  # W taken for kW
        ("energy_total", 2**32 - 1),  # "not available" of 32-bit registers
        ("current_dc", 6553.5),  # "not available" of 16-bit registers with one decimal
        ("voltage_dc", 6553.5),
        ("frequency", 500.3),
        ("battery_soc", 655.35),
        ("irradiance_poa", 5_627),
        ("temperature_module", 330.9),  # a broken thermocouple
        ("humidity", 6553.5),
        ("power_factor", 98),  # per cent
        ("operating_state", 10),
    ],
)
def test_nonsense_is_implausible(name: str, value: float) -> None:
    assert not metric(name).minimum <= value <= metric(name).maximum


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownMetric, match="did you mean power_output"):
        metric("power_outptu")
    with pytest.raises(UnknownMetric, match=r"no metric has that name$"):
        metric("\0" * 1_000_000)


@given(st.sampled_from(sorted(CATALOGUE)), channels)
def test_a_series_reads_back_as_it_was_written(name: str, channel: str | None) -> None:
    assert parse_series(format_series(name, channel)) == (metric(name), channel)


@pytest.mark.parametrize("channel", ["", "L1", "a" * 33, "l1\n", "mppt-2", "l1:l2", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_channel_that_cannot_be_spelled_is_refused(channel: str) -> None:
    assert not is_channel(channel)
    with pytest.raises(ValueError, match="1 to 32 of a-z"):
        format_series("voltage_dc", channel)
    with pytest.raises(ValueError, match="1 to 32 of a-z"):
        parse_series(f"voltage_dc:{channel}")


@given(st.text())
def test_any_text_is_a_series_or_is_refused(text: str) -> None:
    try:
        found, channel = parse_series(text)
    except (UnknownMetric, ValueError):
        return
    assert format_series(found.name, channel) == text
