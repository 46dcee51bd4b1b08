"""What the ingest corridor hands on once it is on disk: the rows of one transaction, in columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = -(2**63)
"""Stands where a time would: there was none."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class CommittedGroup:
    """New rows that report the same series, a place of each array for each row; of one device in the order of `at`.

    Times are microseconds since 1970 UTC. `readings[i, j]` is the value of `series[j]` in its catalogue unit; NaN: not
    reported. `late`: not newer than the newest sample of the device that an earlier commit stored. That one's time is
    `newest_before` (NEVER: there was none), the same for all rows of a device in one batch: by it a reader notices that
    rows passed it by (a COMMIT whose answer was lost, a full queue, another process) and reads them back from the
    store.
    """

    series: tuple[str, ...]
    organization_keys: Int32s
    device_keys: Int32s
    at: Int64s
    late: Flags
    newest_before: Int64s
    readings: Floats

    def __len__(self) -> int:
        return len(self.at)

    def chosen(self, rows: Int64s | Flags | slice) -> "CommittedGroup":
        """Those of its rows alone, in that order."""
        return CommittedGroup(
            self.series,
            self.organization_keys[rows],
            self.device_keys[rows],
            self.at[rows],
            self.late[rows],
            self.newest_before[rows],
            self.readings[rows],
        )


@dataclass(frozen=True, slots=True)
class CommittedBatch:
    """The new rows of one transaction; duplicates of stored rows are not among them, nor is what was imported.

    A device may be in several groups. `received_at` is when the hub took them in, in microseconds since 1970.
    """

    groups: Sequence[CommittedGroup]
    received_at: int

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(len(group) for group in self.groups)


CommitHook = Callable[[CommittedBatch], None]
"""Called after each COMMIT, in commit order, before the next one starts. Must return at once: senders are waiting."""


def moment(microseconds: int) -> datetime:
    """Microseconds since 1970 as a time in UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(at: datetime) -> int:
    """A time as microseconds since 1970 UTC, exact."""
    return (at - _EPOCH) // _MICROSECOND
