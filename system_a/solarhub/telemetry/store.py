"""Rows onto the disk: one transaction for each batch, on one connection of the worker role.

COPY knows no ON CONFLICT. Of a device that has come further than a row says, or that says an instant twice, the row may
be there already: it goes through a staging table, and what it says of its instant that the stored one does not is
merged into that one (growing.py). All others are copied straight to their places, and where one of them
meets a row all the same, because somebody else wrote it, the whole batch goes through the staging table instead. COPY
is refused on a table with row-level security: it goes into the day's partition.
"""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import asyncpg
import numpy as np

from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.batch import CommittedBatch, Int32s, Int64s, microseconds
from solarhub.telemetry.corridor.arranging import (
    CONFLICT,
    MERGED_IN_PART,
    NO_LAYOUT,
    UNKNOWN_DEVICE,
    Outcomes,
    Page,
    arranged,
    date_of,
    days,
    is_new,
    lasts,
)
from solarhub.telemetry.corridor.growing import Overtaken
from solarhub.telemetry.corridor.housing import house
from solarhub.telemetry.corridor.inserting import Ways, insert
from solarhub.telemetry.corridor.layouts import Layouts
from solarhub.telemetry.corridor.sheet import Batch, Sheet
from solarhub.telemetry.corridor.standing import Standings
from solarhub.telemetry.corridor.states import State
from solarhub.telemetry.corridor.strip import Entry
from solarhub.telemetry.corridor.telling import DEVICES_AT_ONCE, Telling
from solarhub.telemetry.marks import Marks
from solarhub.telemetry.queries import corridor as queries

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

CONNECT_SECONDS = 5.0
WRITE_SECONDS = 20.0
"""A batch that takes longer has lost its server: the connection is cut, and nobody is told that it was stored."""
ATTEMPTS = 3

# Errors of what is written, not of how or where.
_REFUSALS = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)
# Somebody else was in the way, or took a day's partition away; it is worth another try.
_IN_THE_WAY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UndefinedTableError, Overtaken)

T = TypeVar("T")


class RowsRefused(Exception):  # noqa: N818  named like the domain's errors, after what is the matter
    """The database would not take one of these rows, however often it is sent; none of them is stored."""


class Written(NamedTuple):
    """What became of a batch: all its rows, each with its outcome, and the new ones as they are handed on."""

    pages: Sequence[tuple[Sheet, Outcomes]]
    batch: CommittedBatch


@dataclass(slots=True)
class Counts:
    """How many batches with rows went each way since the start; one can go both. What became of samples, and values."""

    copied: int = 0
    staged: int = 0
    conflicts: int = 0
    samples: int = 0
    """Stored."""
    values: int = 0
    duplicates: int = 0
    """Conflicts among them, unless they brought something new as well."""
    quarantined: int = 0


class _Done(NamedTuple):
    """What is remembered of a transaction once it is committed; the device-hours that it marked."""

    ways: Ways
    marks: tuple[Int32s, Int64s]


class Store:
    """Writes batches one after another; remembers between them what it would otherwise have to ask each time."""

    def __init__(self, database: Database, *, patience_seconds: float = WRITE_SECONDS) -> None:
        """`database` logs in as solarhub_worker."""
        self.counts = Counts()
        self._database = database
        self._patience_seconds = patience_seconds
        self._connection: Connection | None = None
        self._standings = Standings()
        self._layouts = Layouts()
        self._marks = Marks()
        self._telling = Telling()
        self._partitions: dict[date, str] = {}
        self._received_at = microseconds(now())

    @property
    def is_connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    @property
    def untold(self) -> int:
        """Devices whose newest values wait to be written to `device_state`."""
        return len(self._telling)

    async def connect(self) -> "Connection":
        """A fresh connection, and nothing remembered from the one before. Raises Unavailable."""
        self.disconnect()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._connection = await self._database.connect_driver()
                await queries.prepare(self._connection)
        except Exception as error:
            self.disconnect()
            raise Unavailable("The database is not reachable right now; nothing was stored.") from error
        return self._connection

    def disconnect(self) -> None:
        """At once, whatever the connection is doing: what is under way fails."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        self._telling.doubt()
        self._standings.forget()
        self._layouts.forget()
        self._marks.forget()
        self._partitions.clear()

    async def write(self, batch: Batch) -> Written:
        """One committed transaction; of rows of one device and instant the first value of each series.

        Raises RowsRefused; and Unavailable when it is not known to be stored: then the connection is given up.
        """
        return await self._persist(lambda connection: self._write(connection, batch))

    async def tell_states(self) -> None:
        """Writes what waits for `device_state`, as far as there is time for it. Raises as `write`."""
        await self._persist(self._tell)

    async def make_states_true(self) -> None:
        """Looks whether any device's rows are newer than what `device_state` says, as after a crash. As `write`."""
        last = 0
        while True:
            last = await self._persist(partial(self._catch_up, after=last))
            if not last:
                break

    # ------------------------------------------------------------------------------------------------- transactions

    async def _persist(self, work: "Callable[[Connection], Coroutine[object, object, T]]") -> T:
        attempt = 0
        while True:
            attempt += 1
            connection = self._connection or await self.connect()
            try:
                return await self._in_time(connection, work(connection))
            except _REFUSALS as error:
                if _lacks_partition(error) and attempt < ATTEMPTS:
                    self._partitions.clear()
                    continue
                raise RowsRefused(str(error).partition("\n")[0]) from error  # the lines after it show the row
            except _IN_THE_WAY as error:
                self._partitions.clear()
                if attempt == ATTEMPTS:
                    raise Unavailable("Others are writing the same rows; nothing was stored.", retry_after=1) from error
                await asyncio.sleep(attempt * random.uniform(0.01, 0.1))  # noqa: S311  to part two writers
            except Exception as error:
                # besides PostgresError and OSError, asyncpg has errors of its own for a connection that broke
                self.disconnect()
                raise Unavailable("The database went away; what you sent may not be stored.", retry_after=1) from error

    async def _in_time(self, connection: "Connection", work: Coroutine[object, object, T]) -> T:
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

    async def _write(self, connection: "Connection", batch: Batch) -> Written:
        await self._ensure_partitions(connection, days([sheet.at for sheet in batch.sheets]))
        known, missed = await self._meet(connection, batch)
        housed = await house(connection, self._layouts, known)
        pages = arranged(housed.sheets, housed.layout_ids, self._standings) if housed.sheets else []
        await self._telling.reassure(connection)
        self._received_at = max(microseconds(now()), self._received_at + 1)
        try:
            done = await self._transact(connection, pages, batch, is_all_staged=False)
        except asyncpg.UniqueViolationError:
            done = await self._transact(connection, pages, batch, is_all_staged=True)
        # committed: from here on nothing can fail, and what was learnt may be remembered
        self.counts.copied += done.ways.copied
        self.counts.staged += done.ways.staged
        self.counts.conflicts += sum(int(np.isin(page.outcomes, _CONFLICTING).sum()) for page in pages)
        self._marks.remember(*done.marks)
        for page in pages:
            newest = lasts(page)
            self._standings.advance(newest.device_keys, newest.at)
        return Written(
            [
                *((page.sheet, page.outcomes) for page in pages),
                *(_all(sheet, UNKNOWN_DEVICE) for sheet in missed),
                *(_all(sheet, NO_LAYOUT) for sheet in housed.homeless),
            ],
            CommittedBatch([group for page in pages if (group := page.committed()) is not None], self._received_at),
        )

    async def _transact(
        self, connection: "Connection", pages: Sequence[Page], batch: Batch, *, is_all_staged: bool
    ) -> _Done:
        ways, marks = Ways(copied=False, staged=False), _NO_MARKS
        heard = [page.sheet.device_keys for page in pages]
        heard.append(_devices_of(batch.entries))
        states: list[State] | None = None
        try:
            async with connection.transaction():
                if pages:
                    self._marks.in_epoch(await queries.mark_epoch(connection))
                    ways = await insert(
                        connection,
                        pages,
                        self._partitions,
                        self._received_at,
                        self._layouts,
                        is_all_staged=is_all_staged,
                    )
                    marks = await self._mark(connection, pages)
                if batch.entries:
                    await queries.quarantine(connection, batch.entries, self._received_at)
                self._telling.note(pages, heard, self._received_at)
                states = self._telling.take()
                if states:
                    await queries.tell_states(connection, states)
        except BaseException:
            if states is not None:  # it said of devices what is not, or not surely, on disk
                self._telling.doubt(heard, states)
            raise
        return _Done(ways, marks)

    async def _mark(self, connection: "Connection", pages: Sequence[Page]) -> tuple[Int32s, Int64s]:
        """The device-hours of new rows that were not marked yet."""
        stored = [(page.sheet, is_new(page.outcomes)) for page in pages]
        device_keys, hours = self._marks.missing(
            np.concatenate([sheet.device_keys[rows] for sheet, rows in stored]),
            np.concatenate([sheet.at[rows] for sheet, rows in stored]),
        )
        if len(device_keys):
            await queries.mark(connection, device_keys, hours)
        return device_keys, hours

    async def _tell(self, connection: "Connection") -> None:
        await self._telling.reassure(connection)
        states = self._telling.take()
        try:
            if states:
                await queries.tell_states(connection, states)
        except BaseException:
            self._telling.doubt(states=states)
            raise

    async def _catch_up(self, connection: "Connection", *, after: int) -> int:
        """The key of the last device that was looked at; 0 when there are no more."""
        device_keys = await queries.devices_after(connection, after, DEVICES_AT_ONCE)
        await self._telling.look_up(connection, device_keys)
        states = self._telling.take(all_of_them=True)
        if states:
            await queries.tell_states(connection, states)
        return device_keys[-1] if device_keys else 0

    # --------------------------------------------------------------------------------------------------- before rows

    async def _ensure_partitions(self, connection: "Connection", wanted: Sequence[int]) -> None:
        """Ahead of the transaction, which would otherwise hold the lock; today's and tomorrow's before their time."""
        today = now().date()
        for day in sorted({*map(date_of, wanted), today, today + timedelta(days=1)} - self._partitions.keys()):
            self._partitions[day] = await queries.partition_of(connection, day)

    async def _meet(self, connection: "Connection", batch: Batch) -> tuple[list[Sheet], list[Sheet]]:
        """Rows of devices that are there, and rows of devices that are not."""
        heard = [sheet.device_keys for sheet in batch.sheets]
        heard.append(_devices_of(batch.entries))
        strangers = sorted({key for keys in heard for key in self._standings.strangers(keys)})
        if not strangers:
            return list(batch.sheets), []
        for first in range(0, len(strangers), DEVICES_AT_ONCE):
            found = await queries.introduce(connection, strangers[first : first + DEVICES_AT_ONCE])
            self._standings.learn(
                np.array([key for key, _ in found], np.int32), np.array([newest for _, newest in found], np.int64)
            )
        there = [(sheet, self._standings.known(sheet.device_keys)) for sheet in batch.sheets]
        return (
            [sheet.chosen(rows) for sheet, rows in there if rows.any()],
            [sheet.chosen(~rows) for sheet, rows in there if not rows.all()],
        )


_CONFLICTING = (CONFLICT, MERGED_IN_PART)
_NO_MARKS = (np.zeros(0, np.int32), np.zeros(0, np.int64))


def _lacks_partition(error: Exception) -> bool:
    """A day's partition was taken away, and the row went through the parent: PostgreSQL calls it a check."""
    return isinstance(error, asyncpg.CheckViolationError) and getattr(error, "constraint_name", None) is None


def _devices_of(entries: Sequence[Entry]) -> Int32s:
    return np.array([device.device_key for device, _ in entries], np.int32)


def _all(sheet: Sheet, outcome: int) -> tuple[Sheet, Outcomes]:
    return sheet, np.full(len(sheet), outcome, np.int8)
