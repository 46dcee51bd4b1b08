"""What judging keeps in memory, moved forward row by row; every change that a restart must know is written first.

The samples on disk, the kept states and `judged_until` say all there is to know: this is an image of them. After any
failure it is thrown away, and built again by the code that built it at the start, with the same result.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from operator import attrgetter
from uuid import UUID

from solarhub.alerts import recovery
from solarhub.alerts.compiled import CompiledRule, Watch, WatchedDevice
from solarhub.alerts.judging import judge_rows
from solarhub.alerts.keeping import keep
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import lease, samples
from solarhub.kit.db import Database, Session, transaction
from solarhub.telemetry.batch import CommittedSample

LEASE_SECONDS = 30.0
SHARD = 0  # one evaluator judges every device

_SAVED_AT_ONCE = 5_000
_DEVICES_READ_AT_ONCE = 100
_ROWS_READ_AT_ONCE = 100  # of each device
_BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseLost(Exception):  # noqa: N818 - says what happened; nobody made a mistake
    """Another evaluator judges now."""


class Memory:
    """All rules in force, all devices, and where each rule stands on each; for as long as the lease is held."""

    def __init__(self, database: Database, owner: str) -> None:
        """`owner` holds the lease."""
        self._database = database
        self._owner = owner
        self._watch = Watch()
        self._layouts: recovery.Layouts = {}
        self._unsaved: dict[int, None] = {}  # devices whose judged_until moved, in the order in which it began to
        self._rules_mark: object = None
        self._devices_mark: object = None

    async def build(self) -> None:
        """Reads rules, devices and kept states, and judges what was stored since, once and for all."""
        async with self._holding_the_lease() as session:
            self._rules_mark = await queries.rules_mark(session)
            self._devices_mark = await queries.devices_mark(session)
            self._watch.replace_rules(await recovery.load_rules(session))
            await recovery.load_devices(session, self._watch)
        await self.catch_up()
        await self.save_all()

    # ------------------------------------------------------------------------------------------------------- judging

    async def judge(self, rows: Iterable[CommittedSample]) -> None:
        """Judges committed rows, in whatever order they come; late ones are not judged."""
        in_time = sorted((row for row in rows if not row.late), key=attrgetter("at"))
        if not in_time:
            return
        keys = {row.device_key for row in in_time}
        unknown = keys - self._watch.devices.keys()
        if unknown:
            async with self._holding_the_lease() as session:
                await recovery.load_devices(session, self._watch, unknown)
        passed_by = self._passed_by(in_time)
        if passed_by:
            await self._read_back(passed_by)
        await self._forget_closed_alerts(keys)
        changes = judge_rows(self._watch.devices, in_time)
        self._unsaved.update(dict.fromkeys(keys))
        if changes.states:
            async with self._holding_the_lease() as session:
                await keep(session, changes)

    def _passed_by(self, in_time: Sequence[CommittedSample]) -> set[int]:
        """Devices of which older rows were committed than these, that nobody handed over."""
        reached: dict[int, datetime | None] = {}
        passed_by = set()
        for row in in_time:
            key = row.device_key
            device = self._watch.devices.get(key)
            if device is None:
                continue
            known = reached.get(key, device.judged_until)
            if row.newest_before is not None and (known is None or row.newest_before > known):
                passed_by.add(key)
            reached[key] = row.at if known is None else max(known, row.at)
        return passed_by

    async def catch_up(self) -> None:
        """Judges what the store holds of any device beyond what was judged."""
        async with self._holding_the_lease() as session:
            newest = await samples.newest_samples(session)
        await self._read_back([key for key, at in newest.items() if self._is_ahead(key, at)])

    def _is_ahead(self, device_key: int, at: datetime) -> bool:
        device = self._watch.devices.get(device_key)
        return device is not None and (device.judged_until is None or at > device.judged_until)

    async def _read_back(self, device_keys: Collection[int]) -> None:
        for chunk in recovery.chunks(device_keys, _DEVICES_READ_AT_ONCE):
            keys = chunk
            while keys:
                keys = await self._read_back_some(keys)

    async def _read_back_some(self, device_keys: Collection[int]) -> list[int]:
        """Judges the next stored rows of each device; those that may have more."""
        devices = self._watch.devices
        await self._forget_closed_alerts(device_keys)
        async with self._holding_the_lease() as session:
            after = {key: devices[key].judged_until or _BEFORE_EVERYTHING for key in device_keys}
            rows = await recovery.read_back(session, after, self._layouts, limit=_ROWS_READ_AT_ONCE)
            changes = judge_rows(devices, rows)
            self._unsaved.update(dict.fromkeys(device_keys))
            if changes.states:
                await keep(session, changes)
        counts = dict.fromkeys(device_keys, 0)
        for row in rows:
            counts[row.device_key] += 1
        return [key for key, count in counts.items() if count == _ROWS_READ_AT_ONCE]

    async def _forget_closed_alerts(self, device_keys: Iterable[int]) -> None:
        """Where an open alert could keep one from firing, looks whether a person closed it in the meantime."""
        open_alerts: dict[UUID, tuple[WatchedDevice, UUID]] = {}
        for key in device_keys:
            device = self._watch.devices.get(key)
            if device is not None and device.open_alerts:
                for rule_id, alert_id in device.open_alerts.items():
                    if not (
                        device.states[rule_id].awaiting_clear and self._watch.rules[rule_id].judged_by.auto_resolve
                    ):
                        open_alerts[alert_id] = (device, rule_id)
        if not open_alerts:
            return
        async with self._holding_the_lease() as session:
            closed = await queries.closed_among(session, open_alerts.keys())
        for alert_id in closed:
            device, rule_id = open_alerts[alert_id]
            del device.open_alerts[rule_id]
            device.states[rule_id] = device.states[rule_id].without_alert()

    # --------------------------------------------------------------------------------------------------------- edits

    async def look_for_edited_rules(self) -> None:
        """Takes in what was changed in the rules since the last look."""
        async with self._holding_the_lease() as session:
            mark = await queries.rules_mark(session)
            if mark == self._rules_mark:
                return
            rules = await recovery.load_rules(session)
        before = self._watch.rules
        added = [rule for rule in rules if rule.id not in before]
        moved_on = [rule for rule in rules if rule.id in before and rule.version != before[rule.id].version]
        edited = [rule for rule in moved_on if not rule.asks_the_same_as(before[rule.id])]
        # After a crash, nothing from before the edit may be judged by the rule as it is now.
        await self._save_where_they_watch([*added, *edited])
        async with self._holding_the_lease() as session:
            await queries.begin_anew(session, {rule.id: rule.version for rule in edited})
            await queries.go_on(session, {rule.id: rule.version for rule in moved_on if rule not in edited})
            self._watch.replace_rules(rules)
            await recovery.load_states(session, self._watch, rule_ids=[rule.id for rule in added])
        self._rules_mark = mark

    async def look_for_edited_devices(self) -> None:
        """Takes in what was changed in devices and sites since the last look."""
        async with self._holding_the_lease() as session:
            mark = await queries.devices_mark(session)
            if mark == self._devices_mark:
                return
            known = {key: device.versions for key, device in self._watch.devices.items()}
            edited, removed = await queries.edited_devices(session, known)
            await recovery.load_devices(session, self._watch, edited)
        for key in removed:
            del self._watch.devices[key]
        self._devices_mark = mark

    async def _save_where_they_watch(self, rules: Collection[CompiledRule]) -> None:
        organizations = {rule.organization_id for rule in rules}
        found = ((key, self._watch.devices.get(key)) for key in self._unsaved)
        await self._save([key for key, device in found if device and device.organization_id in organizations])

    # -------------------------------------------------------------------------------------------------------- saving

    async def save_some(self) -> None:
        """Writes how far judging came, for the devices that have waited longest: it need not be exact, and it costs."""
        await self._save(list(self._unsaved)[:_SAVED_AT_ONCE])

    async def save_all(self) -> None:
        """Writes how far judging came."""
        await self._save(list(self._unsaved))

    async def _save(self, device_keys: Collection[int]) -> None:
        for chunk in recovery.chunks(device_keys, _SAVED_AT_ONCE):
            found = [device for key in chunk if (device := self._watch.devices.get(key)) is not None]
            judged = {device.key: device.judged_until for device in found if device.judged_until is not None}
            if judged:
                async with self._holding_the_lease() as session:
                    await samples.mark_judged(session, judged)
            for key in chunk:
                del self._unsaved[key]

    @asynccontextmanager
    async def _holding_the_lease(self) -> AsyncIterator[Session]:
        """A transaction that cannot end after another evaluator took over. Raises LeaseLost."""
        async with transaction(self._database) as session:
            if not await lease.renew(session, SHARD, self._owner, seconds=LEASE_SECONDS):
                raise LeaseLost
            yield session
