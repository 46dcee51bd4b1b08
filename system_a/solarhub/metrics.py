"""The catalogue of what devices measure: names, units, signs and plausible ranges.

A name is a quantity in words; people's rules keep it for ever, so a name is never changed or reused. The unit stands
here and beside every number that is shown. Which input of a device a value belongs to (`l1`, `mppt2`, `string3`) is a
channel.

Signs: generation +, grid + = import, battery + = charging.
Ranges are in catalogue units and hold for every device, from a string's sensor to the meter of a 100 MW plant: they
refuse sentinels, slipped decimal points and broken sensors, not what is merely rare.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a value behaves over time."""

    GAUGE = "gauge"
    CUMULATIVE = "cumulative"
    """Only grows; a fall is a reset or a replaced device."""
    DAILY = "daily"
    """Grows from zero again after each local midnight of the device."""
    STATE = "state"
    """A code: never averaged."""


class NightPolicy(StrEnum):
    """What stands for the value while its device sleeps because the sun is down."""

    HOLD = "hold"
    """The last value still holds."""
    ZERO = "zero"
    """It is zero: nothing flows."""
    NOTHING = "nothing"
    """Nobody knows."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One quantity; `minimum` and `maximum` are plausible values in `unit`, both included.

    `meaning` says what the sign or the code stands for, empty where neither has a meaning beyond the number.
    """

    name: str
    unit: str
    kind: Kind
    minimum: float
    maximum: float
    meaning: str
    night: NightPolicy
    description: str


class UnknownMetric(LookupError):  # noqa: N818  named like the domain errors, after what is the matter
    """A name that the catalogue does not have; the sentence offers the nearest one."""


# 250 MW leaves room above a 100 MW plant's meter. What a plant's own transformers draw at night is about 1 % of that.
_PLANT_KW = 250_000.0
_NIGHT_DRAW_KW = -5_000.0
# Twenty years of 100 MW, and still below 2^32 - 1, the "not available" of 32-bit registers.
_LIFETIME_KWH = 4_000_000_000.0
# A 4.6 MW central inverter carries about 5 kA; 6553.5 is the "not available" of 16-bit registers with one decimal.
_CURRENT_A = 6_000.0

_GENERATION = "+ generated, - drawn by the plant itself"
_STATES = (
    "0 unknown, 1 off, 2 sleeping, 3 starting, 4 running, 5 throttled, 6 shutting down, 7 fault, 8 standby, 9 off grid"
)

_GAUGE, _TOTAL, _DAILY, _STATE = Kind.GAUGE, Kind.CUMULATIVE, Kind.DAILY, Kind.STATE
_HOLD, _ZERO, _NOTHING = NightPolicy.HOLD, NightPolicy.ZERO, NightPolicy.NOTHING

_METRICS = (
    Metric("power_output", "kW", _GAUGE, _NIGHT_DRAW_KW, _PLANT_KW, _GENERATION, _ZERO, "AC active power"),
    # A reading slightly below zero is the offset of the transducer in the dark.
    Metric("power_dc", "kW", _GAUGE, -1_000, _PLANT_KW, "+ from the panels", _ZERO, "DC power"),
    Metric(
        "power_reactive",
        "kvar",
        _GAUGE,
        -_PLANT_KW,
        _PLANT_KW,
        "sign as the device reports it",
        _ZERO,
        "AC reactive power",
    ),
    Metric("power_apparent", "kVA", _GAUGE, 0, _PLANT_KW, "", _ZERO, "AC apparent power"),
    # Averages of rounded values end up slightly above one.
    Metric("power_factor", "1", _GAUGE, -1.01, 1.01, "sign as the device reports it", _NOTHING, "power factor"),
    Metric("energy_total", "kWh", _TOTAL, 0, _LIFETIME_KWH, "", _HOLD, "AC energy generated since installation"),
    Metric("energy_today", "kWh", _DAILY, 0, 4_000_000, "", _HOLD, "AC energy generated since midnight"),
    # The meter of a large plant sits at 132 kV.
    Metric("voltage_ac", "V", _GAUGE, 0, 160_000, "", _NOTHING, "AC voltage"),
    Metric("current_ac", "A", _GAUGE, -_CURRENT_A, _CURRENT_A, "sign as the device reports it", _ZERO, "AC current"),
    # Zero is what a device reads while the grid is away.
    Metric("frequency", "Hz", _GAUGE, 0, 70, "", _NOTHING, "grid frequency"),
    Metric("voltage_dc", "V", _GAUGE, -50, 2_000, "", _ZERO, "DC voltage"),
    Metric("current_dc", "A", _GAUGE, -100, _CURRENT_A, "+ from the panels", _ZERO, "DC current"),
    Metric("temperature_inverter", "degC", _GAUGE, -40, 150, "", _NOTHING, "temperature inside the inverter"),
    Metric("operating_state", "1", _STATE, 0, 9, _STATES, _NOTHING, "what the inverter says it is doing"),
    Metric("fault_code", "1", _STATE, 0, 4_294_967_295, "0 none, else the maker's code", _NOTHING, "fault code"),
    Metric(
        "grid_power", "kW", _GAUGE, -_PLANT_KW, _PLANT_KW, "+ import, - export", _NOTHING, "power at the grid meter"
    ),
    Metric("grid_import_total", "kWh", _TOTAL, 0, _LIFETIME_KWH, "", _HOLD, "energy taken from the grid"),
    Metric("grid_export_total", "kWh", _TOTAL, 0, _LIFETIME_KWH, "", _HOLD, "energy given to the grid"),
    # Derived by subtraction in many inverters, hence at times a little below zero.
    Metric("load_power", "kW", _GAUGE, _NIGHT_DRAW_KW, _PLANT_KW, "+ consumed", _NOTHING, "power the site consumes"),
    Metric("load_total", "kWh", _TOTAL, 0, _LIFETIME_KWH, "", _HOLD, "energy the site has consumed"),
    Metric(
        "battery_power", "kW", _GAUGE, -_PLANT_KW, _PLANT_KW, "+ charging, - discharging", _NOTHING, "battery power"
    ),
    Metric("battery_soc", "%", _GAUGE, 0, 100, "", _HOLD, "state of charge"),
    Metric("battery_voltage", "V", _GAUGE, 0, 2_000, "", _HOLD, "battery voltage"),
    Metric(
        "battery_current",
        "A",
        _GAUGE,
        -_CURRENT_A,
        _CURRENT_A,
        "+ charging, - discharging",
        _NOTHING,
        "battery current",
    ),
    # A battery on fire is no implausible value: it must raise its alert.
    Metric("battery_temperature", "degC", _GAUGE, -40, 150, "", _NOTHING, "battery temperature"),
    # A thermopile reads below zero under a clear night sky; cloud edges lift the plane of array well over 1,200.
    Metric("irradiance_poa", "W/m2", _GAUGE, -20, 1_600, "", _ZERO, "irradiance in the plane of the panels"),
    Metric("irradiance_ghi", "W/m2", _GAUGE, -20, 1_600, "", _ZERO, "irradiance on the horizontal"),
    Metric("temperature_module", "degC", _GAUGE, -40, 110, "", _NOTHING, "temperature at the back of the panels"),
    Metric("temperature_ambient", "degC", _GAUGE, -50, 65, "", _NOTHING, "air temperature"),
    Metric("wind_speed", "m/s", _GAUGE, 0, 75, "", _NOTHING, "wind speed"),
    # Capacitive sensors read a few percent over in fog.
    Metric("humidity", "%", _GAUGE, 0, 105, "", _NOTHING, "relative humidity"),
)

CATALOGUE: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _METRICS})

_CHANNEL = re.compile(r"[a-z0-9_]{1,32}")


def metric(name: str) -> Metric:
    """The catalogue's entry; `UnknownMetric` says what was probably meant."""
    try:
        return CATALOGUE[name]
    except KeyError:
        near = get_close_matches(name[:64], CATALOGUE, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UnknownMetric(f"no metric has that name{hint}") from None


def is_channel(text: str) -> bool:
    """Whether `text` can name an input of a device: 1 to 32 of a-z, 0-9 and underscore."""
    return _CHANNEL.fullmatch(text) is not None


def format_series(name: str, channel: str | None = None) -> str:
    """`metric` or `metric:channel`; `UnknownMetric`, or `ValueError` for a channel that cannot be spelled."""
    metric(name)
    if channel is None:
        return name
    if not is_channel(channel):
        raise ValueError("a channel is 1 to 32 of a-z, 0-9 and underscore")
    return f"{name}:{channel}"


def parse_series(text: str) -> tuple[Metric, str | None]:
    """The metric and the channel of a series; the inverse of `format_series`, with the same errors."""
    name, colon, channel = text.partition(":")
    found = metric(name)
    if not colon:
        return found, None
    if not is_channel(channel):
        raise ValueError("a channel is 1 to 32 of a-z, 0-9 and underscore")
    return found, channel
