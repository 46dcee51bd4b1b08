"""How far apart a device's rows usually are: what silence and coverage are judged by. Pure.

A device says how often it reports, and rows of its past that somebody brings along may be five or fifteen minutes
apart all the same. So the greater of both counts: the interval that it says, and the usual spacing of the rows of the
hour (UTC) itself. An hour with too few rows, or none that is usual among their spacings, is judged as the one before.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solarhub.telemetry.rollups.calendar import HOUR
from solarhub.telemetry.rollups.figures import F, I

FEWEST = 3
"""Spacings of an hour, with that which leads into it, which tell what is usual."""
FARTHEST_SECONDS = 3600 / FEWEST
"""Rows further apart than this are too few in an hour to tell."""
_ALIKE = 0.1
"""Spacings that differ by no more than this share are the same."""


class Heard(NamedTuple):
    """When devices were last heard before a time (seconds since 1970), and by which interval (s) that was judged.

    In the order of their keys.
    """

    device_keys: I
    at: F
    intervals: F

    def of(self, device_keys: I) -> tuple[F, F]:
        """Both of each of these devices; NaN of those that were never heard."""
        found = np.full((2, len(device_keys)), np.nan)
        if len(self.device_keys):
            places = np.minimum(np.searchsorted(self.device_keys, device_keys), len(self.device_keys) - 1)
            known = self.device_keys[places] == device_keys
            found[:, known] = self.at[places[known]], self.intervals[places[known]]
        return found[0], found[1]


NEVER = Heard(np.empty(0, np.int64), np.empty(0), np.empty(0))


def intervals(at: I, device_keys: I, said: F, heard: Heard) -> F:
    """The interval (s) that each row is judged by; `said`: how often its device says that it reports.

    Rows in the order of devices and time (microseconds since 1970).
    """
    begins = np.append(True, device_keys[1:] != device_keys[:-1])
    before_at, before_interval = heard.of(device_keys[begins])
    spacings = np.append(np.nan, np.diff(at / 1e6))
    spacings[begins] = at[begins] / 1e6 - before_at
    hours = at // HOUR
    starts = np.flatnonzero(begins | np.append(True, hours[1:] != hours[:-1]))
    counts = np.add.reduceat(~np.isnan(spacings), starts, dtype=np.int64)
    wide = np.add.reduceat(spacings > (1 + _ALIKE) * said, starts, dtype=np.int64)
    found = np.where((counts >= FEWEST) & (2 * wide <= counts), said[starts], np.nan)
    ends = np.append(starts[1:], len(at))
    for hour in np.flatnonzero((counts >= FEWEST) & (2 * wide > counts)):
        found[hour] = _usual(spacings[starts[hour] : ends[hour]])
    found = np.fmax(_carried_on(found, begins[starts], before_interval), said[starts])
    return np.repeat(found, ends - starts)


def _usual(spacings: F) -> float:
    """The median, in whole seconds, of which most must not be far; NaN: there is nothing usual."""
    told = spacings[~np.isnan(spacings)]
    median = float(np.median(told))
    alike = np.abs(told - median) <= _ALIKE * median
    return round(median) if 2 * np.count_nonzero(alike) > len(told) else np.nan


def _carried_on(found: F, begins: NDArray[np.bool_], before: F) -> F:
    """What is not known of an hour is that of the hour before of the same device, or what was known `before`."""
    known = ~np.isnan(found)
    newest = np.maximum.accumulate(np.where(known | begins, np.arange(len(found)), 0))
    filled = np.where(known, found, 0.0)
    filled[begins & ~known] = before[~known[begins]]
    return filled[newest]
