"""Raw rows leave, and figures with them: those of rows that were taken out, never those of rows that grew too old.

Retention keeps every row for some time, and roll-ups for good. So whoever takes younger rows out need only mark their
hours; whoever takes out older ones says which, and figures that were made of more rows than were there stay.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from solarhub.kit.db import Session
from solarhub.organizations.settings import SHORTEST_KEPT_DAYS
from solarhub.telemetry.history import stretches
from solarhub.telemetry.queries import forgetting
from solarhub.telemetry.queries.forgetting import Emptied
from solarhub.telemetry.rollups.calendar import DAY, HOUR, QUARTER, moment
from solarhub.telemetry.rollups.figures import Rolled

_DAYS_AT_ONCE = 31


async def rows_by_quarter(worker: Session, device_key: int, instants: NDArray[np.int64]) -> dict[int, int]:
    """How many rows a device has in each quarter that these instants lie in: to be asked before they leave."""
    found: dict[int, int] = {}
    places = np.unique(instants // QUARTER * QUARTER)
    for portion in np.unique(places // (_DAYS_AT_ONCE * DAY)).tolist():
        some = places[places // (_DAYS_AT_ONCE * DAY) == portion]
        told = await stretches(worker, [device_key], moment(some[0]), moment(some[-1] + QUARTER))
        at = np.concatenate([np.empty(0, np.int64), *(each.at for each in told)]) // QUARTER * QUARTER
        starts, counts = np.unique(at[np.isin(at, some)], return_counts=True)
        found |= dict(zip(starts.tolist(), counts.tolist(), strict=True))
    return found


async def forget(worker: Session, device_key: int, rows: Mapping[int, int]) -> None:
    """Takes away what was rolled up of quarters that rows leave, given how many they had: by where they begin."""
    starts = sorted(rows)
    await forgetting.wait_for_rolling(worker, device_key)
    await forgetting.forget(
        worker, Emptied([device_key] * len(starts), [moment(each) for each in starts], [rows[each] for each in starts])
    )


def may_lack_rows(at: int, now: datetime) -> bool:
    """Whether retention can have been at rows of that instant, of whichever organization."""
    return moment(at).date() < (now - timedelta(days=SHORTEST_KEPT_DAYS)).date()


async def forget_emptied(
    worker: Session, marked: Mapping[int, Collection[int]], parts: Collection[Rolled], now: datetime
) -> None:
    """Of hours that were marked and looked at: what was rolled up once of quarters that have no rows any more.

    Where retention may have been at them, they stay.
    """
    expected = {
        (key, start)
        for key, hours in marked.items()
        for hour in hours
        if not may_lack_rows(hour, now)
        for start in range(hour, hour + HOUR, QUARTER)
    }
    for part in parts:
        expected -= set(zip(part.device_keys.tolist(), part.starts.tolist(), strict=True))
    keys, starts = [key for key, _ in expected], [moment(start) for _, start in expected]
    await forgetting.forget(worker, Emptied(keys, starts, [_ANY] * len(keys)))


_ANY = np.iinfo(np.int32).max
