"""`devices.metadata`: notes of any shape, among them how often the device reports and what it is rated at. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from math import inf
from typing import Any

from pydantic_core import PydanticCustomError

from solarhub.devices.liveness import DEFAULT_INTERVAL
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.fields import Number, Whole
from solarhub.kit.refusals import shown

INTERVAL_KEY = "reporting_interval_seconds"
RATING_KEY = "rated_power_kw"
REGISTER_KEY = "energy_register_kwh"
"""Where the registers of its energy counters end: 6553.6 for 16 bits of tenths."""
SHORTEST_INTERVAL = timedelta(seconds=1)
_KEYS: Mapping[str, Number] = {
    INTERVAL_KEY: Whole(SHORTEST_INTERVAL // timedelta(seconds=1), 86_400, "seconds"),
    # from a single sensor's supply to the largest plants there are
    RATING_KEY: Number(0.001, 10_000_000, "kW"),
    REGISTER_KEY: Number(1, 1_000_000_000_000, "kWh"),
}


def check(metadata: Mapping[str, Any]) -> None:
    """Raises Invalid for a reporting interval, a rating or a register that cannot be."""
    for key in _KEYS.keys() & metadata.keys():
        try:
            _KEYS[key].check(metadata[key])
        except PydanticCustomError as refused:
            line = FieldError(f"metadata.{key}", shown(metadata[key]), refused.message(), _KEYS[key].allowed)
            raise Invalid([line]) from None


def reporting_interval(metadata: Mapping[str, Any]) -> timedelta:
    """How often the device reports, one minute where nothing is said."""
    given = metadata.get(INTERVAL_KEY)
    return timedelta(seconds=given) if isinstance(given, int | float) else DEFAULT_INTERVAL


def rated_kw(metadata: Mapping[str, Any]) -> float | None:
    """What the type plate says, in kW; None where nobody has said, or nothing that can be."""
    return above_zero(metadata.get(RATING_KEY))


def register_kwh(metadata: Mapping[str, Any]) -> float | None:
    """Where its energy counters begin again from zero, in kWh; None where nobody has said, or nothing that can be."""
    return above_zero(metadata.get(REGISTER_KEY))


def above_zero(given: object) -> float | None:
    """What is noted as a rating or the like, None for what can be none."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < inf:
        return None
    return float(given)
