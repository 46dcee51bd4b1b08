"""Metrics that an organization adds for itself.

Their names begin with `x_`, which no standard name ever does: a quantity that joins the standard catalogue later can
then take no name that somebody's devices and rules already use for something else.
"""

import re

from solarhub.metrics.quantities import Kind, Metric, NightPolicy

PREFIX = "x_"
LONGEST_NAME = 64
NAME_PATTERN = r"x_[a-z][a-z0-9]*(?:_[a-z0-9]+)*"
NAME_MEANING = f"x_ and a quantity in words of a-z and 0-9 joined by _, such as x_pump_pressure; {LONGEST_NAME} at most"

_NAME = re.compile(NAME_PATTERN)


def is_own_name(name: str) -> bool:
    """Whether an organization may call one of its own metrics so."""
    return len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None


def own_metric(
    *, name: str, unit: str, kind: Kind, minimum: float, maximum: float, night: NightPolicy, meaning: str
) -> Metric:
    """An organization's own. ValueError for a name that a standard metric might have."""
    if not is_own_name(name):
        raise ValueError(f"{name} is no name of an own metric")
    return Metric(name, unit, kind, minimum, maximum, "", night, meaning)
