"""The judge of what was committed: takes batches in memory, holds leases, and starts over after any failure."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

import numpy as np
import structlog

from solarhub.alerts.keeping import SecondAlert
from solarhub.alerts.memory import LeaseLost, Memory
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import progress
from solarhub.alerts.recovery import SHARDS
from solarhub.alerts.sharing import Sharing
from solarhub.alerts.tally import Tally
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Unavailable
from solarhub.kit.ids import uuid7
from solarhub.telemetry.batch import CommittedBatch, microseconds

log = structlog.get_logger(__name__)

_TICK_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0
_ROWS_WAITING = 200_000
_ROWS_AT_ONCE = 10_000  # judged in a few milliseconds, in which nothing else runs
_ROWS_UNSAVED = 200_000  # read again within a second or two by whoever takes over


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
    """Judges devices shard by shard, one evaluator at a time each, as the worker role.

    `committed` takes a batch and returns at once; `run` judges what was taken. Batches that find too many waiting are
    dropped and read back from the store: senders are never slowed. Where other processes store rows too, all are read
    back, in the order of their time; rows of devices that another one judges are told to that one.
    """

    def __init__(self, database: Database, *, exclusive: bool = False) -> None:
        """`exclusive`: the caller knows that no other hub works on this database; a lease still running is taken."""
        self.tally = Tally()
        self._database = database
        self._exclusive = exclusive
        self._sharing = Sharing(database, str(uuid7()), exclusive=exclusive)
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._waiting: deque[CommittedBatch] = deque()
        self._rows_waiting = 0
        self._dropped: set[int] = set()  # devices of which rows have to be read back
        self._elsewhere: set[int] = set()  # devices of others' shards, of which more is stored
        self._memory: Memory | None = None  # None: others judge, or everything has to be read anew
        self._failing_since: float | None = None
        self._claim_due = _Due(1.0)
        self._edits_due = _Due(1.0)
        self._calls_due = _Due(_TICK_SECONDS)
        self._saving_due = _Due(30.0)
        self._catching_up_due = _Due(60.0)
        self._forgetting_due = _Due(600.0)

    # ---------------------------------------------------------------------------------------------- what others call

    @property
    def rows_waiting(self) -> int:
        """Rows that were committed and handed over, and are not judged yet."""
        return self._rows_waiting

    @property
    def lag_seconds(self) -> float:
        """The age of the oldest batch that waits to be judged; 0 where none does."""
        if not self._waiting:
            return 0.0
        return max(0.0, (microseconds(now()) - self._waiting[0].received_at) / 1e6)

    async def start(self) -> None:
        """Takes its shards and judges what was committed since; stands by where others judge everything."""
        async with self._lock:
            await self._sharing.join()
            await self._begin(steal=self._exclusive)

    def committed(self, batch: CommittedBatch) -> None:
        """Takes what was committed (a CommitHook); in the order of commits."""
        if self._rows_waiting + batch.rows > _ROWS_WAITING:
            # they are in the store: what is remembered is of which devices
            self._dropped |= _devices([*self._waiting, batch])
            self.tally.dropped += self._rows_waiting + batch.rows
            self._waiting.clear()
            self._rows_waiting = 0
        else:
            self._waiting.append(batch)
            self._rows_waiting += batch.rows
        self._wake.set()

    def invalidate(self) -> None:
        """Rules, devices or sites were edited: the next batch is judged by what they are now."""
        self._edits_due.hasten()
        self._wake.set()

    async def judge(self, batch: CommittedBatch) -> None:
        """Judges a batch before it returns."""
        async with self._lock:
            await self._attempt([batch])

    async def run(self, stop: asyncio.Event) -> None:
        """Judges until it is told to stop, and then what still waits; lets its shards go."""
        ended = asyncio.Event()
        beat = asyncio.create_task(self._sharing.beat_until(ended), name="evaluator's beat")
        try:
            await self._run(stop)
            await self.stop()
        finally:
            ended.set()
            await beat

    async def stop(self) -> None:
        """Judges what waits and writes how far it came; the next evaluator can begin at once."""
        async with self._lock:
            # also where the last attempt failed: what is committed by now is judged, if that can be done at all
            while await self._attempt(self._take()) and self._waiting:
                pass
            memory, self._memory = self._memory, None
            try:
                if memory is not None:
                    await memory.save()
                await self._sharing.leave()
            except (LeaseLost, Unavailable) as obstacle:
                log.warning("how far judging came is not written; it is found again", reason=str(obstacle))

    # -------------------------------------------------------------------------------------------------------- rounds

    async def _run(self, stop: asyncio.Event) -> None:
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

    def _take(self) -> list[CommittedBatch]:
        """Whole batches that wait, until they are enough."""
        taken: list[CommittedBatch] = []
        rows = 0
        while self._waiting and rows < _ROWS_AT_ONCE:
            taken.append(self._waiting.popleft())
            rows += taken[-1].rows
        self._rows_waiting -= rows
        return taken

    async def _attempt(self, batches: Sequence[CommittedBatch]) -> bool:
        """One round; False when it failed and memory was thrown away."""
        try:
            await self._round(batches)
        except LeaseLost:
            self._give_up(batches)
            self._sharing.doubt()
            log.warning("another evaluator judges some of these devices now")
        except SecondAlert as conflict:
            self._give_up(batches)
            await self._adopt(conflict)
            return False
        except Unavailable as away:
            if self._give_up(batches):
                log.warning("judging waits for the database", error=away.detail)
            return False
        except Exception:  # any failure has one cure: memory is built again from the database
            if self._give_up(batches):
                log.exception("judging fails; it begins again from the database")
            return False
        except BaseException:
            self._memory = None
            raise
        if self._failing_since is not None:
            log.info("judging works again", seconds=round(monotonic() - self._failing_since, 1))
            self._failing_since = None
        return True

    async def _round(self, batches: Sequence[CommittedBatch]) -> None:
        if not self._sharing.is_certain:
            await self._sharing.beat()
        if self._memory is None:
            await self._begin(steal=False)
        else:
            await self._share(self._memory)
        self._sort_out(batches)
        if self._memory is not None:
            await self._tend(self._memory)
            if self._sharing.is_alone:
                await self._memory.judge(batches)
            else:
                # others may have stored rows of the same devices in between
                await self._memory.catch_up(_devices(batches))
        if self._elsewhere:
            await self._call()

    def _give_up(self, batches: Sequence[CommittedBatch]) -> bool:
        """Throws memory away, which may be ahead of the database; whether this is the first failure of a row."""
        self._memory = None
        self._dropped |= _devices(batches)
        first = self._failing_since is None
        self._failing_since = self._failing_since or monotonic()
        return first

    async def _adopt(self, conflict: SecondAlert) -> None:
        """Kept states were lost (a partial restore, a hand in the tables): the episodes know what was told."""
        log.error("kept states do not agree with the episodes; these are followed", pairs=len(conflict.pairs))
        async with transaction(self._database) as session:
            await queries.adopt_episodes(session, conflict.pairs)

    # -------------------------------------------------------------------------------------------------------- shards

    async def _begin(self, *, steal: bool) -> None:
        await self._sharing.claim(steal=steal)
        while self._sharing.held and self._memory is None:
            memory = Memory(self._database, self._sharing.owner, self.tally)
            try:
                await memory.build(self._sharing.held)
            except SecondAlert as conflict:
                await self._adopt(conflict)
            else:
                self._memory = memory

    async def _share(self, memory: Memory) -> None:
        """Lets go what others are to have, and takes what nobody has."""
        if not self._claim_due.comes():
            return
        surplus = self._sharing.surplus()
        if surplus:
            await memory.let_go(surplus)
            await self._sharing.release(surplus)
        taken = await self._sharing.claim()
        if self._sharing.held - memory.shards:
            await memory.take_over(self._sharing.held - memory.shards)
        if not all(each.let_go for each in taken):
            # whoever died may have stored rows of any device and told nobody
            await memory.catch_up(memory.device_keys)

    async def _tend(self, memory: Memory) -> None:
        """What has to be done now and then."""
        if self._edits_due.comes():
            await memory.look_for_edits()
        if self._dropped:
            await memory.catch_up(self._dropped)
            self._dropped = set()
        if not self._sharing.is_alone and self._calls_due.comes():
            await memory.answer_calls()
        if self._catching_up_due.comes():
            await memory.catch_up()
        if memory.rows_unsaved > _ROWS_UNSAVED or self._saving_due.comes():
            await memory.save()
        if self._forgetting_due.comes():
            await memory.forget_edits()

    def _sort_out(self, batches: Sequence[CommittedBatch]) -> None:
        """Which devices have news that others are to judge."""
        held = list(self._sharing.held)
        if len(held) < SHARDS:
            self._elsewhere |= {key for key in self._dropped if key % SHARDS not in held}
            self._dropped -= self._elsewhere
            for batch in batches:
                for group in batch.groups:
                    others = ~np.isin(group.device_keys % SHARDS, held)
                    self._elsewhere.update(np.unique(group.device_keys[others]).tolist())

    async def _call(self) -> None:
        """Tells those who judge the other shards that there is more to be read."""
        by_shard: dict[int, list[int]] = {}
        for key in self._elsewhere:
            by_shard.setdefault(key % SHARDS, []).append(key)
        async with transaction(self._database) as session:
            await progress.call(session, by_shard)
        self._elsewhere = set()


def _devices(batches: Sequence[CommittedBatch]) -> set[int]:
    return {key for batch in batches for group in batch.groups for key in np.unique(group.device_keys).tolist()}
