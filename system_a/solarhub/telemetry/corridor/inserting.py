"""Rows into their table: straight to their places, or past those that are there already."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import numpy as np

from solarhub.telemetry.batch import Flags
from solarhub.telemetry.cold import presence
from solarhub.telemetry.cold.block import IMPORTED
from solarhub.telemetry.cold.presence import Lying
from solarhub.telemetry.corridor.arranging import DAY, DUPLICATE, STORED, Page, date_of, days
from solarhub.telemetry.corridor.copying import file
from solarhub.telemetry.corridor.growing import Meeting, grow
from solarhub.telemetry.corridor.layouts import Layouts
from solarhub.telemetry.queries import corridor as queries
from solarhub.telemetry.queries.corridor import Met

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]


class Ways(NamedTuple):
    """Whether any rows were copied straight to their places, and whether any went through the staging table."""

    copied: bool
    staged: bool


async def insert(
    connection: "Connection",
    pages: Sequence[Page],
    partitions: Mapping[date, str],
    received_at: int,
    layouts: Layouts,
    *,
    is_all_staged: bool,
) -> Ways:
    """Sets the outcomes. UniqueViolationError where a row that should be new is not: then all are to be staged."""
    staged = [np.ones_like(page.suspect) if is_all_staged else page.suspect for page in pages]
    fresh = [(page, ~rows) for page, rows in zip(pages, staged, strict=True)]
    for page in pages:
        page.outcomes[:] = STORED
        page.added.clear()
    met = await _pass_by_blocks(connection, pages, partitions, received_at)
    if met is not None:
        new = [page.outcomes == STORED for page in pages]
        staged = [rows & mine for rows, mine in zip(staged, new, strict=True)]
        fresh = [(page, rows & mine) for (page, rows), mine in zip(fresh, new, strict=True)]
    wanted = days([page.sheet.at[rows] for page, rows in fresh])
    for day in wanted:
        blocks = []
        for page, rows in fresh:
            today = rows if len(wanted) == 1 else rows & (page.sheet.at // DAY == day)
            if today.any():
                blocks.append(page.encoded(today, received_at))
        await queries.copy(connection, partitions[date_of(day)], file(blocks))
    if any(rows.any() for rows in staged):
        met = [*(met or ()), *await _stage(connection, list(zip(pages, staged, strict=True)), received_at)]
    if met:
        await grow(connection, layouts, met, received_at)
    return Ways(bool(wanted), any(rows.any() for rows in staged))


async def _pass_by_blocks(
    connection: "Connection", pages: Sequence[Page], partitions: Mapping[date, str], received_at: int
) -> list[Meeting] | None:
    """Rows that lie in compressed days already are not written again: what those met. None where there are none."""
    device_keys = np.concatenate([page.sheet.device_keys for page in pages])
    at = np.concatenate([page.sheet.at for page in pages])
    stored = await presence.met(connection, device_keys, at, partitions)
    ends = np.cumsum([len(page.sheet) for page in pages])
    met: list[tuple[Page, int, Lying]] = []
    for number, lying in stored.items():
        of = int(np.searchsorted(ends, number, side="right"))
        page, place = pages[of], number - int(ends[of]) + len(pages[of].sheet)
        page.outcomes[place] = DUPLICATE
        told = zip(page.sheet.series, page.sheet.readings[place].tolist(), strict=True)
        if any(not isnan(value) and lying.readings.get(name) != value for name, value in told):
            met.append((page, place, lying))
    if not met:
        return [] if stored else None
    met.sort(key=lambda one: int(one[0].sheet.load[one[1]]))
    return await _beside_blocks(connection, met, received_at)


async def _beside_blocks(
    connection: "Connection", met: Sequence[tuple[Page, int, Lying]], received_at: int
) -> list[Meeting]:
    """What was added to a row of a block before, and is not in the block yet, is a raw row that says all of it."""
    device_keys = [int(page.sheet.device_keys[place]) for page, place, _ in met]
    raw = {
        one.number: one
        for one in await queries.raw_at(connection, device_keys, [int(page.sheet.at[place]) for page, place, _ in met])
    }
    meetings: list[Meeting] = []
    for number, (page, place, lying) in enumerate(met, 1):
        is_imported = bool(lying.flags & IMPORTED)
        stored = raw.get(number) or Met(number, "", received_at, late=True, imported=is_imported, readings={})
        meetings.append(Meeting(page, place, stored._replace(readings={**stored.readings, **lying.readings})))
    return meetings


async def _stage(connection: "Connection", staged: Sequence[tuple[Page, Flags]], received_at: int) -> list[Meeting]:
    """What those rows met that are not new."""
    # numbered as they came: of two alike the smaller number is stored
    loads = np.concatenate([page.sheet.load[rows] for page, rows in staged])
    order = np.argsort(loads, kind="stable")
    numbers = np.empty(len(order), np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    places = [(page, place) for page, rows in staged for place in np.flatnonzero(rows).tolist()]
    places = [places[number] for number in order.tolist()]
    ends = np.cumsum([rows.sum() for _, rows in staged])
    blocks = [
        page.encoded(rows, received_at, mine)
        for (page, rows), mine in zip(staged, np.split(numbers, ends[:-1]), strict=True)
        if len(mine)
    ]
    new = await queries.stage(connection, file(blocks))
    old: list[int] = []
    for number, (page, place) in enumerate(places):
        instant = (int(page.sheet.device_keys[place]), int(page.sheet.at[place]))
        if instant in new:
            new.remove(instant)
        else:
            page.outcomes[place] = DUPLICATE
            old.append(number)
    if not old:
        return []
    at = [int(page.sheet.at[place]) for page, place in (places[number] for number in old)]
    met = await queries.met(connection, old, min(at), max(at))
    return [Meeting(*places[one.number], one) for one in sorted(met, key=lambda one: one.number)]
