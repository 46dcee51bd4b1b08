"""What the standard metrics say beside their range."""

import pytest

from solarhub.devices.vocabulary import DeviceType
from solarhub.metrics import CATALOGUE, Kind, Metric, is_channel, metric
from solarhub.metrics.own import PREFIX

SINCE = {
    *("energy_dc_total", "energy_dc_today", "insulation_resistance", "vendor_state", "event_bits", "grid_connected"),
    *("power_limit", "operating_time_total", "efficiency", "voltage_dc_bus", "current_residual"),
    *("grid_import_today", "grid_export_today", "grid_import_peak_total", "grid_import_offpeak_total"),
    *("grid_export_peak_total", "grid_export_offpeak_total", "grid_reactive_import_total", "grid_demand_maximum"),
    *("load_today", "generator_power", "backup_power", "voltage_thd"),
    *("battery_soh", "battery_charge_total", "battery_discharge_total", "battery_charge_today"),
    *("battery_discharge_today", "battery_cycles_total", "battery_state", "cell_voltage_minimum"),
    *("cell_voltage_maximum", "irradiance_dni", "irradiance_dhi", "insolation_poa_today", "wind_direction"),
    *("air_pressure", "rain_total", "soiling_ratio", "particulate_matter"),
    *("signal_strength", "uptime", "voltage_supply", "mains_present", "clock_offset", "poll_success_ratio"),
    "sample_age",
}
"""Names that devices may use, and that are kept like the first ones."""


def test_names_that_joined_later_are_kept_too() -> None:
    assert set(CATALOGUE) >= SINCE
    assert len(CATALOGUE) == 78


def test_no_standard_name_is_one_that_an_organization_may_take() -> None:
    assert [name for name in CATALOGUE if name.startswith(PREFIX)] == []


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_devices_channels_and_codes_are_real_ones(entry: Metric) -> None:
    assert entry.devices
    assert set(entry.devices) <= {kind.value for kind in DeviceType}
    assert all(is_channel(channel.replace("{n}", "1")) for channel in entry.channels)
    assert [code for code, _ in entry.codes] == list(range(len(entry.codes)))
    if entry.codes:
        assert (entry.kind, entry.minimum, entry.maximum) == (Kind.STATE, 0, len(entry.codes) - 1)
    if entry.kind.is_code:
        assert entry.codes or entry.meaning


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_the_unit_fits_the_name(entry: Metric) -> None:
    """One quantity has one unit, whatever it is measured at."""
    units = {
        "power": {"kW", "kvar", "kVA", "1", "%"},
        "energy": {"kWh"},
        "voltage": {"V", "%"},
        "current": {"A", "mA"},
        "temperature": {"degC"},
        "irradiance": {"W/m2"},
    }
    first = entry.name.removeprefix("battery_").removeprefix("cell_").split("_")[0]
    assert entry.unit in units.get(first, {entry.unit})
    assert entry.kind is not Kind.DAILY or entry.name.endswith("_today")
    assert entry.kind is not Kind.CUMULATIVE or entry.name.endswith("_total") or entry.name == "uptime"


@pytest.mark.parametrize(
    ("name", "rated_kw", "value", "plausible"),
    [
        ("power_output", 5.0, 6.0, True),  # a cloud's edge, and a rating that is rounded down
        ("power_output", 5.0, 50.0, False),  # a slipped decimal point
        ("power_output", 5.0, -0.09, True),
        ("power_output", 5.0, -1.0, False),
        ("power_output", None, 50.0, True),
        ("power_dc", 10.0, 14.9, True),  # panels beyond the inverter's rating
        ("power_dc", 10.0, 15.1, False),
        ("power_reactive", 10.0, -10.9, True),
        ("power_apparent", 10.0, 13.1, False),
        ("energy_today", 10.0, 139.0, True),
        ("energy_today", 10.0, 141.0, False),
        ("grid_power", 5.0, 50.0, True),  # what a site takes is no matter of the inverter's rating
        ("power_output", 10_000_000.0, 300_000.0, False),  # no rating widens what is plausible anywhere
    ],
)
def test_a_rating_narrows_what_is_plausible(
    name: str, rated_kw: float | None, value: float, *, plausible: bool
) -> None:
    low, high = metric(name).limits(rated_kw)

    assert (low <= value <= high) is plausible


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("insulation_resistance", 65_535),  # "not available" of 16-bit registers
        ("battery_cycles_total", 65_535),
        ("event_bits", 2**32 - 1),
        ("uptime", 2**32 - 1),
        ("cell_voltage_minimum", 3_300),  # mV taken for V
        ("wind_direction", 361),
        ("air_pressure", 101_325),  # Pa taken for hPa
        ("signal_strength", 99),  # "unknown" of GSM modems
        ("mains_present", 230),  # a voltage taken for yes or no
        ("irradiance_dni", 1_400),  # more than arrives outside the atmosphere
    ],
)
def test_nonsense_is_implausible(name: str, value: float) -> None:
    assert not metric(name).minimum <= value <= metric(name).maximum
