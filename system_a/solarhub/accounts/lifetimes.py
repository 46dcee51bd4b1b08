"""How long a session lasts: since it was last used, and altogether."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`idle` since the last request, `altogether` since the sign-in, whichever ends first."""

    idle: timedelta
    altogether: timedelta


USUAL = Lifetime(idle=timedelta(days=7), altogether=timedelta(days=30))
SUPER_ADMIN = Lifetime(idle=timedelta(hours=12), altogether=timedelta(hours=24))
"""Whoever may do everything is asked again every day."""

AWAITING_SECOND_FACTOR = timedelta(minutes=10)
"""From the right password to the code."""

TOUCHED_EVERY = timedelta(minutes=1)
"""A session's last use is written down at most this often."""


def lifetime(*, is_super_admin: bool) -> Lifetime:
    return SUPER_ADMIN if is_super_admin else USUAL
