"""An instant that a device tells in several pieces grows into one row: the first value of each series stays.

Only rows that met another one come here. The one that was there is not changed: it is taken away and written anew with
what was added, under a layout that has a place for all of it. Whoever watches a day for rows that arrive hears of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import numpy as np

from solarhub.telemetry.corridor.arranging import (
    CONFLICT,
    DAY,
    DUPLICATE,
    MERGED,
    MERGED_IN_PART,
    NO_LAYOUT,
    Added,
    Page,
    date_of,
)
from solarhub.telemetry.corridor.copying import Columns, block, file
from solarhub.telemetry.corridor.housing import house_grown
from solarhub.telemetry.corridor.layouts import Layouts
from solarhub.telemetry.layout import WIDEST, Series, place
from solarhub.telemetry.queries import corridor as queries
from solarhub.telemetry.queries.corridor import Met

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

Instant = tuple[int, int]
"""A device, and microseconds since 1970."""


class Overtaken(Exception):  # noqa: N818 - says what happened: `except Overtaken`
    """Somebody else wrote the same row just now; it is to be looked at again."""


class Meeting(NamedTuple):
    """A row of a batch, and the stored one that has its instant and does not say the very same."""

    page: Page
    place: int
    stored: Met


@dataclass(slots=True)
class _Growing:
    """A stored row with what was added to it so far."""

    organization_key: int
    stored: Met
    readings: dict[str, float]
    pieces: list[tuple[Page, int]] = field(default_factory=list)
    """The rows that added something."""

    def take(self, page: Page, place: int) -> None:
        """Sets the outcome of a row. Nothing is added to what came from a file: that may be taken out again, whole."""
        sheet = page.sheet
        values = sheet.readings[place].tolist()
        told = {name: value for name, value in zip(sheet.series, values, strict=True) if not isnan(value)}
        fresh = {name: value for name, value in told.items() if name not in self.readings}
        differs = any(self.readings[name] != value for name, value in told.items() if name not in fresh)
        if fresh and self.stored.imported:
            fresh, differs = {}, True
        if len(self.readings) + len(fresh) > WIDEST:
            page.outcomes[place] = NO_LAYOUT
            return
        if not fresh:
            page.outcomes[place] = CONFLICT if differs else DUPLICATE
            return
        page.outcomes[place] = MERGED_IN_PART if differs else MERGED
        # what completes the newest sample is judged as that one is; what completes an older one has come too late
        late = self.stored.late or bool(sheet.at[place] < page.newest_before[place])
        page.added[place] = Added(np.array([fresh.get(name, np.nan) for name in sheet.series], np.float64), late)
        self.readings |= fresh
        self.pieces.append((page, place))

    def give_up(self) -> None:
        """There is no layout for it."""
        for page, at_place in self.pieces:
            page.outcomes[at_place] = NO_LAYOUT
            del page.added[at_place]


async def grow(connection: "Connection", layouts: Layouts, meetings: Sequence[Meeting], received_at: int) -> None:
    """Sets the outcomes of rows, in the order in which they came, and counts the conflicts. Raises Overtaken."""
    growing: dict[Instant, _Growing] = {}
    for page, at_place, stored in meetings:
        instant = (int(page.sheet.device_keys[at_place]), int(page.sheet.at[at_place]))
        if instant not in growing:
            growing[instant] = _Growing(int(page.sheet.organization_keys[at_place]), stored, dict(stored.readings))
        growing[instant].take(page, at_place)
    grown: dict[tuple[Series, int], list[tuple[Instant, _Growing]]] = defaultdict(list)
    for instant, each in growing.items():
        if not each.pieces:
            continue
        home = await house_grown(connection, layouts, each.organization_key, instant[0], tuple(sorted(each.readings)))
        if home is None:
            each.give_up()
        else:
            grown[home].append((instant, each))
    if grown:
        await _write_anew(connection, grown)
    await _count_conflicts(connection, meetings, received_at)


async def _write_anew(
    connection: "Connection", grown: dict[tuple[Series, int], list[tuple[Instant, _Growing]]]
) -> None:
    there = [one for rows in grown.values() for one in rows if one[1].stored.version]
    if there:
        taken = await queries.take_away(
            connection,
            [key for (key, _), _ in there],
            [at for (_, at), _ in there],
            [each.stored.version for _, each in there],
        )
        if taken < len(there):
            raise Overtaken
    blocks: list[bytes] = []
    count = 0
    for (series, layout_id), rows in grown.items():
        blocks.append(_encoded(series, layout_id, rows, first=count))
        count += len(rows)
    await queries.empty_staging(connection)
    if len(await queries.stage(connection, file(blocks))) < count:
        raise Overtaken


def _encoded(series: Series, layout_id: int, rows: Sequence[tuple[Instant, _Growing]], *, first: int) -> bytes:
    """Rows of one layout as COPY takes them. Each keeps what it was but for its readings."""
    columns = Columns(
        np.array([each.organization_key for _, each in rows], np.int32),
        np.array([key for (key, _), _ in rows], np.int32),
        np.array([at for (_, at), _ in rows], np.int64),
        np.array([each.stored.received_at for _, each in rows], np.int64),
        np.full(len(rows), layout_id, np.int32),
        np.array([each.stored.late for _, each in rows], np.bool_),
        np.array([place(each.readings, series) for _, each in rows], np.float64),
    )
    return block(columns, np.arange(first, first + len(rows), dtype=np.int32))


async def _count_conflicts(connection: "Connection", meetings: Iterable[Meeting], received_at: int) -> None:
    conflicts = Counter(
        (int(page.sheet.device_keys[at_place]), date_of(int(page.sheet.at[at_place]) // DAY))
        for page, at_place, _ in meetings
        if page.outcomes[at_place] in (CONFLICT, MERGED_IN_PART)
    )
    if conflicts:
        await queries.count_conflicts(connection, conflicts, received_at)
