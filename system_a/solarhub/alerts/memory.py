"""What judging keeps in memory, moved forward batch by batch; every change that a restart must know is written first.

The samples on disk, the kept states and positions say all there is to know: this is an image of them. After any failure
it is thrown away, and built again by the code that built it at the start, with the same result.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import numpy as np

from solarhub.alerts import packing, recovery
from solarhub.alerts.judging import Judgement, Rows
from solarhub.alerts.keeping import keep
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import lease, progress, samples
from solarhub.alerts.recovery import SHARDS
from solarhub.alerts.tally import Tally
from solarhub.alerts.watch import Watch
from solarhub.kit.db import Database, Session, transaction
from solarhub.telemetry.batch import NEVER, CommittedBatch, CommittedGroup

_DEVICES_READ_AT_ONCE = 500
_ROWS_READ_AT_ONCE = 100  # of each device


class LeaseLost(Exception):  # noqa: N818 - says what happened; nobody made a mistake
    """Another evaluator judges now."""


class Memory:
    """All rules in force, the devices of some shards, and where each rule stands on each; while the leases are held."""

    def __init__(self, database: Database, owner: str, tally: Tally) -> None:
        """`owner` holds the leases; `tally` is where it is counted what was done."""
        self._database = database
        self._owner = owner
        self._tally = tally
        self._watch = Watch()
        self._shards: set[int] = set()
        self._mine = np.zeros(SHARDS, np.bool_)
        self._layouts: recovery.Layouts = {}
        self._strangers: set[int] = set()  # keys that no device has, or one that was removed
        self._horizon = 0
        self._edits_read: set[int] = set()
        self._unsaved: set[int] = set()  # shards in which something was judged since they were saved
        self._rows_unsaved = 0

    @property
    def shards(self) -> frozenset[int]:
        return frozenset(self._shards)

    @property
    def device_keys(self) -> list[int]:
        return list(self._watch.devices)

    @property
    def rows_unsaved(self) -> int:
        """How many were judged since positions were saved: so many would be read again after a crash."""
        return self._rows_unsaved

    # -------------------------------------------------------------------------------------------------------- shards

    async def build(self, shards: Collection[int]) -> None:
        """Reads the rules, then takes these shards over."""
        self._hold(shards)
        async with self._holding() as session:
            self._horizon = await progress.horizon(session)
            self._watch.update_rules(await recovery.load_rules(session))
        await self._read_shards(shards)

    async def take_over(self, shards: Collection[int]) -> None:
        """Reads the devices of more shards, and judges what was stored since, once and for all."""
        self._hold({*self._shards, *shards})
        await self._read_shards(shards)

    async def let_go(self, shards: Collection[int]) -> None:
        """Writes how far judging came and forgets their devices; the leases are to be released."""
        await self.save(shards)
        gone = [key for key in self._watch.devices if key % SHARDS in shards]
        self._watch.remove(gone)
        self._hold(self._shards - set(shards))

    def _hold(self, shards: Iterable[int]) -> None:
        self._shards = set(shards)
        self._mine[:] = False
        self._mine[list(self._shards)] = True

    async def _read_shards(self, shards: Collection[int]) -> None:
        if not shards:
            return
        async with self._holding() as session:
            positions: dict[int, int] = {}
            for saved in await progress.positions(session, shards):
                positions |= dict(zip(saved.device_keys, saved.judged_until, strict=True))
            called = await progress.answer(session, shards)
            behind = await recovery.load_shards(session, self._watch, shards, positions)
        await self._read_back({*behind, *called})
        await self.save(shards)

    # ------------------------------------------------------------------------------------------------------- judging

    async def judge(self, batches: Iterable[CommittedBatch]) -> None:
        """Judges committed rows of its shards, in whatever order they come; late ones are not judged."""
        groups = [group for batch in batches for group in batch.groups]
        await self._meet(
            {key for group in groups for key in group.device_keys[self._watch.slots_of(group.device_keys) < 0].tolist()}
        )
        rows, passed_by = [], set()
        for group in groups:
            slots = self._watch.slots_of(group.device_keys)
            in_time = (slots >= 0) & ~group.late
            if not in_time.all():
                group, slots = group.chosen(in_time), slots[in_time]  # noqa: PLW2901 - what is left of it
            passed_by |= self._passed_by(group)
            self._watch.slots.seen_until[slots] = np.maximum(self._watch.slots.seen_until[slots], group.at)
            rows.append(Rows(group.series, slots, group.at, None, group.readings))
        if passed_by:
            await self._read_back(passed_by)
        await self._judge(rows)

    async def _meet(self, device_keys: Collection[int]) -> None:
        """Devices that were added since the last look are read now."""
        keys = {key for key in device_keys if self._mine[key % SHARDS]} - self._watch.devices.keys() - self._strangers
        if keys:
            async with self._holding() as session:
                await recovery.load_devices(session, self._watch, self._shards, device_keys=keys)
            self._strangers |= keys - self._watch.devices.keys()

    def _passed_by(self, group: CommittedGroup) -> set[int]:
        """Devices of which older rows were committed than these, that nobody handed over."""
        seen = self._watch.slots.seen_until[self._watch.slots_of(group.device_keys)]
        keys: list[int] = group.device_keys[group.newest_before > seen].tolist()
        return set(keys)

    async def catch_up(self, device_keys: Collection[int] | None = None) -> None:
        """Judges what the store holds of these devices, or of any, beyond what was judged."""
        if device_keys is None:
            async with self._holding() as session:
                keys, newest = await samples.newest_samples(session, of=SHARDS, shards=self._shards)
            found = packing.integers(keys)
            slots = self._watch.slots_of(found)
            ahead = (slots >= 0) & (packing.instants(newest) > self._watch.slots.judged_until[slots])
            device_keys = found[ahead].tolist()
        await self._read_back(device_keys)

    async def answer_calls(self) -> None:
        """Judges what other processes stored of its devices."""
        async with self._holding() as session:
            called = await progress.answer(session, self._shards)
        await self._read_back(called)

    async def _read_back(self, device_keys: Collection[int]) -> None:
        await self._meet(device_keys)
        watched = [key for key in device_keys if key in self._watch.devices]
        for chunk in recovery.chunks(watched, _DEVICES_READ_AT_ONCE):
            keys = chunk
            while keys:
                keys = await self._read_back_some(keys)

    async def _read_back_some(self, device_keys: Sequence[int]) -> list[int]:
        """Judges the next stored rows of each device; those that may have more."""
        async with self._holding() as session:
            rows = await recovery.read_back(session, self._watch, device_keys, self._layouts, most=_ROWS_READ_AT_ONCE)
        counts = np.zeros(self._watch.slots.used, np.int64)
        for each in rows:
            np.add.at(counts, each.slots, 1)
            self._tally.read_back += len(each.at)
        await self._judge(rows)
        slots = self._watch.slots
        slots.seen_until[: slots.used] = np.maximum(slots.seen_until[: slots.used], slots.judged_until[: slots.used])
        full: list[int] = slots.key[np.flatnonzero(counts >= _ROWS_READ_AT_ONCE)].tolist()
        return full

    async def _judge(self, rows: Sequence[Rows]) -> None:
        judgement = Judgement(self._watch, rows)
        if judgement.in_question:
            await self._forget_closed_alerts(judgement.in_question)
        for _ in judgement.step_by_step():
            await asyncio.sleep(0)  # whoever sends must not wait
        if judgement.changes.states:
            async with self._holding() as session:
                await keep(session, judgement.changes)
        count = sum(len(each.at) for each in rows)
        self._rows_unsaved += count
        self._unsaved.update(
            shard for each in rows for shard in np.unique(self._watch.slots.key[each.slots] % SHARDS).tolist()
        )
        self._tally.add(count, judgement.changes)

    async def _forget_closed_alerts(self, pairs: Sequence[int]) -> None:
        """Where an open alert keeps one from firing, looks whether a person closed it in the meantime."""
        in_question = {self._watch.pairs.open_alerts[pair]: pair for pair in pairs}
        async with self._holding() as session:
            closed = await queries.closed_among(session, in_question.keys())
        for alert_id in closed:
            pair = in_question[alert_id]
            rule = self._watch.book.at[self._watch.pairs.rule[pair]]
            self._watch.pairs.without_alert(pair, auto_resolve=rule.judged_by.auto_resolve)

    # --------------------------------------------------------------------------------------------------------- edits

    async def look_for_edits(self) -> None:
        """Takes in what was changed in rules, devices and sites since the last look."""
        async with self._holding() as session:
            edits = await progress.edits_since(session, self._horizon, self._edits_read)
            if edits.rules:
                await self._take_rules(session, edits.rules)
            if edits.devices or edits.sites:
                edited = await self._take_devices(session, edits)
                # what moved to another organization brought its states along
                await recovery.load_states(session, self._watch, device_keys=edited)
            if edits.rules:
                await recovery.load_states(session, self._watch, rule_ids=edits.rules)
        self._horizon, self._edits_read = edits.horizon, edits.read

    async def _take_rules(self, session: Session, rule_ids: Collection[UUID]) -> None:
        rules = await recovery.load_rules(session, rule_ids)
        before = self._watch.book.rules
        moved_on = [rule for rule in rules if rule.id in before and rule.version != before[rule.id].version]
        edited = {rule.id: rule.version for rule in moved_on if not rule.asks_the_same_as(before[rule.id])}
        await queries.begin_anew(session, edited)
        await queries.go_on(session, {rule.id: rule.version for rule in moved_on if rule.id not in edited})
        self._watch.update_rules(rules, set(rule_ids) - {rule.id for rule in rules})

    async def _take_devices(self, session: Session, edits: progress.Edits) -> list[int]:
        self._strangers.clear()
        self._watch.remove(await queries.removed_devices(session, edits.devices))
        return await recovery.load_devices(
            session, self._watch, self._shards, device_ids=edits.devices, site_ids=edits.sites
        )

    async def forget_edits(self) -> None:
        """Everybody who looks has seen the old ones."""
        async with self._holding() as session:
            await progress.forget_edits(session)

    # -------------------------------------------------------------------------------------------------------- saving

    async def save(self, shards: Collection[int] | None = None) -> None:
        """Writes how far judging came in these shards, or in all where it moved."""
        slots = self._watch.slots
        keys, judged = slots.key[: slots.used], slots.judged_until[: slots.used]
        for shard in sorted(self._unsaved if shards is None else self._unsaved & set(shards)):
            chosen = np.flatnonzero((keys >= 0) & (keys % SHARDS == shard) & (judged != NEVER))
            async with self._holding() as session:
                await progress.save_position(session, shard, keys[chosen].tolist(), judged[chosen].tolist())
        if shards is None:
            self._unsaved.clear()
            self._rows_unsaved = 0
        else:
            self._unsaved -= set(shards)

    @asynccontextmanager
    async def _holding(self) -> AsyncIterator[Session]:
        """A transaction that cannot end after another evaluator took one of the shards over. Raises LeaseLost."""
        async with transaction(self._database) as session:
            if not await lease.hold(session, self._owner, self._shards):
                raise LeaseLost
            yield session
