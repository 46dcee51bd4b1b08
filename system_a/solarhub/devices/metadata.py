"""`devices.metadata`: notes of any shape, among them how often the device reports. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic_core import PydanticCustomError

from solarhub.devices.liveness import DEFAULT_INTERVAL
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.fields import Whole
from solarhub.kit.refusals import shown

INTERVAL_KEY = "reporting_interval_seconds"
_INTERVAL = Whole(1, 86_400, "seconds")


def check(metadata: Mapping[str, Any]) -> None:
    """Raises Invalid for a reporting interval that cannot be."""
    if INTERVAL_KEY not in metadata:
        return
    given = metadata[INTERVAL_KEY]
    try:
        _INTERVAL.check(given)
    except PydanticCustomError as refused:
        field = f"metadata.{INTERVAL_KEY}"
        raise Invalid([FieldError(field, shown(given), refused.message(), _INTERVAL.allowed)]) from None


def reporting_interval(metadata: Mapping[str, Any]) -> timedelta:
    """How often the device reports, one minute where nothing is said."""
    given = metadata.get(INTERVAL_KEY)
    return timedelta(seconds=given) if isinstance(given, int | float) else DEFAULT_INTERVAL
