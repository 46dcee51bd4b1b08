"""Rows onto the disk: one transaction for each batch, on one connection of the worker role.

COPY knows no ON CONFLICT, so a batch is copied optimistically inside a savepoint, and where it meets a row that is
there already, it goes through a staging table instead. COPY is refused on a table with row-level security: it goes into
the day's partition.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import asyncpg
import msgspec

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.telemetry import compose
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.compose import COLUMNS, Arrival, Heard, Refusal, Row, Standing
from solarhub.telemetry.layout import Layout, Series, fingerprint

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

CONNECT_SECONDS = 5.0
WRITE_SECONDS = 20.0
"""A batch that takes longer has lost its server: the connection is cut, and nobody is told that it was stored."""
ATTEMPTS = 3
_REMEMBERED_DEVICES = 200_000
_REMEMBERED_SERIES = 1_000_000

_STAGING = (
    "create temporary table if not exists incoming (like telemetry_samples including defaults) on commit delete rows"
)

_FROM_STAGING = """
insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)
select organization_key, device_key, at, received_at, layout_id, late, readings from incoming order by device_key, at
on conflict (device_key, at) do nothing
returning device_key, at
"""

# Where each device stands; the lateral sub-select keeps the planner from looking into every partition.
_STANDINGS = """
select d.device_key, d.last_sample_at, l.organization_key, l.id, l.series
from device_state d
left join lateral (
    select s.layout_id from telemetry_samples s where s.device_key = d.device_key and s.at = d.last_sample_at limit 1
) newest on true
left join telemetry_layouts l on l.id = newest.layout_id
where d.device_key = any($1::integer[])
"""

_LAYOUT = "select id from telemetry_layouts where organization_key = $1 and series_sha256 = $2"

_NEW_LAYOUT = """
insert into telemetry_layouts (organization_key, series_sha256, series) values ($1, $2, $3)
on conflict (organization_key, series_sha256) do nothing
returning id
"""

# Older never overwrites newer, in the row nor in any one series of `latest`, whose times have a fixed width. Rows are
# taken in the order of their keys, so that two writers never wait for each other in a circle.
_STATES = """
insert into device_state as s (device_id, organization_id, device_key, last_sample_at, last_received_at, latest)
select device_id, organization_id, device_key, last_sample_at, $5, latest::jsonb
from unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $6::text[])
    as heard (device_id, organization_id, device_key, last_sample_at, latest)
order by device_id
on conflict (device_id) do update set
    last_sample_at = greatest(s.last_sample_at, excluded.last_sample_at),
    last_received_at = greatest(s.last_received_at, excluded.last_received_at),
    latest = s.latest || coalesce((
        select jsonb_object_agg(series, reading) from jsonb_each(excluded.latest) as fresh (series, reading)
        where s.latest -> series is null
            or (s.latest -> series ->> 'at') collate "C" < (reading ->> 'at') collate "C"
    ), '{}')
"""

_QUARANTINE = """
insert into telemetry_quarantine (organization_id, device_id, received_at, at, metric, reason, raw)
select organization_id, device_id, $3, at, metric, reason, raw
from unnest($1::uuid[], $2::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
    as refused (organization_id, device_id, at, metric, reason, raw)
"""

# Errors of what is written, not of how or where.
_REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


class RowsRefused(Exception):  # noqa: N818  named like the domain's errors, after what is the matter
    """The database would not take one of these rows, however often it is sent; none of them is stored."""


class Written(NamedTuple):
    """`stored[i]`: arrival i is a row now; false: it met one that was there before. `batch` holds the new rows."""

    stored: list[bool]
    batch: CommittedBatch


@dataclass(slots=True)
class Counts:
    """How many batches with rows went each way since the start."""

    copied: int = 0
    staged: int = 0


class Store:
    """Writes batches one after another; remembers between them what it would otherwise have to ask each time."""

    def __init__(self, database: Database, *, patience_seconds: float = WRITE_SECONDS) -> None:
        """`database` logs in as solarhub_worker."""
        self.counts = Counts()
        self._database = database
        self._patience_seconds = patience_seconds
        self._connection: Connection | None = None
        self._standings: dict[int, Standing] = {}
        self._layouts: dict[tuple[int, Series], Layout] = {}
        self._series_remembered = 0
        self._partitions: dict[date, str] = {}
        self._received_at = now()

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    async def connect(self) -> "Connection":
        """A fresh connection, and nothing remembered from the one before. Raises Unavailable."""
        self.disconnect()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._connection = await self._database.connect_driver()
                await self._connection.execute(_STAGING)
        except Exception as error:
            self.disconnect()
            raise Unavailable("The database is not reachable right now; nothing was stored.") from error
        return self._connection

    def disconnect(self) -> None:
        """At once, whatever the connection is doing: what is under way fails."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._forget()
        self._partitions.clear()

    def _forget(self) -> None:
        self._standings.clear()
        self._layouts.clear()
        self._series_remembered = 0

    def _remember(self, layouts: Mapping[tuple[int, Series], Layout]) -> None:
        for key, layout in layouts.items():
            if key not in self._layouts:
                self._layouts[key] = layout
                self._series_remembered += len(layout.series)

    async def write(self, arrivals: Sequence[Arrival], refusals: Sequence[Refusal]) -> Written:
        """One committed transaction. `arrivals` are in the order of (device_key, at); of two alike the first is stored.

        Raises RowsRefused; and Unavailable when it is not known to be stored: then the connection is given up.
        """
        attempt = 0
        while True:
            attempt += 1
            connection = self._connection or await self.connect()
            try:
                return await self._in_time(connection, self._write(connection, arrivals, refusals))
            except _REFUSALS as error:
                raise RowsRefused(str(error).partition("\n")[0]) from error  # the lines after it show the row
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
                if attempt == ATTEMPTS:
                    raise Unavailable("Others are writing the same rows; nothing was stored.", retry_after=1) from error
                await asyncio.sleep(attempt * random.uniform(0.01, 0.1))  # noqa: S311  to part two writers
            except Exception as error:
                # besides PostgresError and OSError, asyncpg has errors of its own for a connection that broke
                self.disconnect()
                raise Unavailable("The database went away; what you sent may not be stored.", retry_after=1) from error

    async def _in_time(self, connection: "Connection", work: Coroutine[Any, Any, Written]) -> Written:
        """Waits for a transaction, not for ever: one that hangs loses its connection, and fails by that."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=self._patience_seconds)
            if not task.done():
                connection.terminate()
            return await task
        finally:
            if not task.done():
                connection.terminate()
                task.cancel()

    async def _write(
        self, connection: "Connection", arrivals: Sequence[Arrival], refusals: Sequence[Refusal]
    ) -> Written:
        await self._ensure_partitions(connection, {arrival.sample.at.date() for arrival in arrivals})
        await self._meet(connection, {arrival.device.device_key for arrival in arrivals})
        self._received_at = max(now(), self._received_at + timedelta(microseconds=1))
        async with connection.transaction():
            rows, layouts = await self._rows(connection, arrivals)
            stored, copied = await self._insert(connection, rows)
            await self._tell_states(connection, compose.heard(arrivals, refusals, stored))
            await self._quarantine(connection, refusals)
        # committed: from here on nothing can fail, and what was learnt may be remembered
        self.counts.copied += bool(rows) and copied
        self.counts.staged += not copied
        self._remember(layouts)
        self._standings |= compose.standings_after(stored)
        places = {row.arrival for row in stored}
        return Written(
            [number in places for number in range(len(arrivals))], compose.grouped(stored, self._received_at)
        )

    async def _ensure_partitions(self, connection: "Connection", days: set[date]) -> None:
        """Ahead of the transaction, which would otherwise hold the lock; today's and tomorrow's before their time."""
        today = now().date()
        for day in sorted({*days, today, today + timedelta(days=1)} - self._partitions.keys()):
            self._partitions[day] = await connection.fetchval("select ensure_telemetry_partition($1)", day)

    async def _meet(self, connection: "Connection", device_keys: set[int]) -> None:
        if len(self._standings) > _REMEMBERED_DEVICES or self._series_remembered > _REMEMBERED_SERIES:
            self._forget()
        strangers = device_keys - self._standings.keys()
        if not strangers:
            return
        self._standings |= dict.fromkeys(strangers, Standing(None, None))
        for device_key, newest, organization_key, layout_id, series in await connection.fetch(
            _STANDINGS, list(strangers)
        ):
            layout = None if layout_id is None else Layout.of(layout_id, series)
            self._standings[device_key] = Standing(newest, layout)
            if layout is not None:
                self._remember({(organization_key, layout.series): layout})

    async def _rows(
        self, connection: "Connection", arrivals: Sequence[Arrival]
    ) -> tuple[list[Row], dict[tuple[int, Series], Layout]]:
        """Their layouts are interned in the order of their keys, so that two writers wait in the same direction."""
        candidates = list(compose.candidates(arrivals, self._standings))
        layouts = {key: self._layouts.get(key) for key in {candidate.layout_key for candidate in candidates}}
        interned = {key: known or await _intern(connection, *key) for key, known in sorted(layouts.items())}
        return [compose.row(each, interned[each.layout_key], self._received_at) for each in candidates], interned

    async def _insert(self, connection: "Connection", rows: list[Row]) -> tuple[list[Row], bool]:
        """The rows that were not there before, and whether they could all be copied straight to their places."""
        by_day: dict[date, list[tuple[Any, ...]]] = defaultdict(list)
        for row in rows:
            by_day[row.told.at.date()].append(row.record())
        try:
            async with connection.transaction():
                for day, records in by_day.items():
                    await connection.copy_records_to_table(self._partitions[day], records=records, columns=COLUMNS)
        except asyncpg.UniqueViolationError:
            everything = [row.record() for row in rows]
            await connection.copy_records_to_table("incoming", records=everything, columns=COLUMNS)
            new = {(key, at) for key, at in await connection.fetch(_FROM_STAGING)}
            return [row for row in rows if (row.told.device_key, row.told.at) in new], False
        return rows, True

    async def _tell_states(self, connection: "Connection", heard: Sequence[Heard]) -> None:
        await connection.execute(
            _STATES,
            [each.device.device_id for each in heard],
            [each.device.organization_id for each in heard],
            [each.device.device_key for each in heard],
            [each.newest for each in heard],
            self._received_at,
            [msgspec.json.encode(each.latest).decode() for each in heard],
        )

    async def _quarantine(self, connection: "Connection", refusals: Sequence[Refusal]) -> None:
        if refusals:
            await connection.execute(
                _QUARANTINE,
                [device.organization_id for device, _ in refusals],
                [device.device_id for device, _ in refusals],
                self._received_at,
                [entry.at for _, entry in refusals],
                [entry.metric for _, entry in refusals],
                [entry.reason.value for _, entry in refusals],
                [entry.raw for _, entry in refusals],
            )


async def _intern(connection: "Connection", organization_key: int, series: Series) -> Layout:
    key = (organization_key, fingerprint(series))
    # looked up first: a refused INSERT would use up a number of the 32-bit identity
    found = await connection.fetchval(_LAYOUT, *key) or await connection.fetchval(_NEW_LAYOUT, *key, list(series))
    return Layout.of(found or await connection.fetchval(_LAYOUT, *key), series)
