"""When work on a plant, or what somebody may see of it, is to end by itself."""

from datetime import datetime, timedelta
from enum import Enum

from solarhub.kit.errors import FieldError, Invalid


class Reach(Enum):
    """How far ahead an end may lie."""

    A_YEAR = ("a year", timedelta(days=366))
    """For maintenance: what is forgotten longer is not worked on."""
    FIFTY_YEARS = ("50 years", timedelta(days=50 * 366))
    """For grants: longer than a plant lives."""


def check_end(field: str, end: datetime | None, reach: Reach, *, at: datetime) -> None:
    """Invalid for an end that does not lie ahead of `at`, or too far ahead; without one, somebody has to make it."""
    words, longest = reach.value
    if end is None or at < end <= at + longest:
        return
    allowed = f"a time after now and at most {words} ahead, or null"
    raise Invalid([FieldError(field, end.isoformat(), f"must lie ahead, at most {words}", allowed)])
