"""An alert in one plain sentence, and the quantities that every sentence about it is made of."""

from datetime import timedelta
from math import floor, log10

from solarhub.alerts.condition import Condition
from solarhub.alerts.vocabulary import Operator
from solarhub.metrics import metric

_BESIDE_THRESHOLD = {
    Operator.LT: "below",
    Operator.LTE: "at or below",
    Operator.GT: "above",
    Operator.GTE: "at or above",
}
_ABBREVIATIONS = {"ac", "dc", "ghi", "poa", "soc"}
_UNITS = {"1": "", "%": "%", "degC": " °C", "W/m2": " W/m²"}


def title(device_name: str, condition: Condition) -> str:
    """`Inverter 1: power output below 0.3 kW`."""
    threshold = quantity(condition.threshold, condition.metric)
    if condition.operator is Operator.EQ:
        relation = f"is {threshold}"
    elif condition.operator is Operator.NEQ:
        relation = f"is not {threshold}"
    else:
        relation = f"{_BESIDE_THRESHOLD[condition.operator]} {threshold}"
    return f"{device_name}: {_words(condition.metric)} {relation}"


def message(device_name: str, condition: Condition, value: float, lasted: timedelta) -> str:
    """`Power output of Inverter 1 is 0.12 kW, below 0.3 kW for 5 minutes`; `lasted` is the age of the breach."""
    words = _words(condition.metric)
    measured = quantity_beside(value, condition.threshold, condition.metric)
    found = f"{words[0].upper()}{words[1:]} of {device_name} is {measured}"
    threshold = quantity(condition.threshold, condition.metric)
    since = f" for {duration(lasted)}" if lasted else ""
    if condition.operator is Operator.EQ:
        return f"{found}{since}"
    if condition.operator is Operator.NEQ:
        return f"{found}, not {threshold},{since}" if since else f"{found}, not {threshold}"
    return f"{found}, {_BESIDE_THRESHOLD[condition.operator]} {threshold}{since}"


def quantity(value: float, metric_name: str) -> str:
    """`0.3 kW`."""
    return _with_unit(_number(value), metric_name)


def quantity_beside(value: float, threshold: float, metric_name: str) -> str:
    """The value with two decimals, or with two digits that matter, or with as many as part it from the threshold."""
    decimals = 2 if abs(value) >= 1 or value == 0 else 1 - floor(log10(abs(value)))
    while decimals < 12 and value != threshold and round(value, decimals) == threshold:
        decimals += 1
    return _with_unit(_number(value, decimals), metric_name)


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


def _words(name: str) -> str:
    return " ".join(word.upper() if word in _ABBREVIATIONS else word for word in name.split("_"))


def _with_unit(number: str, name: str) -> str:
    unit = metric(name).unit
    return number + _UNITS.get(unit, f" {unit}")


def _number(value: float, decimals: int = 6) -> str:
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"  # + 0.0 takes the sign off a zero
    return text.rstrip("0").rstrip(".")
