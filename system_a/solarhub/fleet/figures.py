"""Numbers and instants as people read them, in any language: pure."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from solarhub.metrics import CATALOGUE

_LARGE = {"kW": "MW", "kWh": "MWh"}
_SHOWN = {
    "1": "",
    "deg": "\N{DEGREE SIGN}",
    "degC": "\N{DEGREE SIGN}C",
    "kOhm": "k\N{GREEK CAPITAL LETTER OMEGA}",
    "kWh/m2": "kWh/m\N{SUPERSCRIPT TWO}",
    "ug/m3": "\N{MICRO SIGN}g/m\N{SUPERSCRIPT THREE}",
    "W/m2": "W/m\N{SUPERSCRIPT TWO}",
}
_CHANNEL = re.compile(r"([a-z_]+?)_?([0-9]+)")


def quantity(value: float | None, unit: str) -> str:
    """Three digits that matter, in a unit of a size to match: `2.91 kW`, `1.25 MW`, `0 kW`, or a dash."""
    if value is None:
        return "\N{EN DASH}"
    if abs(value) >= 1000 and unit in _LARGE:
        value, unit = value / 1000, _LARGE[unit]
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    shown = f"{value:.{places}f}"
    return f"{'0' if float(shown) == 0 else shown} {unit}"


def of_metric(value: float | None, name: str) -> str:
    """A value in its metric's unit; a code is a whole number without any."""
    unit = CATALOGUE[name].unit if name in CATALOGUE else "1"
    if value is not None and unit == "1":
        return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
    return quantity(value, _SHOWN.get(unit, unit))


def days_between(then: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Midnights of that place between the two: 0 today, 1 yesterday; below 0 for what is to come."""
    return (now.astimezone(zone).date() - then.astimezone(zone).date()).days


def channel_of(channel: str) -> tuple[str, str]:
    """The kind of an input and its number: `string2` is ("string", "2"), what has no number is ("", "l_n")."""
    found = _CHANNEL.fullmatch(channel)
    return (found[1], found[2]) if found else ("", channel)


def shortened(name: str, most: int) -> str:
    """At most so many characters of a name, with an ellipsis for the rest."""
    return name if len(name) <= most else name[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
