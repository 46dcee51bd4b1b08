"""SQL of the corridor's look into compressed days, on its raw connection of the worker."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import asyncpg

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

_COLD = "select day from telemetry_cold_days where day = any($1::date[])"

_BLOCKS = """
select b.device_key, l.series, b.block
from unnest($1::integer[], $2::date[]) as wanted (device_key, day)
join telemetry_blocks b on b.device_key = wanted.device_key and b.day = wanted.day
join telemetry_layouts l on l.id = b.layout_id
"""


async def hold(connection: "Connection", partition: str) -> None:
    """Until the transaction ends the rows of that day go nowhere. UndefinedTableError where they have gone."""
    await connection.execute(f'lock table "{partition}" in row exclusive mode')


async def cold_days(connection: "Connection", days: Sequence[date]) -> set[date]:
    """Those of which there may be blocks."""
    return {row[0] for row in await connection.fetch(_COLD, days)}


async def blocks(
    connection: "Connection", device_keys: Sequence[int], days: Sequence[date]
) -> list[tuple[int, Sequence[str], bytes]]:
    """Device, series and bytes of the blocks of each device and its day."""
    return [(key, series, block) for key, series, block in await connection.fetch(_BLOCKS, device_keys, days)]
