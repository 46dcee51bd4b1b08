"""Builds what judging keeps in memory out of the database: at the start, after a failure, and for what is new."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

import structlog

from solarhub.alerts.compiled import CompiledRule, Watch, WatchedDevice, compile_rule, target_of
from solarhub.alerts.lifecycle import State, recall
from solarhub.alerts.queries import evaluation as queries
from solarhub.alerts.queries import samples
from solarhub.kit.db import Session
from solarhub.telemetry.batch import CommittedSample

log = structlog.get_logger(__name__)

T = TypeVar("T")

Layouts = dict[int, tuple[str, ...]]
"""The series of layouts that were met, by their id."""

_DEVICES_AT_ONCE = 500
_ROWS_LOOKED_BACK = 200


async def load_rules(session: Session) -> list[CompiledRule]:
    """Every rule in force that this version of the hub can read."""
    compiled = []
    for rule in await queries.rules_in_force(session):
        ready = compile_rule(
            id=rule.id,
            version=rule.version,
            organization_id=rule.organization_id,
            site_id=rule.site_id,
            severity=rule.severity,
            condition=rule.condition,
            cooldown_minutes=rule.cooldown_minutes,
            auto_resolve=rule.auto_resolve,
        )
        if ready is None:
            log.warning("rule is not judged: its condition cannot be read", rule=str(rule.id))
        else:
            compiled.append(ready)
    return compiled


async def load_devices(session: Session, watch: Watch, device_keys: Collection[int] | None = None) -> None:
    """Takes in these devices, or all of them, with the states kept for those that were not watched before."""
    added = []
    for row in await queries.watched_devices(session, device_keys):
        device = WatchedDevice(
            key=row.device_key,
            id=row.id,
            organization_id=row.organization_id,
            site_id=row.site_id,
            name=row.name,
            device_type=row.device_type,
            target=target_of(interval_seconds=row.interval_seconds, latitude=row.latitude, longitude=row.longitude),
            versions=(row.device_version, row.site_version),
            judged_until=row.judged_until,
        )
        if device.key not in watch.devices:
            added.append(device.id)
        watch.place(device)
    if added:
        await load_states(session, watch, device_ids=None if len(added) == len(watch.devices) else added)


async def load_states(
    session: Session,
    watch: Watch,
    *,
    rule_ids: Collection[UUID] | None = None,
    device_ids: Collection[UUID] | None = None,
) -> None:
    """Puts each rule where it stood on each device; a rule that was edited unseen starts its streaks anew."""
    in_streak: dict[int, list[CompiledRule]] = {}
    for row in await queries.kept_states(session, rule_ids=rule_ids, device_ids=device_ids):
        device, rule = watch.devices.get(row.device_key), watch.rules.get(row.rule_id)
        if device is None or rule is None:
            continue
        is_open = row.open_alert_id is not None
        state = State(row.streak_started_at, None, row.awaiting_clear, is_open, row.last_triggered_at)
        if row.rule_version != rule.version:
            state = state.anew()
        device.states[rule.id] = state
        if is_open:
            device.open_alerts[rule.id] = row.open_alert_id
        if device.judged_until is None or row.changed_at > device.judged_until:
            device.kept_until[rule.id] = row.changed_at
        if state.streak_started_at is not None:
            in_streak.setdefault(device.key, []).append(rule)
    layouts: Layouts = {}
    for chunk in chunks(in_streak, _DEVICES_AT_ONCE):
        await _recall_streaks(session, watch, {key: in_streak[key] for key in chunk}, layouts)


async def _recall_streaks(
    session: Session, watch: Watch, in_streak: Mapping[int, Sequence[CompiledRule]], layouts: Layouts
) -> None:
    """Finds the newest judged sample of each streak: with it, a gap that the restart fell into is seen as one."""
    windows = {}
    for key, rules in in_streak.items():
        device = watch.devices[key]
        ends = [_judged_until(device, rule) for rule in rules]
        windows[key] = (min(ends) - device.target.longest_gap, max(ends))
    stored = await samples.rows_before(session, windows, limit=_ROWS_LOOKED_BACK)
    by_device: dict[int, list[CommittedSample]] = {}
    for row in await _with_series(session, stored, layouts):
        by_device.setdefault(row.device_key, []).append(row)
    for key, rules in in_streak.items():
        device = watch.devices[key]
        for rule in rules:
            end = _judged_until(device, rule)
            earlier = [
                row.at
                for row in by_device.get(key, ())
                if end - device.target.longest_gap < row.at <= end and _reports(row, rule.condition.metric)
            ]
            device.states[rule.id] = recall(rule.judged_by, device.states[rule.id], device.target, earlier)


def _judged_until(device: WatchedDevice, rule: CompiledRule) -> datetime:
    """How far this pair is judged; one of the two is there, or no state would have been kept."""
    known = [at for at in (device.judged_until, device.kept_until.get(rule.id)) if at is not None]
    return max(known)


def _reports(row: CommittedSample, metric: str) -> bool:
    return metric in row.series and row.readings[row.series.index(metric)] is not None


async def read_back(
    session: Session, after: Mapping[int, datetime], layouts: Layouts, *, limit: int
) -> list[CommittedSample]:
    """For each device its oldest stored rows after the instant, at most `limit`, late ones left out."""
    return await _with_series(session, await samples.rows_after(session, after, limit=limit), layouts)


async def _with_series(
    session: Session, stored: Sequence[samples.StoredRow], layouts: Layouts
) -> list[CommittedSample]:
    unknown = {row.layout_id for row in stored} - layouts.keys()
    if unknown:
        layouts.update(await samples.layouts(session, unknown))
    return [
        CommittedSample(
            organization_key=row.organization_key,
            device_key=row.device_key,
            at=row.at,
            received_at=row.received_at,
            late=False,
            newest_before=None,
            series=layouts[row.layout_id],
            readings=row.readings,
        )
        for row in stored
    ]


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
