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

import structlog

from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.telemetry.batch import CommitHook, CommittedBatch
from solarhub.telemetry.compose import Arrival, Refusal
from solarhub.telemetry.sample import Quarantined, Sample, raw_text
from solarhub.telemetry.store import Counts, RowsRefused, Store
from solarhub.telemetry.vocabulary import Reason

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 0.025
"""Batches begin at least this far apart, unless one is full: many senders then share one COMMIT."""
BATCH_SAMPLES = 5_000
QUEUED_SAMPLES = 50_000
"""What may wait in memory; beyond it senders are told to come back."""

_AWAY = "The database is not reachable right now; nothing was stored."
_STOPPED = "The hub is being stopped; nothing was stored."
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0


class Delivery(NamedTuple):
    """What one device brings in a request; positions count through the whole request."""

    device: KnownDevice
    accepted: Sequence[Sample]
    quarantined: Sequence[Quarantined] = ()


class Receipt(NamedTuple):
    """How many samples of a request are on disk by it, or were before; `refused` stand in quarantine after all.

    `conflicts` are those of the duplicates that came with other values than the first ones, which stay.
    """

    stored: int
    duplicates: int
    conflicts: int = 0
    refused: Sequence[Quarantined] = ()


@dataclass(slots=True, eq=False)
class _Request:
    deliveries: Sequence[Delivery]
    size: int
    answer: asyncio.Future[Receipt]
    stored: int = 0
    duplicates: int = 0
    unsettled: int = 0
    refused: list[Quarantined] = field(default_factory=list)


_Item = tuple[_Request, KnownDevice, Sample | Quarantined]


class Ingest:
    """Takes samples of any number of senders at once, between `start()` and `stop()`."""

    def __init__(self, database: Database, on_committed: CommitHook) -> None:
        """`database` logs in as solarhub_worker. `on_committed` hears of each committed batch, in their order."""
        self._store = Store(database)
        self._on_committed = on_committed
        self._waiting: deque[_Request] = deque()
        self._queued = 0
        self._something = asyncio.Event()
        self._stopping = asyncio.Event()
        self._away = False
        self._task: asyncio.Task[None] | None = None

    @property
    def counts(self) -> Counts:
        """Which way the batches went."""
        return self._store.counts

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
        size = sum(len(each.accepted) + len(each.quarantined) for each in deliveries)
        request = _Request(deliveries, size, asyncio.get_running_loop().create_future())
        if not request.size:
            return Receipt(0, 0)
        if self._stopping.is_set() or self._task is None or self._task.done():
            raise Unavailable(_STOPPED)
        if self._away:
            raise Unavailable(_AWAY)
        if self._waiting and self._queued + request.size > QUEUED_SAMPLES:
            raise Unavailable("More samples are waiting to be stored than the hub can hold.", retry_after=2)
        self._waiting.append(request)
        self._queued += request.size
        self._something.set()
        return await request.answer

    async def _run(self) -> None:
        began = -FLUSH_SECONDS
        try:
            while await self._next():
                if self._queued < BATCH_SAMPLES:
                    await asyncio.sleep(began + FLUSH_SECONDS - monotonic())
                if not self._store.is_connected:
                    await self._reconnect()
                began = monotonic()
                if requests := self._gather(BATCH_SAMPLES):
                    await self._flush(requests)
        finally:
            self._refuse(self._gather(), Unavailable(_STOPPED))
            self._store.disconnect()

    async def _next(self) -> bool:
        """Waits for something to do; false when the hub stops and all is done."""
        while not self._waiting:
            if self._stopping.is_set():
                return False
            self._something.clear()
            await self._something.wait()
        return True

    def _gather(self, samples: float = inf) -> list[_Request]:
        """Takes whole requests from the queue until they hold that many samples."""
        gathered: list[_Request] = []
        size = 0
        while self._waiting and size < samples:
            request = self._waiting.popleft()
            size += request.size
            gathered.append(request)
        self._queued -= size
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
            await self._settle(_in_order(requests), committed)
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
                    request.answer.set_result(Receipt(request.stored, request.duplicates, 0, tuple(request.refused)))
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

    async def _settle(self, items: list[_Item], committed: list[CommittedBatch]) -> None:
        """One transaction; where the database refuses a row, one for each half, until that row stands alone."""
        arrivals = [(request, device, item) for request, device, item in items if isinstance(item, Sample)]
        entries = [(request, device, item) for request, device, item in items if isinstance(item, Quarantined)]
        try:
            written = await self._store.write(
                [Arrival(device, sample) for _, device, sample in arrivals],
                [Refusal(device, entry) for _, device, entry in entries],
            )
        except RowsRefused as error:
            if len(items) > 1:
                middle = len(items) // 2
                await self._settle(items[:middle], committed)
                await self._settle(items[middle:], committed)
            elif arrivals:
                await self._put_aside(*arrivals[0], error, committed)
            else:  # a device that is no longer there: its request stays unsettled, those of others do not care
                log.warning("the database refused to quarantine", device_id=str(entries[0][1].device_id))
            return
        if written.batch.rows:
            committed.append(written.batch)
        for (request, _, _), stored in zip(arrivals, written.stored, strict=True):
            request.stored += stored
            request.duplicates += not stored
            request.unsettled -= 1
        for request, _, _ in entries:
            request.unsettled -= 1

    async def _put_aside(
        self,
        request: _Request,
        device: KnownDevice,
        sample: Sample,
        error: RowsRefused,
        committed: list[CommittedBatch],
    ) -> None:
        detail = f"the database refused this sample: {error}"
        entry = Quarantined(sample.position, sample.at, None, Reason.REFUSED, detail, raw_text(sample.readings))
        log.warning("the database refused a sample", device_id=str(device.device_id), error=str(error))
        await self._settle([(request, device, entry)], committed)
        request.refused.append(entry)


def _in_order(requests: Sequence[_Request]) -> list[_Item]:
    """Samples by device and time, as the store wants them, equal ones as they came; then what goes to quarantine."""
    samples: list[tuple[_Request, KnownDevice, Sample]] = []
    entries: list[tuple[_Request, KnownDevice, Quarantined]] = []
    for request in requests:
        request.unsettled = request.size
        for device, accepted, quarantined in request.deliveries:
            samples.extend((request, device, sample) for sample in accepted)
            entries.extend((request, device, entry) for entry in quarantined)
    samples.sort(key=lambda item: (item[1].device_key, item[2].at))
    return [*samples, *entries]
