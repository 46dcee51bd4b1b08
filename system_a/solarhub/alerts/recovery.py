"""Builds what judging keeps in memory out of the database: at the start, after a failure, and for what is new."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import numpy as np
import structlog

from solarhub.alerts import packing
from solarhub.alerts.compiled import CompiledRule, WatchedDevice, compile_rule, target_of
from solarhub.alerts.judging import Rows
from solarhub.alerts.lifecycle import IDLE, State
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import samples
from solarhub.alerts.recall import recall, windows
from solarhub.alerts.spans import Int64s
from solarhub.alerts.watch import Watch
from solarhub.kit.db import Session
from solarhub.telemetry.batch import NEVER, microseconds

log = structlog.get_logger(__name__)

T = TypeVar("T")

Layouts = dict[int, tuple[str, ...]]
"""The series of layouts that were met, by their id."""

SHARDS = 8
"""Of devices, by the remainder of their key; each has one evaluator at a time. Kept positions depend on the number."""

_DEVICES_LOADED_AT_ONCE = 2_000
_STATES_LOADED_AT_ONCE = 2_000
_DEVICES_RECALLED_AT_ONCE = 500
_ROWS_LOOKED_BACK = 200


async def load_rules(session: Session, rule_ids: Collection[UUID] | None = None) -> list[CompiledRule]:
    """Those of the rules, of all for None, that are in force and that this version of the hub can read."""
    compiled = []
    for rule, own_unit in await queries.rules_in_force(session, rule_ids):
        ready = compile_rule(
            id=rule.id,
            version=rule.version,
            organization_id=rule.organization_id,
            site_id=rule.site_id,
            severity=rule.severity,
            condition=rule.condition,
            cooldown_minutes=rule.cooldown_minutes,
            auto_resolve=rule.auto_resolve,
            asks_since=microseconds(rule.asks_since),
            own_unit=own_unit,
        )
        if ready is None:
            log.warning("rule is not judged: its condition cannot be read", rule=str(rule.id))
        else:
            compiled.append(ready)
    return compiled


async def load_shards(session: Session, watch: Watch, shards: Collection[int], positions: dict[int, int]) -> list[int]:
    """Takes in all devices of these shards with the states kept for them; those that may have more to be judged.

    `positions`: how far devices are judged. What is stored of a device is known to be in `device_state` a second after
    it was stored, and for ever missing there if the hub died within it: so every device that was heard of lately may
    have more.
    """
    newest: dict[int, int] = {}
    after = -1
    while found := await queries.watched_devices(
        session, after=after, most=_DEVICES_LOADED_AT_ONCE, of=SHARDS, shards=shards
    ):
        after = found[-1].device_key
        _place(watch, found, positions)
        newest |= {row.device_key: microseconds(row.last_sample_at) for row in found if row.last_sample_at is not None}
        await asyncio.sleep(0)
    await load_states(session, watch, device_keys=newest.keys())
    latest = max(newest.values(), default=NEVER)
    return [key for key, at in newest.items() if at > watch.judged_until(key) or at > latest - _LATELY]


_LATELY = 2 * 86_400 * 10**6


async def load_devices(
    session: Session,
    watch: Watch,
    shards: Collection[int],
    *,
    device_keys: Collection[int] | None = None,
    device_ids: Collection[UUID] = (),
    site_ids: Collection[UUID] = (),
) -> list[int]:
    """Takes in these devices of the shards, with the states kept for those that were not watched before; their keys."""
    found = await queries.watched_devices(
        session, of=SHARDS, shards=shards, device_keys=device_keys, device_ids=device_ids, site_ids=site_ids
    )
    added = _place(watch, found, {})
    if added:
        await load_states(session, watch, device_keys=[device.key for device in added])
    return [row.device_key for row in found]


def _place(watch: Watch, found: Sequence[Any], positions: dict[int, int]) -> list[WatchedDevice]:
    added = watch.place(
        WatchedDevice(
            key=row.device_key,
            id=row.id,
            organization_id=row.organization_id,
            site_id=row.site_id,
            name=row.name,
            device_type=row.device_type,
            target=target_of(interval_seconds=row.interval_seconds, latitude=row.latitude, longitude=row.longitude),
        )
        for row in found
    )
    # where a hub of an earlier version left off
    noted = {row.device_key: row.judged_until for row in found if row.judged_until is not None}
    for device in added:
        judged_until = positions.get(device.key)
        if judged_until is None and device.key in noted:
            judged_until = microseconds(noted[device.key])
        if judged_until is not None:
            watch.begin_at(device.key, judged_until)
    return added


async def load_states(
    session: Session,
    watch: Watch,
    *,
    device_keys: Collection[int] | None = None,
    rule_ids: Collection[UUID] | None = None,
) -> None:
    """Puts each rule where it stood on each device, where it does not stand anywhere yet.

    A rule that was edited unseen starts its streaks anew.
    """
    for chunk in [None] if device_keys is None else chunks(device_keys, _STATES_LOADED_AT_ONCE):
        rows = await queries.kept_states(session, device_keys=chunk, rule_ids=rule_ids)
        restored = [pair for row in rows if (pair := _restore(watch, row)) is not None]
        await _recall_streaks(session, watch, np.array(restored, np.int64))
        await asyncio.sleep(0)


def _restore(watch: Watch, row: Any) -> int | None:
    """The pair, if a streak has begun."""
    rule = watch.book.rules.get(row.rule_id)
    pair = watch.pair(row.device_key, row.rule_id)
    if pair is None or rule is None or watch.pairs.state(pair) != IDLE:
        return None
    state = State(row.streak_started_at, None, row.awaiting_clear, row.open_alert_id is not None, row.last_triggered_at)
    if row.rule_version != rule.version:
        state = state.anew()
    watch.pairs.put(pair, state, row.open_alert_id, auto_resolve=rule.judged_by.auto_resolve)
    changed_at = microseconds(row.changed_at)
    if changed_at > watch.judged_until(row.device_key):
        watch.pairs.keep(pair, changed_at)
    return None if state.streak_started_at is None else pair


async def _recall_streaks(session: Session, watch: Watch, pairs: Int64s) -> None:
    if not len(pairs):
        return
    slots, after, until = windows(watch, pairs)
    rows: list[Rows] = []
    for first in range(0, len(slots), _DEVICES_RECALLED_AT_ONCE):
        some = slice(first, first + _DEVICES_RECALLED_AT_ONCE)
        keys = watch.slots.key[slots[some]].tolist()
        packed = await samples.rows_before(
            session, keys, after[some].tolist(), until[some].tolist(), most=_ROWS_LOOKED_BACK
        )
        rows += await unpacked(session, watch, packed, {})
    recall(watch, pairs, rows)


async def read_back(
    session: Session, watch: Watch, device_keys: Sequence[int], layouts: Layouts, *, most: int
) -> list[Rows]:
    """Of each device its newest judged row and the oldest that are not judged, at most so many, late ones left out.

    Something may have been merged into the newest judged one since.
    """
    after = np.maximum(watch.slots.judged_until[watch.slots_of(device_keys)], 1) - 1
    packed = await samples.rows_after(session, device_keys, after.tolist(), most=most)
    return await unpacked(session, watch, packed, layouts)


async def unpacked(session: Session, watch: Watch, packed: Sequence[samples.Packed], layouts: Layouts) -> list[Rows]:
    """Stored rows of watched devices as judging takes them."""
    unknown = {each.layout_id for each in packed} - layouts.keys()
    if unknown:
        layouts.update(await samples.layouts(session, unknown))
    rows = []
    for each in packed:
        slots, at = watch.slots_of(packing.integers(each.device_keys)), packing.instants(each.at)
        order = np.lexsort((at, slots))
        rows.append(
            Rows(
                layouts[each.layout_id],
                slots[order],
                at[order],
                packing.instants(each.received_at)[order],
                packing.tables(each.readings, len(at))[order],
            )
        )
    return rows


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
