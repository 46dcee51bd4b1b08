"""Units as products write them, and what it takes to get to those of the catalogue."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Scale:
    """`value * numerator / denominator + offset`, worked out in decimals: 123.4 W are 0.1234 kW, and no hair more."""

    numerator: int = 1
    denominator: int = 1
    offset: Decimal = Decimal(0)

    def of(self, value: float) -> float:
        if (self.numerator, self.denominator) == (1, 1) and not self.offset:
            return value
        return float(Decimal(repr(value)) * self.numerator / self.denominator + self.offset)


@dataclass(frozen=True, slots=True)
class _Unit:
    """`1 of it = factor base units`, and the base unit's value where it reads zero."""

    base: str
    factor: Fraction
    zero: Fraction = Fraction(0)


def _metric(base: str, **multiples: str) -> dict[str, _Unit]:
    return {name: _Unit(base, Fraction(factor)) for name, factor in multiples.items()}


_UNITS: dict[str, _Unit] = {
    **_metric("kW", W="1/1000", kW="1", MW="1000", mW="1/1000000"),
    **_metric("kWh", Wh="1/1000", kWh="1", MWh="1000", GWh="1000000"),
    "J": _Unit("kWh", Fraction(1, 3_600_000)),
    "kJ": _Unit("kWh", Fraction(1, 3_600)),
    "MJ": _Unit("kWh", Fraction(1000, 3_600)),
    **_metric("kvar", var="1/1000", kvar="1", Mvar="1000"),
    **_metric("kVA", VA="1/1000", kVA="1", MVA="1000"),
    **_metric("kvarh", varh="1/1000", kvarh="1"),
    **_metric("kVAh", VAh="1/1000", kVAh="1"),
    **_metric("V", mV="1/1000", V="1", kV="1000"),
    **_metric("A", mA="1/1000", A="1", kA="1000"),
    **_metric("Ah", mAh="1/1000", Ah="1"),
    **_metric("Hz", mHz="1/1000", Hz="1", kHz="1000"),
    **_metric("Ohm", Ohm="1", kOhm="1000", MOhm="1000000"),
    **_metric("s", ms="1/1000", s="1", min="60", h="3600", d="86400"),
    **_metric("m", mm="1/1000", cm="1/100", m="1", km="1000"),
    **_metric("hPa", Pa="1/100", hPa="1", mbar="1", kPa="10", bar="1000"),
    **_metric("m/s", kn="1852/3600"),
    "m/s": _Unit("m/s", Fraction(1)),
    "km/h": _Unit("m/s", Fraction(1000, 3600)),
    "mph": _Unit("m/s", Fraction("0.44704")),
    "W/m2": _Unit("W/m2", Fraction(1)),
    "kW/m2": _Unit("W/m2", Fraction(1000)),
    "degC": _Unit("degC", Fraction(1)),
    "K": _Unit("degC", Fraction(1), Fraction("-273.15")),
    "degF": _Unit("degC", Fraction(5, 9), Fraction(-160, 9)),
    "1": _Unit("1", Fraction(1)),
    "%": _Unit("1", Fraction(1, 100)),
    "deg": _Unit("deg", Fraction(1)),
    "dBm": _Unit("dBm", Fraction(1)),
    **_metric("kWh/m2", **{"Wh/m2": "1/1000", "kWh/m2": "1"}),
    "ug/m3": _Unit("ug/m3", Fraction(1)),
}

_SPELLINGS = {
    "°C": "degC",
    "℃": "degC",
    "C": "degC",
    "°F": "degF",
    "F": "degF",
    "W/m²": "W/m2",
    "W/m^2": "W/m2",
    "Watt": "W",
    "VAr": "var",
    "VAR": "var",
    "kVAr": "kvar",
    "kVAR": "kvar",
    "kWH": "kWh",
    "KWh": "kWh",
    "KW": "kW",
    "Ω": "Ohm",
    "ohm": "Ohm",
    "kΩ": "kOhm",
    "kohm": "kOhm",
    "MΩ": "MOhm",
    "µg/m³": "ug/m3",
    "°": "deg",
    "": "1",
}


def known(unit: str) -> str:
    """The name under which a unit is known here; raises KeyError."""
    name = _SPELLINGS.get(unit, unit)
    if name not in _UNITS:
        raise KeyError(unit)
    return name


def convertible_to(unit: str) -> list[str]:
    """Every unit that can be turned into `unit`, itself among them."""
    base = _UNITS[unit].base if unit in _UNITS else None
    return sorted({unit, *(name for name, each in _UNITS.items() if each.base == base)})


def scale(
    unit: str, to: str, *, factor: Fraction = Fraction(1), offset: Fraction = Fraction(0), negated: bool = False
) -> Scale:
    """What turns a raw number into one in the unit `to`: `raw * factor + offset` is in `unit`.

    Raises KeyError for a unit that is not known or cannot be turned into the other.
    """
    sign = -1 if negated else 1
    if unit == to:
        slope, shift = factor, offset
    else:
        given, wanted = _UNITS[known(unit)], _UNITS[known(to)]
        if given.base != wanted.base:
            raise KeyError(unit)
        slope = factor * given.factor / wanted.factor
        shift = (offset * given.factor + given.zero - wanted.zero) / wanted.factor
    return Scale(sign * slope.numerator, slope.denominator, sign * Decimal(shift.numerator) / shift.denominator)
