"""What the ingest corridor hands on once it is on disk: the rows of one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple


class CommittedSample(NamedTuple):
    """One stored row: `readings[i]` is the value of `series[i]` in its catalogue unit; None: not reported.

    A series is `metric` or `metric:channel`; one tuple may serve every row of a layout. `late`: not newer than the
    newest sample of the device that an earlier commit stored. That one's time is `newest_before` (None: there was
    none), the same for all rows of a device in one batch: by it a reader notices that rows passed it by (a COMMIT
    whose answer was lost, a full queue, another process) and reads them back from the store.
    """

    organization_key: int
    device_key: int
    at: datetime
    received_at: datetime
    late: bool
    newest_before: datetime | None
    series: tuple[str, ...]
    readings: Sequence[float | None]


class CommittedBatch(NamedTuple):
    """The new rows of one transaction, in any order; duplicates of stored rows are not among them."""

    rows: Sequence[CommittedSample]


CommitHook = Callable[[CommittedBatch], None]
"""Called after each COMMIT, in commit order, before the next one starts. Must return at once: senders are waiting."""
