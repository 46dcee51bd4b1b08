"""`python -m benchmarks.cold FOLDER`: what compressed days take, on recordings of real plants, and how fast they are.

FOLDER holds the data sets, a folder each. A value is one reading that was reported; the bytes of the instants, flags
and heads are counted in. Each block is read back and compared, bit for bit. "xz" is what `lzma` makes of the recorded
columns and instants of each day, a measure of how much of them is noise. Then a day of `--devices N` (300) with twelve
series, once a minute, goes from raw rows into blocks in a database of its own.
"""

import asyncio
import io
import lzma
import sys
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import asyncpg
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import Server
from solarhub.telemetry.cold import block, stock
from solarhub.telemetry.cold.block import Rows
from solarhub.telemetry.cold.compaction import Compaction
from solarhub.telemetry.cold.merging import DAY
from solarhub.telemetry.corridor.copying import COLUMNS, Columns, file
from solarhub.telemetry.corridor.copying import block as copied
from solarhub.telemetry.layout import fingerprint

from benchmarks.recordings import recordings
from benchmarks.server import admin, throw_away

Floats = NDArray[np.float64]

_SPEEDS = ("x numpy", "Mvalues/s in", "out")
SERIES = (
    *("current_ac", "current_dc", "energy_today", "energy_total", "frequency", "operating_state", "power_dc"),
    *("power_output", "temperature_inverter", "voltage_ac:l1", "voltage_ac:l2", "voltage_dc:mppt1"),
)


class Measured(NamedTuple):
    """`raw` is what numpy takes: 8 bytes for each reading, reported or not, and for each instant."""

    days: int
    values: int
    bytes: int
    raw: int
    xz: int
    encoding_seconds: float
    decoding_seconds: float

    @property
    def bytes_per_value(self) -> float:
        return self.bytes / self.values


def compressed(at: NDArray[np.int64], readings: Floats, *, beside_xz: bool = True) -> Measured:
    """Every day a block, read back; `beside_xz`: and what `lzma` makes of it, which takes its time."""
    days = np.unique(at // DAY).tolist()
    values = size = xz = 0
    encoding = decoding = 0.0
    for day in days:
        here = at // DAY == day
        rows = Rows(at[here], np.zeros(int(here.sum()), np.uint8), np.ascontiguousarray(readings[here]))
        began = perf_counter()
        written = block.encode(rows)
        done = perf_counter()
        read = block.decode(written)
        decoding += perf_counter() - done
        encoding += done - began
        if not _same(rows, read):
            raise RuntimeError(f"a block of day {day} does not read as it was written")
        values += int((~np.isnan(rows.readings)).sum())
        size += len(written)
        if beside_xz:
            xz += len(lzma.compress(rows.at.tobytes() + rows.readings.T.tobytes(), preset=9))
    return Measured(len(days), values, size, 8 * (readings.size + len(at)), xz, encoding, decoding)


def _same(written: Rows, read: Rows) -> bool:
    one, other = (np.where(np.isnan(rows.readings), np.nan, rows.readings).view(np.int64) for rows in (written, read))
    return bool(np.array_equal(written.at, read.at) and np.array_equal(one, other))


def total(parts: Iterable[Measured]) -> Measured:
    """All of them together: a value counts as much as any other."""
    return Measured(*(sum(column) for column in zip(*parts, strict=True)))


def figures(folder: Path) -> dict[str, float]:
    """Bytes of a stored value: as a device's registers tell it, of each data set too, and with every digit recorded."""
    registers: dict[str, list[Measured]] = defaultdict(list)
    recorded = []
    for one in recordings(folder):
        registers[one.of].append(compressed(one.at, one.registers, beside_xz=False))
        recorded.append(compressed(one.at, one.recorded, beside_xz=False))
    if not recorded:
        raise SystemExit(f"There is no recording in {folder}.")
    return {
        "bytes_per_value_cold": total(each for parts in registers.values() for each in parts).bytes_per_value,
        "bytes_per_value_cold_all_digits": total(recorded).bytes_per_value,
        **{f"bytes_per_value_cold_{name}": total(parts).bytes_per_value for name, parts in registers.items()},
    }


def show(console: Console, folder: Path) -> None:
    """A line for each data set, once with the digits of the recording and once with those of usual registers."""
    table = Table(title="Compressed days of real plants, exact to the bit", header_style="bold")
    for heading in ("recording", "series", "values", "xz", "B/value recorded", "B/value registers", *_SPEEDS):
        table.add_column(heading, justify="left" if heading == "recording" else "right")
    recorded, registers = [], []
    for one in recordings(folder):
        recorded.append(compressed(one.at, one.recorded))
        registers.append(compressed(one.at, one.registers))
        table.add_row(one.name[:40], str(one.recorded.shape[1]), *_cells(recorded[-1], registers[-1]))
    if not recorded:
        raise SystemExit(f"There is no recording in {folder}.")
    table.add_row("all together", "", *_cells(total(recorded), total(registers)), style="bold")
    console.print(table)


def _cells(recorded: Measured, registers: Measured) -> tuple[str, ...]:
    return (
        f"{registers.values:,}",
        f"{recorded.xz / recorded.values:.3f}",
        f"{recorded.bytes_per_value:.3f}",
        f"{registers.bytes_per_value:.3f}",
        f"{registers.raw / registers.bytes:.1f}",
        f"{registers.values / registers.encoding_seconds / 1e6:.2f}",
        f"{registers.values / registers.decoding_seconds / 1e6:.1f}",
    )


# --------------------------------------------------------------------------------------------------- in the database


def day_of_a_plant(seed: int) -> Floats:
    """A minute each of a clouded day, as an inverter's registers tell it, in the order of SERIES."""
    rng = np.random.default_rng(seed)
    hour = np.arange(1440) / 60
    clouds = np.convolve(rng.random(1500), np.ones(61) / 61, "valid")
    power = np.round(10 * np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None) * np.clip(2 * clouds, 0.2, 1), 3)
    on = power > 0
    today = np.round(np.cumsum(power) / 60, 2)
    grid = 230 + np.cumsum(rng.normal(0, 0.15, 1440)) * 0.2
    columns = {
        "current_ac": power / 0.69,
        "current_dc": power * 1.03 / 0.6,
        "energy_today": today,
        "energy_total": np.round(54_321.7 + seed + today, 1),
        "frequency": 50 + rng.normal(0, 0.02, 1440),
        "operating_state": np.where(on, 4.0, 2.0),
        "power_dc": power * 1.03,
        "power_output": power,
        "temperature_inverter": 28 + power * 2,
        "voltage_ac:l1": grid + rng.normal(0, 0.2, 1440),
        "voltage_ac:l2": grid + rng.normal(0, 0.2, 1440),
        "voltage_dc:mppt1": np.where(on, 600 + rng.normal(0, 2, 1440), 0),
    }
    digits = {"current_ac": 2, "current_dc": 2, "frequency": 2, "power_dc": 3, "power_output": 3, "energy_today": 2}
    return np.stack([np.round(columns[name], digits.get(name, 1)) for name in SERIES], axis=1)


async def fill(server: Server, devices: int, day: date) -> int:
    """Raw rows in the order in which they would have come: minute by minute. How many bytes they take."""
    connection = await asyncpg.connect(**asyncpg_arguments(admin(server)))
    owner = await connection.fetchval(
        "insert into users (email, password_hash, first_name, last_name) values ('b@example.org', '!', 'B', 'B')"
        " returning id"
    )
    key = await connection.fetchval(
        "insert into organizations (owner_id, name, slug) values ($1, 'B', 'b') returning organization_key", owner
    )
    layout = await connection.fetchval(
        "insert into telemetry_layouts (organization_key, series, series_sha256) values ($1, $2, $3) returning id",
        key,
        list(SERIES),
        fingerprint(SERIES),
    )
    partition = await connection.fetchval("select ensure_telemetry_partition($1)", day)
    plants = np.stack([day_of_a_plant(number) for number in range(devices)])
    start = (day - date(1970, 1, 1)).days * DAY
    keys = np.arange(1, devices + 1, dtype=np.int32)
    for minute in range(1440):
        told = Columns(
            np.full(devices, key, np.int32),
            keys,
            np.full(devices, start + minute * 60_000_000),
            start + minute * 60_000_000,
            np.full(devices, layout, np.int32),
            np.zeros(devices, np.bool_),
            plants[:, minute],
        )
        source = io.BytesIO(file([copied(told, None)]))
        await connection.copy_to_table(partition, source=source, columns=COLUMNS, format="binary")
    await connection.execute("analyze telemetry_samples")
    size: int = await connection.fetchval("select pg_total_relation_size($1::text::regclass)", partition)
    await connection.close()
    return size


async def compact(console: Console, server: Server, devices: int) -> None:
    """Raw rows into blocks, as the worker does it, without its pauses; and reads of both."""
    day = (now() - timedelta(days=4)).date()
    raw_bytes = await fill(server, devices, day)
    worker = Database(server.url("solarhub_worker"), "worker", pool_size=2)
    rows, job, more, steps = 1440 * devices, Compaction(tell=lambda _: None), True, 0
    began, cpu = perf_counter(), process_time()
    while more:
        async with transaction(worker) as session:
            more = await job.step(session, now())
        steps += 1
    seconds, cpu = perf_counter() - began, process_time() - cpu
    async with transaction(worker) as session:
        found = await stock.take(session, now())
    await worker.close()
    [one] = found.compressed
    console.print(
        f"{rows:,} rows of {devices} devices, {len(SERIES)} series: {seconds:.1f} s in {steps} steps, "
        f"{seconds / rows * 1e6:.1f} us a row, of it {cpu / rows * 1e6:.1f} us in the hub.\n"
        f"Raw {raw_bytes / one.values:.2f} bytes a value with the index; blocks {one.bytes / one.values:.3f}, "
        f"on the disk with all that belongs to them {found.table_bytes / one.values:.3f}.",
        soft_wrap=True,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(prog="python -m benchmarks.cold", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, help="recordings of real plants, a folder for each data set")
    parser.add_argument("--devices", type=int, default=300, help="how many report once a minute for a day; 0: none")
    chosen = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console.width = 140
    if chosen.folder is not None:
        show(console, chosen.folder)
    if chosen.devices:
        with throw_away() as server:
            asyncio.run(compact(console, server, chosen.devices))
    return 0


if __name__ == "__main__":
    sys.exit(main())
