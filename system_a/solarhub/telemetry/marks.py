"""Which device-hours have rows that no roll-up has seen: remembered, so that each is written down once. Pure.

Whoever writes rows holds MARKS_LOCK shared from before it reads the epoch until its COMMIT; whoever takes marks away
holds it alone, and counts the epoch up in the same transaction. A mark that is remembered of the present epoch is
there.
"""

import numpy as np

from solarhub.telemetry.batch import Int32s, Int64s

MARKS_LOCK = 5_284_733_103
"""The number of the advisory lock."""

HOUR = 3_600_000_000
"""Microseconds."""

_NONE = np.iinfo(np.int32).min


class Marks:
    """Remembers the last hour that was marked of each device, within one epoch."""

    def __init__(self) -> None:
        self._epoch: int | None = None
        self._hours = np.zeros(0, np.int32)

    def in_epoch(self, epoch: int | None) -> None:
        """Forgets what was remembered of another one."""
        if epoch != self._epoch:
            self.forget()
            self._epoch = epoch

    def forget(self) -> None:
        self._epoch = None
        self._hours[:] = _NONE

    def missing(self, device_keys: Int32s, at: Int64s) -> tuple[Int32s, Int64s]:
        """Device and hour (microseconds since 1970) of each mark that these rows need and that may not be there."""
        self._reach(int(device_keys.max(initial=0)))
        hours = at // HOUR
        new = self._hours[device_keys] != hours
        if not new.any():
            return device_keys[:0], at[:0]
        both = np.unique((hours[new] << 32) | device_keys[new])
        return (both & 0xFFFFFFFF).astype(np.int32), (both >> 32) * HOUR

    def remember(self, device_keys: Int32s, hours: Int64s) -> None:
        """Of marks that are committed."""
        self._hours[device_keys] = hours // HOUR

    def _reach(self, device_key: int) -> None:
        if device_key >= len(self._hours):
            grown = np.full(max(1024, 2 * device_key), _NONE, np.int32)
            grown[: len(self._hours)] = self._hours
            self._hours = grown
