"""An alert in one plain sentence, and the quantities that every sentence about it is made of."""

from datetime import timedelta
from math import floor, log10

from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import Operator
from solarhub.metrics import CATALOGUE
from solarhub.metrics.own import PREFIX

_BESIDE_THRESHOLD = {
    Operator.LT: "below",
    Operator.LTE: "at or below",
    Operator.GT: "above",
    Operator.GTE: "at or above",
}
_ABBREVIATIONS = {"ac", "dc", "dhi", "dni", "ghi", "poa", "soc", "soh", "thd"}
_UNITS = {
    "": "",
    "1": "",
    "%": "%",
    "deg": "°",
    "degC": " °C",
    "kOhm": " kΩ",
    "kWh/m2": " kWh/m²",
    "ug/m3": " µg/m³",
    "W/m2": " W/m²",
}


def title(device_name: str, condition: Condition, own_unit: str | None = None) -> str:
    """`Inverter 1: power output below 0.3 kW`. `own_unit`: that of a metric of the organization's own."""
    threshold = quantity(condition.threshold, condition.metric, own_unit)
    if condition.operator is Operator.EQ:
        relation = f"is {threshold}"
    elif condition.operator is Operator.NEQ:
        relation = f"is not {threshold}"
    else:
        relation = f"{_BESIDE_THRESHOLD[condition.operator]} {threshold}"
    return f"{device_name}: {words_of(condition.metric)} {relation}"


def message(
    device_name: str, condition: Condition, value: float, lasted: timedelta, own_unit: str | None = None
) -> str:
    """`Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes`; `lasted` is the age of the breach."""
    words = words_of(condition.metric)
    measured = quantity_beside(value, condition.threshold, condition.metric, own_unit)
    found = f"{words[0].upper()}{words[1:]} of {device_name} is {measured}"
    threshold = quantity(condition.threshold, condition.metric, own_unit)
    since = f" for {duration(lasted)}" if lasted else ""
    if condition.operator is Operator.EQ:
        return f"{found}{since}"
    if condition.operator is Operator.NEQ:
        return f"{found}, not {threshold},{since}" if since else f"{found}, not {threshold}"
    return f"{found}, {_BESIDE_THRESHOLD[condition.operator]} {threshold}{since}"


def quantity(value: float, metric_name: str, own_unit: str | None = None) -> str:
    """`0.3 kW`."""
    return _with_unit(_number(value), metric_name, own_unit)


def quantity_beside(value: float, threshold: float, metric_name: str, own_unit: str | None = None) -> str:
    """The value with two decimals, or with two digits that matter, or with as many as part it from the threshold."""
    decimals = 2 if abs(value) >= 1 or value == 0 else 1 - floor(log10(abs(value)))
    while decimals < 12 and value != threshold and round(value, decimals) == threshold:
        decimals += 1
    return _with_unit(_number(value, decimals), metric_name, own_unit)


def duration(lasted: timedelta) -> str:
    """`5 minutes`, `2 hours 1 minute`."""
    return " ".join(f"{number} {unit}" if number == 1 else f"{number} {unit}s" for number, unit in spans(lasted))


def spans(lasted: timedelta) -> list[tuple[int, str]]:
    """A duration as a person says it: its largest unit, and what is left in the next one."""
    seconds = round(lasted.total_seconds())
    if seconds < 120:
        return [(seconds, "second")]
    minutes = seconds // 60
    if minutes < 120:
        return [(minutes, "minute")]
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return [(hours, "hour"), *([(minutes, "minute")] if minutes else [])]
    days, hours = divmod(hours, 24)
    return [(days, "day"), *([(hours, "hour")] if hours else [])]


def words_of(name: str) -> str:
    """A metric's name as it stands in a sentence: `voltage DC`."""
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in name.removeprefix(PREFIX).split("_"))


def _with_unit(number: str, name: str, own_unit: str | None) -> str:
    unit = own_unit or CATALOGUE.unit_of(name)
    return number + _UNITS.get(unit, f" {unit}")


def _number(value: float, decimals: int = 6) -> str:
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"  # + 0.0 takes the sign off a zero
    return text.rstrip("0").rstrip(".")
