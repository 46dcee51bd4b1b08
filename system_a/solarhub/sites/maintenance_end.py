"""Until when a plant, or a device of one, may be worked on."""

from datetime import datetime, timedelta

from solarhub.kit.errors import FieldError, Invalid

_LONGEST = timedelta(days=366)


def check_end(until: datetime | None, *, at: datetime) -> None:
    """Invalid for an end that does not lie ahead of `at`, or more than a year; without one, somebody has to end it."""
    if until is None or at < until <= at + _LONGEST:
        return
    allowed = "a time after now and at most a year ahead, or nothing"
    raise Invalid([FieldError("until", until.isoformat(), "must lie ahead, at most a year", allowed)])
