"""What a request is told: counts of its own samples among those of a batch. Pure."""

from collections.abc import Sequence
from math import isnan
from typing import NamedTuple

import numpy as np

from solarhub.telemetry.batch import moment
from solarhub.telemetry.corridor.arranging import (
    CONFLICT,
    DUPLICATE,
    MERGED,
    MERGED_IN_PART,
    NO_LAYOUT,
    OUTCOMES,
    STORED,
    UNKNOWN_DEVICE,
    Outcomes,
)
from solarhub.telemetry.corridor.layouts import MOST_OF_AN_ORGANIZATION
from solarhub.telemetry.corridor.sheet import Sheet
from solarhub.telemetry.corridor.strip import Entry
from solarhub.telemetry.layout import WIDEST
from solarhub.telemetry.sample import Quarantined, raw_text
from solarhub.telemetry.vocabulary import Reason

_TOO_MANY = (
    f"devices of this organization report more than {MOST_OF_AN_ORGANIZATION:,} different sets of metrics and channels,"
    f" or this one more than {WIDEST} series at one instant; names of channels that change with every sample are no"
    " channels"
)


class Tally(NamedTuple):
    """Of one request: conflicts are duplicates, or stored in part; `settled` counts what has a place on disk now."""

    stored: int
    duplicates: int
    conflicts: int
    settled: int
    is_known: bool
    """False: a device of it is not there any more."""


def tallies(pages: Sequence[tuple[Sheet, Outcomes]], loads: int) -> list[Tally]:
    """What became of the rows of each request."""
    counts = np.zeros(loads * OUTCOMES, np.int64)
    for sheet, outcomes in pages:
        counts += np.bincount(sheet.load * OUTCOMES + outcomes, minlength=loads * OUTCOMES)
    return [
        Tally(
            row[STORED] + row[MERGED] + row[MERGED_IN_PART],
            row[DUPLICATE] + row[CONFLICT],
            row[CONFLICT] + row[MERGED_IN_PART],
            row[STORED] + row[MERGED] + row[MERGED_IN_PART] + row[DUPLICATE] + row[CONFLICT],
            not row[UNKNOWN_DEVICE],
        )
        for row in counts.reshape(loads, OUTCOMES).tolist()
    ]


def homeless(pages: Sequence[tuple[Sheet, Outcomes]]) -> list[tuple[int, Entry]]:
    """Rows for which there are too many layouts, as they go to quarantine, with their requests' numbers."""
    return [
        refused(sheet, row, Reason.TOO_MANY_SERIES, _TOO_MANY)
        for sheet, outcomes in pages
        for row in np.flatnonzero(outcomes == NO_LAYOUT).tolist()
    ]


def refused(sheet: Sheet, row: int, reason: Reason, detail: str) -> tuple[int, Entry]:
    """A row as it goes to quarantine after all, with its request's number."""
    source, place = sheet.sources[int(sheet.origin[row])]
    values = zip(sheet.series, sheet.readings[row].tolist(), strict=True)
    raw = raw_text({name: value for name, value in values if not isnan(value)})
    entry = Quarantined(source.strip.positions[place], moment(int(sheet.at[row])), None, reason, detail, raw)
    return source.load, Entry(source.strip.device(place), entry)
