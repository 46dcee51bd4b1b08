"""How long and how fine a window may be asked for, and where the days of a site begin."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from solarhub.kit.errors import FieldError, Invalid
from solarhub.telemetry.vocabulary import Resolution

WIDTHS = {
    Resolution.MINUTE: timedelta(minutes=1),
    Resolution.FIVE_MINUTES: timedelta(minutes=5),
    Resolution.QUARTER: timedelta(minutes=15),
    Resolution.HOUR: timedelta(hours=1),
}
"""Counted from full hours in UTC. A day is none of them: its length is the calendar's."""

LONGEST = {
    Resolution.RAW: timedelta(days=7),
    Resolution.MINUTE: timedelta(days=14),
    Resolution.FIVE_MINUTES: timedelta(days=62),
    Resolution.QUARTER: timedelta(days=185),
    Resolution.HOUR: timedelta(days=400),
    Resolution.DAY: timedelta(days=800),
}
"""About twenty thousand points, and no more than a query can read while somebody waits."""

MOST_RAW = 50_000


@dataclass(frozen=True, slots=True)
class Window:
    """Half open: `start` belongs to it, `end` does not."""

    start: datetime
    end: datetime
    resolution: Resolution

    def check(self) -> None:
        """Raises Invalid for a window that ends before it begins, or is too long for its resolution."""
        if self.end <= self.start:
            raise Invalid([FieldError("to", self.end.isoformat(), "is not after from", "an instant after from")])
        if self.end - self.start > LONGEST[self.resolution]:
            reach = [f"{resolution} up to {longest.days} days" for resolution, longest in LONGEST.items()]
            message = f"is too fine for a window of {(self.end - self.start).days} days"
            raise Invalid([FieldError("bucket", self.resolution.value, message, reach)])


def too_many_raw() -> Invalid:
    """For a window with more than `MOST_RAW` samples in it."""
    allowed = f"a window with up to {MOST_RAW:,} samples, or a bucket from 1m to 1d"
    message = f"would answer with more than {MOST_RAW:,} samples"
    return Invalid([FieldError("bucket", Resolution.RAW.value, message, allowed)])


def local_day(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From local midnight to the next, in UTC: 23 or 25 hours where the clocks are changed that day."""
    return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # where midnight itself is skipped, the offset before the change leads to the very moment of the change
    return datetime.combine(day, time(), zone).astimezone(UTC)
