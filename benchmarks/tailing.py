"""`python -m benchmarks.tailing`: how a process that did not store rows gets to know them, each way that was weighed.

100,000 devices report twelve values in batches of 10,000 rows, each batch a COMMIT of its own, onto a table that holds
their last rows already. After each batch a reader that knows how far it judged gets the new rows into numpy. Costs are
seconds of CPU, of the server's process that works for the reader or the writer and of this one; bytes are those of the
write-ahead log. The table it prints stands in docs/decisions/0013-how-committed-rows-reach-the-judge.md.
"""

import asyncio
import os
import struct
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from solarhub.alerts import packing
from solarhub.alerts.queries import samples
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import Server
from solarhub.telemetry.batch import microseconds, moment

from benchmarks.server import throw_away

DEVICES, BATCH, METRICS = 100_000, 10_000, 12
BEFORE, MINUTES = 10, 3
MINUTE = 60 * 10**6
_TICKS = os.sysconf("SC_CLK_TCK")

_RECEIVED = """
select s.layout_id, array_send(array_agg(s.device_key)), array_send(array_agg(s.at)),
    array_send(array_agg(s.received_at)), array_send(array_agg(array_replace(s.readings, null, 'NaN')))
from telemetry_samples s where s.received_at > $1 and s.at > $2 group by s.layout_id
"""


@dataclass(slots=True)
class Cost:
    """Per row, in microseconds of CPU and bytes of log; `wait_ms` is from a COMMIT to its rows, a batch at once."""

    name: str
    written_us: float = 0.0
    written_bytes: float = 0.0
    server_us: float = 0.0
    client_us: float = 0.0
    wait_ms: float = 0.0


class Batch(NamedTuple):
    """Rows of these devices, all of one instant; `copied` is the form in which COPY takes them."""

    keys: np.ndarray[Any, Any]
    received_at: int
    at: int
    copied: bytes


class Fleet:
    """Batches of rows as COPY takes them, in the binary form."""

    def __init__(self, begins: int) -> None:
        self._random = np.random.default_rng(4)
        self._begins = begins

    def batches(self, minute: int) -> list[Batch]:
        order = self._random.permutation(DEVICES).astype(np.int32) + 1
        at = self._begins + minute * MINUTE
        parts = [(order[first : first + BATCH], at + first) for first in range(0, DEVICES, BATCH)]
        return [Batch(keys, received, at, self._rows(keys, at, received)) for keys, received in parts]

    def _rows(self, keys: np.ndarray[Any, Any], at: int, received_at: int) -> bytes:
        rows = np.zeros(len(keys), _ROW)
        for name, length in (
            ("organization", 4),
            ("device", 4),
            ("at", 8),
            ("received", 8),
            ("layout", 4),
            ("late", 1),
        ):
            rows[f"{name}_length"] = length
        rows["fields"], rows["organization"], rows["device"], rows["layout"] = 7, 1, keys, 1
        rows["at"], rows["received"] = at - _2000, received_at - _2000
        rows["readings_length"], rows["dimensions"], rows["type"] = 20 + 12 * METRICS, 1, 701
        rows["size"], rows["lower"] = METRICS, 1
        rows["values"]["length"] = 8
        rows["values"]["value"] = self._random.uniform(0, 300, (len(keys), METRICS))
        return b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0) + rows.tobytes() + b"\xff\xff"


_2000 = 946_684_800_000_000
_ROW = np.dtype(
    [
        ("fields", ">i2"),
        ("organization_length", ">i4"), ("organization", ">i4"), ("device_length", ">i4"), ("device", ">i4"),
        ("at_length", ">i4"), ("at", ">i8"), ("received_length", ">i4"), ("received", ">i8"),
        ("layout_length", ">i4"), ("layout", ">i4"), ("late_length", ">i4"), ("late", "i1"),
        ("readings_length", ">i4"), ("dimensions", ">i4"), ("nulls", ">i4"), ("type", ">i4"), ("size", ">i4"),
        ("lower", ">i4"), ("values", [("length", ">i4"), ("value", ">f8")], METRICS),
    ]
)  # fmt: skip


class Way:
    """One of them: what is there before rows come, what goes along with a batch, and how a reader gets it."""

    name = "nothing"
    before: tuple[str, ...] = ()

    def __init__(self, reader: "asyncpg.Connection[Any]", worker: Database) -> None:
        self.reader, self.worker = reader, worker

    async def along(self, writer: "asyncpg.Connection[Any]", batch: Batch) -> None:
        """In the transaction of the rows."""

    async def read(self, batch: Batch) -> int:
        """How many new rows are in numpy now."""
        return len(batch.keys)


class Calls(Way):
    """The storing process tells which devices; the judging one reads each from where it stands, by the primary key."""

    name = "by device, told by a call"

    async def along(self, writer: "asyncpg.Connection[Any]", batch: Batch) -> None:
        await writer.execute(
            "insert into evaluation_calls (shard, device_keys) select s, array_agg(k) from"
            " (select k % 8 as s, k from unnest($1::integer[]) k) each group by s",
            batch.keys.tolist(),
        )

    async def read(self, batch: Batch) -> int:
        called = await self.reader.fetch("delete from evaluation_calls returning device_keys")
        told = [key for (some,) in called for key in some]
        found = 0
        for first in range(0, len(told), 500):
            some = told[first : first + 500]
            async with transaction(self.worker) as session:
                for packed in await samples.rows_after(session, some, [batch.at - 1] * len(some), most=100):
                    found += _unpack(packed)
        return found


class Polling(Calls):
    """The same without a call: the table of devices' states says whose newest sample is newer than what was judged."""

    name = "by device, found in device_state"
    before = (
        "set session_replication_role = replica",  # states alone, without the devices that they are of
        """insert into device_state
        (device_id, organization_id, device_key, last_sample_at, last_received_at, latest)
        select gen_random_uuid(), gen_random_uuid(), k, now(), now(),
            jsonb_object_agg('metric_' || m, jsonb_build_object('at', now(), 'value', random()))
        from generate_series(1, 100000) k, generate_series(1, 12) m group by k""",
        "set session_replication_role = origin",
        "vacuum analyze device_state",
    )

    async def along(self, writer: "asyncpg.Connection[Any]", batch: Batch) -> None:
        """Nothing has to be told."""

    async def read(self, batch: Batch) -> int:
        async with transaction(self.worker) as session:
            await samples.newest_samples(session, of=8, shards=range(8))
            found = 0
            for first in range(0, len(batch.keys), 500):
                some = batch.keys[first : first + 500].tolist()
                for packed in await samples.rows_after(session, some, [batch.at - 1] * len(some), most=100):
                    found += _unpack(packed)
        return found


class Received(Way):
    """In the order of taking in, by a BRIN index over that."""

    name = "by received_at, BRIN"
    before = (
        "create index on telemetry_samples using brin (received_at) with (pages_per_range = 16, autosummarize = on)",
    )

    async def read(self, batch: Batch) -> int:
        rows = await self.reader.fetch(_RECEIVED, moment(batch.received_at - 1), moment(batch.at - 10 * MINUTE))
        return sum(_unpack(samples.Packed(*row)) for row in rows)


class Copies(Way):
    """A table of batches that holds the rows once more, as they were handed over."""

    name = "a log of whole batches"
    before = ("create table batches (id bigint generated always as identity primary key, rows bytea)",
              "alter table batches alter rows set storage external")  # fmt: skip

    async def along(self, writer: "asyncpg.Connection[Any]", batch: Batch) -> None:
        await writer.execute("insert into batches (rows) values ($1)", batch.copied)

    async def read(self, _batch: Batch) -> int:
        taken = await self.reader.fetch("delete from batches returning rows")
        return sum(len(np.frombuffer(rows[19:-2], _ROW)["values"]["value"].astype(np.float64)) for (rows,) in taken)


class Decoding(Way):
    """Logical decoding of the write-ahead log (pgoutput), from a replication slot."""

    name = "logical decoding"
    before = (
        "create publication judged for table telemetry_samples with (publish_via_partition_root = true)",
        "select pg_create_logical_replication_slot('judged', 'pgoutput')",
    )

    async def read(self, _batch: Batch) -> int:
        changes = await self.reader.fetch(
            "select data from pg_logical_slot_get_binary_changes('judged', null, null,"
            " 'proto_version', '1', 'publication_names', 'judged', 'binary', 'true')"
        )
        found = [data for (data,) in changes if data[:1] == b"I"]
        values = np.frombuffer(b"".join(data[-12 * METRICS :] for data in found), _ROW["values"].base)
        return len(values["value"].astype(np.float64)) // METRICS


def _unpack(packed: samples.Packed) -> int:
    at = packing.instants(packed.at)
    packing.integers(packed.device_keys)
    return len(packing.tables(packed.readings, len(at)))


@asynccontextmanager
async def _connection(server: Server, login: str) -> Any:
    connection = await asyncpg.connect(**asyncpg_arguments(server.url(login)))
    try:
        yield connection
    finally:
        await connection.close()


async def measure(kind: type[Way]) -> Cost:
    """A server of its own for each way, so that none pays for what another left."""
    cost = Cost(kind.name)
    with throw_away({"wal_level": "logical"} if kind is Decoding else None) as server:
        worker = Database(server.url("solarhub_worker"), "worker", pool_size=1)
        try:
            async with _connection(server, "solarhub_admin") as writer, _connection(server, "solarhub_admin") as reader:
                await _measure(kind(reader, worker), writer, cost)
        finally:
            await worker.close()
    return cost


async def _measure(way: Way, writer: "asyncpg.Connection[Any]", cost: Cost) -> None:
    noon = now().replace(hour=12, minute=0, second=0, microsecond=0)
    fleet = Fleet(microseconds(noon))
    partition = await writer.fetchval("select ensure_telemetry_partition($1)", noon.date())

    async def store(minute: int, after: Callable[[Batch], Awaitable[None]] | None) -> None:
        for batch in fleet.batches(minute):
            async with writer.transaction():
                await writer.copy_to_table(partition, source=_once(batch.copied), format="binary", columns=_COLUMNS)
                if after is not None:
                    await way.along(writer, batch)
            if after is not None:
                await after(batch)

    for minute in range(BEFORE):
        await store(minute, None)
    for statement in way.before:
        await writer.execute(statement)
    await writer.execute("vacuum analyze telemetry_samples")
    await writer.execute("checkpoint")
    backends = [await connection.fetchval("select pg_backend_pid()") for connection in (writer, way.reader)]
    async with transaction(way.worker) as session:
        backends.append((await (await session.connection()).exec_driver_sql("select pg_backend_pid()")).scalar_one())
    written = [0.0, 0.0]
    read = [0.0, 0.0, 0.0]

    async def tail(batch: Batch) -> None:
        began, server, client = time.perf_counter(), sum(map(_cpu, backends[1:])), time.process_time()
        found = await way.read(batch)
        if found != len(batch.keys):
            raise RuntimeError(f"{way.name}: {found} rows instead of {len(batch.keys)}")
        read[0] += sum(map(_cpu, backends[1:])) - server
        read[1] += time.process_time() - client
        read[2] += time.perf_counter() - began

    for minute in range(BEFORE, BEFORE + MINUTES):
        before_cpu, before_bytes = _cpu(backends[0]), await writer.fetchval(_LOG)
        await store(minute, tail)
        written[0] += _cpu(backends[0]) - before_cpu
        written[1] += float(await writer.fetchval(_LOG) - before_bytes)
    rows = DEVICES * MINUTES
    cost.written_us, cost.written_bytes = written[0] / rows * 1e6, written[1] / rows
    cost.server_us, cost.client_us = read[0] / rows * 1e6, read[1] / rows * 1e6
    cost.wait_ms = read[2] / (rows / BATCH) * 1e3


_LOG = "select pg_current_wal_lsn() - '0/0'::pg_lsn"
_COLUMNS = ("organization_key", "device_key", "at", "received_at", "layout_id", "late", "readings")


async def _once(rows: bytes) -> Any:
    yield rows


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def main() -> None:
    """Prints the table."""
    console = Console(width=140)
    table = Table(title=f"{DEVICES:,} devices, batches of {BATCH:,} rows, {MINUTES} of each device; one run")
    for head in (
        "",
        "written: us/row",
        "log bytes/row",
        "read: server us/row",
        "read: client us/row",
        "ms for a batch",
    ):
        table.add_column(head, justify="right" if head else "left")
    for way in (Way, Calls, Polling, Received, Copies, Decoding):
        cost = asyncio.run(measure(way))
        table.add_row(
            cost.name, f"{cost.written_us:.2f}", f"{cost.written_bytes:.0f}", f"{cost.server_us:.2f}",
            f"{cost.client_us:.2f}", f"{cost.wait_ms:.0f}",
        )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
