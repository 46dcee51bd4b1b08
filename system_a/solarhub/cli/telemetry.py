"""`solarhub telemetry …`: what is stored of the plants, and how much room it takes."""

from datetime import timedelta
from typing import Annotated

import typer

from solarhub.cli.operator import DataDir, Desk, operate
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.kit.clock import now
from solarhub.kit.db import transaction
from solarhub.telemetry.cold import stock
from solarhub.telemetry.cold.compaction import COLD_AFTER, Compaction, Compressed

app = typer.Typer(
    help="What is stored of the plants.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)

_RAW = {"day": "Raw day", "rows": "Rows (about)", "bytes": "Bytes"}
_COMPRESSED = {
    "slug": "Compressed",
    "days": "Days",
    "rows": "Rows",
    "imported_rows": "Imported",
    "values": "Values",
    "bytes": "Bytes",
    "bytes_per_value": "Bytes/value",
    "kept_from": "Kept from",
    "rows_to_remove": "Rows to remove",
    "bytes_to_remove": "Bytes to remove",
}


@app.command()
def stored(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print raw days and compressed ones, their rows and bytes, and what retention is about to remove."""

    async def work(desk: Desk) -> stock.Stock:
        async with transaction(desk.databases.worker) as session:
            return await stock.take(session, now())

    found = operate(data_dir, work)
    if as_json:
        show_done("", found.model_dump(mode="json"), as_json=True)
        return
    show_list(found.raw, _RAW, as_json=False)
    print()
    show_list(found.compressed, _COMPRESSED, as_json=False)
    print(f"\nCompressed days take {found.table_bytes:,} bytes on the disk, with all that belongs to them.")


@app.command()
def compress(
    hours: Annotated[
        int, typer.Option(min=24, help="Days that ended so many hours ago; the hub itself waits 36.", metavar="N")
    ] = int(COLD_AFTER.total_seconds()) // 3600,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Compress the days that are over now, as the hub does by itself, and without its pauses."""
    done: list[Compressed] = []

    def tell(one: Compressed) -> None:
        done.append(one)
        if not as_json:
            print(f"{one.day}: {one.rows:,} rows of {one.devices:,} devices in {one.seconds} s")

    async def work(desk: Desk) -> None:
        job = Compaction(cold_after=timedelta(hours=hours), again_after=timedelta(0), tell=tell)
        more = True
        while more:
            async with transaction(desk.databases.worker) as session:
                more = await job.step(session, now())

    operate(data_dir, work)
    days, rows = len(done), sum(one.rows for one in done)
    said = f"{days} {'day was' if days == 1 else 'days were'} compressed, {rows:,} rows."
    show_done(said, {"days": days, "rows": rows}, as_json=as_json)
