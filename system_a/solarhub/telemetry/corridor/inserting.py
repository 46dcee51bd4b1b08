"""Rows into their table: straight to their places, or past those that are there already."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import numpy as np

from solarhub.telemetry.batch import Flags
from solarhub.telemetry.cold import presence
from solarhub.telemetry.corridor.arranging import CONFLICT, DAY, DUPLICATE, STORED, Page, date_of, days
from solarhub.telemetry.corridor.copying import file
from solarhub.telemetry.queries import corridor as queries

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
    *,
    is_all_staged: bool,
) -> Ways:
    """Sets the outcomes. UniqueViolationError where a row that should be new is not: then all are to be staged."""
    staged = [np.ones_like(page.suspect) if is_all_staged else page.suspect for page in pages]
    fresh = [(page, ~rows) for page, rows in zip(pages, staged, strict=True)]
    for page in pages:
        page.outcomes[:] = STORED
    if await _pass_by_blocks(connection, pages, partitions, received_at):
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
        await _stage(connection, list(zip(pages, staged, strict=True)), received_at)
    return Ways(bool(wanted), any(rows.any() for rows in staged))


async def _pass_by_blocks(
    connection: "Connection", pages: Sequence[Page], partitions: Mapping[date, str], received_at: int
) -> bool:
    """Rows that lie in compressed days already are not written again; whether there are any."""
    device_keys = np.concatenate([page.sheet.device_keys for page in pages])
    at = np.concatenate([page.sheet.at for page in pages])
    stored = await presence.met(connection, device_keys, at, partitions)
    ends = np.cumsum([len(page.sheet) for page in pages])
    conflicts: Counter[tuple[int, date]] = Counter()
    for number, readings in stored.items():
        of = int(np.searchsorted(ends, number, side="right"))
        page, place = pages[of], number - int(ends[of]) + len(pages[of].sheet)
        page.outcomes[place] = DUPLICATE
        _hold_against(page, place, readings, conflicts)
    if conflicts:
        await queries.count_conflicts(connection, conflicts, received_at)
    return bool(stored)


async def _stage(connection: "Connection", staged: Sequence[tuple[Page, Flags]], received_at: int) -> None:
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
    if old:
        await _find_conflicts(connection, places, old, received_at)


async def _find_conflicts(
    connection: "Connection", places: Sequence[tuple[Page, int]], old: Sequence[int], received_at: int
) -> None:
    """Which of the rows that were there already say something that the stored ones do not."""
    at = [int(page.sheet.at[place]) for page, place in (places[number] for number in old)]
    conflicts: Counter[tuple[int, date]] = Counter()
    for number, stored in await queries.met(connection, old, min(at), max(at)):
        _hold_against(*places[number], stored, conflicts)
    if conflicts:
        await queries.count_conflicts(connection, conflicts, received_at)


def _hold_against(page: Page, place: int, stored: Mapping[str, float], conflicts: Counter[tuple[int, date]]) -> None:
    """A row that says something which the stored one does not is a conflict."""
    sheet = page.sheet
    told = zip(sheet.series, sheet.readings[place].tolist(), strict=True)
    if any(value == value and stored.get(name) != value for name, value in told):  # noqa: PLR0124 - not NaN
        page.outcomes[place] = CONFLICT
        conflicts[int(sheet.device_keys[place]), date_of(int(sheet.at[place]) // DAY)] += 1
