"""Fills the seven tables, and what the hub keeps beside devices, by binary COPY.

PostgreSQL refuses COPY on a table with row-level security to a role that stands under it, so the server's admin loads;
everything that is timed afterwards runs as the hub's own roles. Indexes, keys, checks and triggers stand while rows
come in, as they would in the life of a hub.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from solarhub.kit.libpq import asyncpg_arguments

from benchmarks import alarms, heard, people, plants
from benchmarks.fleet import Fleet
from benchmarks.people import Row


class Source(NamedTuple):
    table: str
    columns: Sequence[str]
    rows: Callable[[Fleet], Iterator[Row]]


SOURCES = (
    Source("users", people.USER_COLUMNS, people.users),
    Source("organizations", people.ORGANIZATION_COLUMNS, people.organizations),
    Source("organization_members", people.MEMBER_COLUMNS, people.members),
    Source("sites", plants.SITE_COLUMNS, plants.sites),
    Source("devices", plants.DEVICE_COLUMNS, plants.devices),
    Source("device_state", heard.STATE_COLUMNS, heard.states),
    Source("alert_rules", alarms.RULE_COLUMNS, alarms.rules),
    Source("alerts", alarms.ALERT_COLUMNS, alarms.alerts),
)

BATCH = 20_000


async def load(admin_url: str, fleet: Fleet, console: Console) -> dict[str, float]:
    """Figures: rows per table and the seconds it took. Ends with VACUUM ANALYZE, which autovacuum would do later."""
    started = time.perf_counter()
    connection = await asyncpg.connect(**asyncpg_arguments(admin_url))
    figures: dict[str, float] = {}
    try:
        with _progress(console) as progress:
            for source in SOURCES:
                count = getattr(fleet.size, source.table, fleet.size.devices)
                task = progress.add_task(source.table, total=count)
                for rows in _batches(source.rows(fleet)):
                    await connection.copy_records_to_table(source.table, records=rows, columns=source.columns)
                    progress.advance(task, len(rows))
                loaded = await connection.fetchval(f"select count(*) from {source.table}")
                if loaded != count:
                    raise RuntimeError(f"{source.table} should hold {count} rows and holds {loaded}")
                figures[f"rows_{source.table}"] = loaded
        with console.status("VACUUM ANALYZE"):
            await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    return figures | {"load_seconds": round(time.perf_counter() - started, 1)}


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<21}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    )
