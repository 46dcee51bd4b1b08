"""In which order the rows of a batch are written, and which of them may have been there before. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from solarhub.telemetry.batch import CommittedGroup, Flags, Floats, Int32s, Int64s, moment
from solarhub.telemetry.corridor.copying import Columns, block
from solarhub.telemetry.corridor.sheet import Sheet
from solarhub.telemetry.corridor.standing import Standings

DAY = 86_400_000_000
"""Microseconds."""

STORED, DUPLICATE, CONFLICT, UNKNOWN_DEVICE, NO_LAYOUT, MERGED, MERGED_IN_PART = range(7)
"""What became of a row. MERGED_IN_PART: it told something new of its instant, and something that conflicts."""
OUTCOMES = 7

Outcomes = npt.NDArray[np.int8]


class Added(NamedTuple):
    """Of a merged row: what it brought to the one that was there (NaN: nothing), and whether that came late."""

    readings: Floats
    late: bool


class Page(NamedTuple):
    """A sheet whose rows are in the order of (device_key, at), those that are alike as they came.

    `suspect`: the row may be stored already, by an earlier commit or by one before it in the batch. `outcomes` are set
    while it is written, and so is `added`, by the places of its merged rows.
    """

    sheet: Sheet
    layout_ids: Int32s
    newest_before: Int64s
    late: Flags
    suspect: Flags
    outcomes: Outcomes
    added: dict[int, Added]

    def encoded(self, chosen: Flags, received_at: int, numbers: Int32s | None = None) -> bytes:
        """Some of its rows as COPY takes them."""
        sheet = self.sheet
        rows = slice(None) if chosen.all() else chosen
        columns = Columns(
            sheet.organization_keys[rows],
            sheet.device_keys[rows],
            sheet.at[rows],
            received_at,
            self.layout_ids[rows],
            self.late[rows],
            sheet.readings[rows],
        )
        return block(columns, numbers)

    def committed(self) -> CommittedGroup | None:
        """Its new rows, as they are handed on, and what merged ones brought; None where there are none."""
        sheet = self.sheet
        group = CommittedGroup(
            sheet.series,
            sheet.organization_keys,
            sheet.device_keys,
            sheet.at,
            self.late,
            self.newest_before,
            sheet.readings,
        )
        stored = is_new(self.outcomes)
        if self.added:
            group = replace(group, late=group.late.copy(), readings=group.readings.copy())
            for place, added in self.added.items():
                group.late[place], group.readings[place] = added.late, added.readings
        if stored.all():
            return group
        return group.chosen(stored) if stored.any() else None


def is_new(outcomes: Outcomes) -> Flags:
    """Which rows brought something that was not there: all of it or a part."""
    found: Flags = (outcomes == STORED) | (outcomes >= MERGED)
    return found


class Lasts(NamedTuple):
    """One row of each device."""

    device_keys: Int32s
    at: Int64s
    rows: npt.NDArray[np.intp]


def arranged(sheets: Sequence[Sheet], layout_ids: Sequence[Int32s], standings: Standings) -> list[Page]:
    """Pages of the same rows; all their devices are known."""
    sizes = [len(sheet) for sheet in sheets]
    device_keys = np.concatenate([sheet.device_keys for sheet in sheets])
    at = np.concatenate([sheet.at for sheet in sheets])
    order = np.lexsort((at, device_keys))
    device_keys, at = device_keys[order], at[order]
    newest = standings.newest(device_keys)
    late = at <= newest
    suspect = late.copy()
    again = (device_keys[1:] == device_keys[:-1]) & (at[1:] == at[:-1])
    suspect[1:] |= again
    suspect[:-1] |= again
    ends = np.cumsum(sizes)
    if len(sheets) > 1:
        # within each sheet the order stays what it is
        by_sheet = np.argsort(np.searchsorted(ends, order, side="right"), kind="stable")
        order, newest, late, suspect = order[by_sheet], newest[by_sheet], late[by_sheet], suspect[by_sheet]
    pages = []
    for sheet, ids, size, end in zip(sheets, layout_ids, sizes, ends.tolist(), strict=True):
        here = slice(end - size, end)
        rows = order[here] - (end - size)
        outcomes = np.zeros(size, np.int8)
        pages.append(Page(sheet.chosen(rows), ids[rows], newest[here], late[here], suspect[here], outcomes, {}))
    return pages


def lasts(page: Page, rows: Flags | None = None) -> Lasts:
    """The newest row of each device, of these rows or of all."""
    places = np.arange(len(page.sheet)) if rows is None or rows.all() else np.flatnonzero(rows)
    device_keys = page.sheet.device_keys[places]
    is_last = np.empty(len(places), np.bool_)
    is_last[-1:] = True
    is_last[:-1] = device_keys[1:] != device_keys[:-1]
    chosen = places[is_last]
    return Lasts(page.sheet.device_keys[chosen], page.sheet.at[chosen], chosen)


def days(at: Sequence[Int64s]) -> list[int]:
    """The days (UTC, since 1970) on which these instants lie."""
    limits = [(int(each.min()) // DAY, int(each.max()) // DAY) for each in at if len(each)]
    if not limits:
        return []
    first, last = min(low for low, _ in limits), max(high for _, high in limits)
    if first == last:
        return [first]
    found: list[int] = np.unique(np.concatenate(at) // DAY).tolist()
    return found


def date_of(day: int) -> date:
    """A day since 1970 as a date."""
    return moment(day * DAY).date()
