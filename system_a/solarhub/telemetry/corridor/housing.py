"""A layout for every row: remembered, looked up, or made."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import asyncpg
import numpy as np

from solarhub.telemetry.batch import Int32s
from solarhub.telemetry.corridor.layouts import MOST_OF_AN_ORGANIZATION, UNKNOWN, Layouts, widened
from solarhub.telemetry.corridor.sheet import Sheet
from solarhub.telemetry.layout import Series
from solarhub.telemetry.queries import corridor as queries

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]


class Housed(NamedTuple):
    """Rows with the layout of each, and rows for which their organization has too many layouts already."""

    sheets: list[Sheet]
    layout_ids: list[Int32s]
    homeless: list[Sheet]


async def house(connection: "Connection", layouts: Layouts, sheets: Sequence[Sheet]) -> Housed:
    """New layouts are there for good, whatever becomes of the rows: so this is no part of their transaction."""
    housed = Housed([], [], [])
    for sheet in sheets:
        ids = layouts.ids(sheet)
        is_new = ids == UNKNOWN
        if not is_new.any():
            housed.sheets.append(sheet)
            housed.layout_ids.append(ids)
            continue
        if not is_new.all():
            housed.sheets.append(sheet.chosen(~is_new))
            housed.layout_ids.append(ids[~is_new])
        for organization_key in np.unique(sheet.organization_keys[is_new]).tolist():
            theirs = sheet.chosen(is_new & (sheet.organization_keys == organization_key))
            for rows in await _spread(connection, layouts, organization_key, theirs):
                layout_id = await _layout(connection, layouts, organization_key, rows.series)
                if layout_id == UNKNOWN:
                    housed.homeless.append(rows)
                else:
                    housed.sheets.append(rows)
                    housed.layout_ids.append(np.full(len(rows), layout_id, np.int32))
    return housed


async def _spread(connection: "Connection", layouts: Layouts, organization_key: int, sheet: Sheet) -> Sequence[Sheet]:
    """The same rows, under the series with which they are to be stored."""
    found = await queries.layout(connection, organization_key, sheet.series)
    devices = np.unique(sheet.device_keys).tolist()
    if found is not None or layouts.is_exact(devices):
        return [sheet]
    spread = []
    for device_key in devices:
        rows = sheet.chosen(sheet.device_keys == device_key)
        union = layouts.union(device_key, sheet.series)
        spread.append(rows if union is None else widened(rows, union))
    return spread


async def house_grown(
    connection: "Connection", layouts: Layouts, organization_key: int, device_key: int, series: Series
) -> tuple[Series, int] | None:
    """Under which series a row that has grown is to be stored, and the layout; None where there is no room for it.

    It is part of the rows' transaction, unlike the others: what it makes may be rolled back, and is not remembered.
    """
    found = await queries.layout(connection, organization_key, series)
    if found is None and not layouts.is_exact([device_key]):
        series = layouts.union(device_key, series) or series
        found = await queries.layout(connection, organization_key, series)
    if found is None and await queries.layouts_of(connection, organization_key) < MOST_OF_AN_ORGANIZATION:
        found = await queries.new_layout(connection, organization_key, series)
    return None if found is None else (series, found)


async def _layout(connection: "Connection", layouts: Layouts, organization_key: int, series: Series) -> int:
    """That of an organization for these series, made if need be; UNKNOWN where it has too many."""
    found = await queries.layout(connection, organization_key, series)
    if found is None:
        count = layouts.counted(organization_key)
        if count is None:
            count = await queries.layouts_of(connection, organization_key)
        layouts.count(organization_key, count)
        if count >= MOST_OF_AN_ORGANIZATION:
            return UNKNOWN
        found = await queries.new_layout(connection, organization_key, series)
        layouts.count(organization_key, count + 1)
    layouts.learn(organization_key, series, found)
    return found
