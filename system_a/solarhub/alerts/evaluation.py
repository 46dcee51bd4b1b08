"""The judge of what was committed: takes batches in memory, holds the lease, and starts over after any failure."""

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic

import structlog

from solarhub.alerts.keeping import SecondAlert
from solarhub.alerts.memory import LEASE_SECONDS, SHARD, LeaseLost, Memory
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import lease
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Unavailable
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import CommittedBatch, CommittedSample, samples_of

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 5.0
_ROWS_WAITING = 50_000
_ROWS_AT_ONCE = 2_000  # judged in a few hundredths of a second, in which nothing else runs


class _Due:
    """Something that is to be done every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = monotonic() + seconds

    def hasten(self) -> None:
        self._at = 0.0

    def comes(self) -> bool:
        """Whether it is time; if so, the seconds begin again."""
        now = monotonic()
        if now < self._at:
            return False
        self._at = now + self._seconds
        return True


class Evaluator:
    """Judges every device, one evaluator at a time, as the worker role.

    `committed` takes a batch and returns at once; `run` judges what was taken. Batches that find too many waiting are
    dropped and read back from the store: senders are never slowed.
    """

    def __init__(self, database: Database, *, exclusive: bool = False) -> None:
        """`exclusive`: the caller knows that no other hub works on this database; a lease still running is taken."""
        self._database = database
        self._exclusive = exclusive
        self._owner = str(uuid7())
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._waiting: deque[CommittedSample] = deque()
        self._memory: Memory | None = None  # None: another one judges, or everything has to be read anew
        self._failing_since: float | None = None
        self._rules_due = _Due(1.0)
        self._devices_due = _Due(30.0)
        self._saving_due = _Due(30.0)
        self._catching_up_due = _Due(60.0)

    # ---------------------------------------------------------------------------------------------- what others call

    async def start(self) -> None:
        """Takes the lease and judges what was committed since the last one stopped; stands by where another judges."""
        async with self._lock:
            await self._begin(steal=self._exclusive)

    def committed(self, batch: CommittedBatch) -> None:
        """Takes what was committed (a CommitHook); in the order of commits."""
        if len(self._waiting) + batch.rows > _ROWS_WAITING:
            self._waiting.clear()
            self._catching_up_due.hasten()
        else:
            self._waiting.extend(samples_of(batch))
        self._wake.set()

    def invalidate(self) -> None:
        """Rules, devices or sites were edited: the next batch is judged by what they are now."""
        self._rules_due.hasten()
        self._devices_due.hasten()
        self._wake.set()

    async def judge(self, batch: CommittedBatch) -> None:
        """Judges a batch before it returns."""
        async with self._lock:
            await self._attempt(samples_of(batch))

    async def run(self, stop: asyncio.Event) -> None:
        """Judges until it is told to stop, and then what still waits; lets the lease go."""
        failures = 0
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _TICK_SECONDS)
            self._wake.clear()
            async with self._lock:
                failures = 0 if await self._attempt(self._take()) else failures + 1
            if failures:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), min(_TICK_SECONDS * 2**failures, _LONGEST_PAUSE_SECONDS))
            elif self._waiting:
                self._wake.set()
        await self.stop()

    async def stop(self) -> None:
        """Judges what waits and writes how far it came; the next evaluator can begin at once."""
        async with self._lock:
            # also where the last attempt failed: what is committed by now is judged, if that can be done at all
            while await self._attempt(self._take()) and self._waiting:
                pass
            memory, self._memory = self._memory, None
            if memory is None:
                return
            try:
                await memory.save_all()
                async with transaction(self._database) as session:
                    await lease.release(session, SHARD, self._owner)
            except (LeaseLost, Unavailable) as obstacle:
                log.warning("how far judging came is not written; it is found again", reason=str(obstacle))

    # -------------------------------------------------------------------------------------------------------- rounds

    def _take(self) -> list[CommittedSample]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), _ROWS_AT_ONCE))]

    async def _attempt(self, rows: Iterable[CommittedSample]) -> bool:
        """One round; False when it failed and memory was thrown away."""
        try:
            if self._memory is None:
                await self._begin(steal=False)
            else:
                await self._tend(self._memory)
            if self._memory is not None:
                await self._memory.judge(rows)
        except LeaseLost:
            self._memory = None
            log.warning("another evaluator judges now")
        except SecondAlert as conflict:
            self._memory = None
            await self._adopt(conflict)
            return False
        except Unavailable as away:
            if self._fails_first():
                log.warning("judging waits for the database", error=away.detail)
            return False
        except Exception:  # any failure has one cure: memory is built again from the database
            if self._fails_first():
                log.exception("judging fails; it begins again from the database")
            return False
        except BaseException:
            self._memory = None
            raise
        if self._failing_since is not None:
            log.info("judging works again", seconds=round(monotonic() - self._failing_since, 1))
            self._failing_since = None
        return True

    def _fails_first(self) -> bool:
        """Throws memory away, which may be ahead of the database; whether this failure is to be told."""
        self._memory = None
        first = self._failing_since is None
        self._failing_since = self._failing_since or monotonic()
        return first

    async def _begin(self, *, steal: bool) -> None:
        async with transaction(self._database) as session:
            taken = await lease.take(session, SHARD, self._owner, seconds=LEASE_SECONDS, steal=steal)
        while taken and self._memory is None:
            memory = Memory(self._database, self._owner)
            try:
                await memory.build()
            except SecondAlert as conflict:
                await self._adopt(conflict)
            else:
                self._memory = memory

    async def _tend(self, memory: Memory) -> None:
        """What has to be done now and then; looking at the rules renews the lease."""
        if self._rules_due.comes():
            await memory.look_for_edited_rules()
        if self._devices_due.comes():
            await memory.look_for_edited_devices()
        if self._saving_due.comes():
            await memory.save_some()
        if self._catching_up_due.comes():
            await memory.catch_up()

    async def _adopt(self, conflict: SecondAlert) -> None:
        """Kept states were lost (a partial restore, a hand in the tables): the episodes know what was told."""
        log.error("kept states do not agree with the episodes; these are followed", pairs=len(conflict.pairs))
        async with transaction(self._database) as session:
            await queries.adopt_episodes(session, conflict.pairs)
