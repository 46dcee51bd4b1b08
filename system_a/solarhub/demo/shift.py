"""A recording is played as if it were of these days."""

from datetime import datetime, timedelta


def whole_days(last: datetime, now: datetime) -> timedelta:
    """How far to move a recording whose last sample is at `last`: as far as it goes without ending after `now`.

    A day is 24 hours, so that the sun of the recording and the clock stay together in UTC. Both are aware.
    """
    return timedelta(days=(now - last) // timedelta(days=1))
