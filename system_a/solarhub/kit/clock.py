"""The wall clock, read here alone: decisions take `now` as an argument, so that a test can choose it."""

from datetime import UTC, datetime


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)
