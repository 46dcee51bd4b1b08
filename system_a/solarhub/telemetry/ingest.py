"""The one corridor from every door to the disk: small batches, one after another, acknowledged after their COMMIT.

Whoever sends waits in `take`. While a batch is written the next one gathers; nothing is acknowledged before it is on
disk, and nothing that was told to be stored is lost with the process.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import NamedTuple

import numpy as np
import structlog

from solarhub.devices.identity import KnownDevice
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.batch import CommitHook, CommittedBatch
from solarhub.telemetry.corridor.answering import homeless, refused, tallies
from solarhub.telemetry.corridor.sheet import Batch, explained, laid_out
from solarhub.telemetry.corridor.strip import Entry, Load
from solarhub.telemetry.sample import Quarantined, Sample
from solarhub.telemetry.store import Counts, RowsRefused, Store, Written
from solarhub.telemetry.vocabulary import Reason

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.025
"""Batches begin at least this far apart, unless one is full: many senders then share one COMMIT."""
BATCH_SAMPLES = 10_000
QUEUED_SAMPLES = 50_000
QUEUED_VALUES = 2_000_000
"""What may wait in memory; beyond it senders are told to come back."""

_AWAY = "The database is not reachable right now; nothing was stored."
_STOPPED = "The hub is being stopped; nothing was stored."
_GONE = "A device of this request is not there any more; what you sent may not be stored."
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_STATES_SECONDS = 0.5
_MOST_EXPLAINED = 500  # a tenth of a second, in which nobody else is served


class Delivery(NamedTuple):
    """What one device brings in a request; positions count through the whole request."""

    device: KnownDevice
    accepted: Sequence[Sample]
    quarantined: Sequence[Quarantined] = ()


class Receipt(NamedTuple):
    """How many samples of a request are on disk by it, or were before; `refused` stand in quarantine after all.

    `conflicts` came with other values than the first ones, which stay: duplicates, or what is stored in part.
    """

    stored: int
    duplicates: int
    conflicts: int = 0
    refused: Sequence[Quarantined] = ()


@dataclass(slots=True, eq=False)
class _Request:
    load: Load
    told: int
    """How many of the load's entries its sender knows of already."""
    answer: asyncio.Future[Receipt]
    samples: int
    values: int
    unsettled: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    is_known: bool = True
    refused: list[Quarantined] = field(default_factory=list)


class Ingest:
    """Takes samples of any number of senders at once, between `start()` and `stop()`."""

    def __init__(self, database: Database, on_committed: CommitHook) -> None:
        """`database` logs in as solarhub_worker. `on_committed` hears of each committed batch, in their order."""
        self._store = Store(database)
        self._on_committed = on_committed
        self._waiting: deque[_Request] = deque()
        self._queued_samples = 0
        self._queued_values = 0
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._away = False
        self._task: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counts:
        """Which way the batches went."""
        return self._store.counts

    @property
    def queued(self) -> int:
        """Samples that wait to be written."""
        return self._queued_samples

    async def make_states_true(self) -> None:
        """Before anything is judged or taken: what a crash left unsaid of devices is found in their rows.

        Raises Unavailable.
        """
        try:
            await self._store.make_states_true()
        finally:
            self._store.disconnect()

    async def start(self) -> None:
        """Returns at once; samples wait until the database is there."""
        self._task = asyncio.create_task(self._run(), name="telemetry ingest")

    async def stop(self) -> None:
        """Takes nothing more, writes what waits, acknowledges it, and gives up the connection."""
        self._stopping.set()
        self._something.set()
        if self._task is not None:
            await self._task
            log.info("telemetry batches written", copied=self.counts.copied, staged=self.counts.staged)

    async def take(
        self, device: KnownDevice, accepted: Sequence[Sample], quarantined: Sequence[Quarantined]
    ) -> Receipt:
        """Returns once all of it is committed. Raises Unavailable when it is not: the sender keeps it and repeats."""
        return await self.take_all([Delivery(device, accepted, quarantined)])

    async def take_all(self, deliveries: Sequence[Delivery]) -> Receipt:
        """As `take`, for what many devices bring at once: all of it is committed, or Unavailable."""
        load = Load(now())
        load.add_judged((device, sample) for device, accepted, _ in deliveries for sample in accepted)
        load.entries += [Entry(device, entry) for device, _, quarantined in deliveries for entry in quarantined]
        return await self.take_load(load, told=len(load.entries))

    async def take_load(self, load: Load, *, told: int = 0) -> Receipt:
        """As `take`, for samples that are judged on the way; the first `told` entries are not told again."""
        samples = load.samples
        if not samples:
            return Receipt(0, 0)
        values = load.values
        self.check_room(samples, values)
        request = _Request(load, told, asyncio.get_running_loop().create_future(), samples, values)
        self._waiting.append(request)
        self._queued_samples += samples
        self._queued_values += values
        self._something.set()
        return await request.answer

    def check_room(self, samples: int = 1, values: int = 1) -> None:
        """Raises Unavailable where a request of that size would not be taken."""
        if self._stopping.is_set() or self._task is None or self._task.done():
            raise Unavailable(_STOPPED)
        if self._away:
            raise Unavailable(_AWAY)
        if self._waiting and (
            self._queued_samples + samples > QUEUED_SAMPLES or self._queued_values + values > QUEUED_VALUES
        ):
            raise Unavailable("More samples are waiting to be stored than the hub can hold.", retry_after=2)

    async def _run(self) -> None:
        began = -FLUSH_SECONDS
        try:
            while await self._next():
                if self._queued_samples < BATCH_SAMPLES:
                    await asyncio.sleep(began + FLUSH_SECONDS - monotonic())
                if not self._store.is_connected:
                    await self._reconnect()
                began = monotonic()
                if requests := self._gather(BATCH_SAMPLES):
                    await self._flush(requests)
            await self._tell_states(until=monotonic() + _LONGEST_PAUSE_SECONDS)
        finally:
            self._refuse(self._gather(), Unavailable(_STOPPED))
            self._store.disconnect()

    async def _next(self) -> bool:
        """Waits for something to do; false when the hub stops and all is done."""
        while not self._waiting:
            if self._stopping.is_set():
                return False
            self._something.clear()
            if not self._store.untold:
                await self._something.wait()
                continue
            try:
                async with asyncio.timeout(_STATES_SECONDS):
                    await self._something.wait()
            except TimeoutError:
                await self._tell_states()
        return True

    async def _tell_states(self, until: float = -inf) -> None:
        """What is said of devices when nothing else is to be written; again and again until then or all is said."""
        try:
            while self._store.untold:
                await self._store.tell_states()
                if monotonic() > until:
                    break
                await asyncio.sleep(0.01)
        except (Unavailable, RowsRefused) as problem:
            log.warning("the newest values of devices were not written", reason=repr(problem.__cause__))

    def _gather(self, samples: float = inf) -> list[_Request]:
        """Takes whole requests from the queue until they hold that many samples."""
        gathered: list[_Request] = []
        size = 0
        while self._waiting and size < samples:
            request = self._waiting.popleft()
            size += request.samples
            self._queued_values -= request.values
            gathered.append(request)
        self._queued_samples -= size
        return gathered

    async def _reconnect(self) -> None:
        """Returns with a connection, however long that takes; meanwhile whoever sends is told so at once."""
        since, pause = monotonic(), _FIRST_PAUSE_SECONDS
        while (error := await self._attempt()) and not self._stopping.is_set():
            if not self._away:
                log.error("telemetry cannot be stored", reason=repr(error.__cause__))
            self._away = True
            self._refuse(self._gather(), error)
            await self._pause(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
        if self._away and not error:
            self._away = False
            log.info("telemetry is stored again", seconds=round(monotonic() - since, 1))

    async def _attempt(self) -> Unavailable | None:
        try:
            await self._store.connect()
        except Unavailable as error:
            return error
        return None

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _flush(self, requests: list[_Request]) -> None:
        """Writes and answers. Answers go out in the order in which the requests came, and only then is anybody told."""
        committed: list[CommittedBatch] = []
        problem = Unavailable(_STOPPED)
        try:
            await self._settle(await _judged(requests), requests, committed)
        except Unavailable as error:
            log.warning("a telemetry batch was not stored", reason=repr(error.__cause__))
            problem = error
        except Exception:  # whatever it was, its senders are refused and the corridor goes on with the next batch
            log.exception("a telemetry batch was not stored")
            self._store.disconnect()
            problem = Unavailable("The hub could not store this.")
        finally:
            for request in requests:
                if not request.unsettled and not request.answer.done():
                    request.answer.set_result(
                        Receipt(request.stored, request.duplicates, request.conflicts, tuple(request.refused))
                    )
            self._refuse([each for each in requests if not each.is_known], Unavailable(_GONE))
            self._refuse(requests, problem)
        for batch in committed:
            try:
                self._on_committed(batch)
            except Exception:  # it is on disk and acknowledged: a fault upstairs must not undo that
                log.exception("a committed batch was not handed on")

    def _refuse(self, requests: Sequence[_Request], problem: Unavailable) -> None:
        for request in requests:
            if not request.answer.done():
                request.answer.set_exception(Unavailable(problem.detail, retry_after=problem.retry_after))

    async def _settle(self, batch: Batch, requests: Sequence[_Request], committed: list[CommittedBatch]) -> None:
        """One transaction; where the database refuses a row, one for each half, until that row stands alone."""
        try:
            written = await self._store.write(batch)
        except RowsRefused as error:
            if batch.items > 1:
                for half in batch.halves():
                    await self._settle(half, requests, committed)
            elif batch.rows:
                detail = f"the database refused this sample: {error}"
                await self._put_aside([refused(batch.sheets[0], 0, Reason.REFUSED, detail)], requests, committed)
            else:  # a device that is no longer there: its request stays unsettled, those of others do not care
                log.warning("the database refused to quarantine", device_id=str(batch.entries[0].device.device_id))
            return
        if written.batch.groups:
            committed.append(written.batch)
        _count(written, batch, requests, self._store.counts)
        if too_many := homeless(written.pages):
            await self._put_aside(too_many, requests, committed)

    async def _put_aside(
        self, told: Sequence[tuple[int, Entry]], requests: Sequence[_Request], committed: list[CommittedBatch]
    ) -> None:
        """Rows that go to quarantine after all."""
        device, first = told[0][1]
        log.warning("samples were refused", device_id=str(device.device_id), samples=len(told), reason=first.detail)
        await self._settle(Batch([], [entry for _, entry in told], [number for number, _ in told]), requests, committed)
        for number, (_, entry) in told:
            requests[number].refused.append(entry)


async def _judged(requests: Sequence[_Request]) -> Batch:
    """Rows in columns, and what goes to quarantine; of whatever is odd the request is told why."""
    loads = [request.load for request in requests]
    sheets, odd = laid_out(loads)
    if odd:
        # many are looked at elsewhere: other senders must not wait while these are explained
        explain = asyncio.to_thread(explained, loads, odd) if len(odd) > _MOST_EXPLAINED else None
        sheets += await explain if explain is not None else explained(loads, odd)
    entries: list[Entry] = []
    numbers: list[int] = []
    for number, (request, load) in enumerate(zip(requests, loads, strict=True)):
        entries += load.entries
        numbers += [number] * len(load.entries)
        request.refused += [entry for _, entry in load.entries[request.told :]]
    rows = np.zeros(len(requests), np.int64)
    for sheet in sheets:
        rows += np.bincount(sheet.load, minlength=len(requests))
    for request, count in zip(requests, rows.tolist(), strict=True):
        request.unsettled = count + len(request.load.entries)
    return Batch(sheets, entries, numbers)


def _count(written: Written, batch: Batch, requests: Sequence[_Request], counts: Counts) -> None:
    counts.quarantined += len(batch.entry_loads)
    counts.samples += written.batch.rows
    counts.values += sum(group.readings.size for group in written.batch.groups)
    for number in batch.entry_loads:
        requests[number].unsettled -= 1
    if not written.pages:
        return
    for request, tally in zip(requests, tallies(written.pages, len(requests)), strict=True):
        request.stored += tally.stored
        request.duplicates += tally.duplicates
        counts.duplicates += tally.duplicates
        request.conflicts += tally.conflicts
        request.unsettled -= tally.settled
        request.is_known = request.is_known and tally.is_known
