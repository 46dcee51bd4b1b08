"""What the corridor hands on, row by row, for those who look at few of them."""

from collections.abc import Sequence
from datetime import datetime
from math import isnan
from typing import NamedTuple

from solarhub.telemetry.batch import NEVER, CommittedBatch, moment


class CommittedSample(NamedTuple):
    """One stored row by itself; None: not reported."""

    organization_key: int
    device_key: int
    at: datetime
    received_at: datetime
    late: bool
    newest_before: datetime | None
    series: tuple[str, ...]
    readings: Sequence[float | None]


def samples_of(batch: CommittedBatch) -> list[CommittedSample]:
    """The rows of a batch one by one."""
    received_at = moment(batch.received_at)
    return [
        CommittedSample(
            organization_key=organization_key,
            device_key=device_key,
            at=moment(at),
            received_at=received_at,
            late=late,
            newest_before=None if newest_before == NEVER else moment(newest_before),
            series=group.series,
            readings=[None if isnan(value) else value for value in readings],
        )
        for group in batch.groups
        for organization_key, device_key, at, late, newest_before, readings in zip(
            group.organization_keys.tolist(),
            group.device_keys.tolist(),
            group.at.tolist(),
            group.late.tolist(),
            group.newest_before.tolist(),
            group.readings.tolist(),
            strict=True,
        )
    ]
