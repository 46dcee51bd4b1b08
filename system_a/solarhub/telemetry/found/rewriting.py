"""Samples are written behind the corridor's back: of messages that waited, and of those that a corrected mapping reads.

What the corridor stores first stays; here alone it does not: the rows that earlier readings of the very same messages
had made are replaced, in one transaction with the marks by which roll-ups follow. Rows are late ones, judged by nobody.
A day that lies in blocks is written into its blocks.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np

from solarhub.devices.identity import KnownDevice
from solarhub.devices.models import DeviceState
from solarhub.kit.db import Session
from solarhub.telemetry.batch import microseconds, moment
from solarhub.telemetry.cold.block import IMPORTED, LATE, Rows
from solarhub.telemetry.cold.merging import Piece
from solarhub.telemetry.cold.moving_in import put, stored_pieces
from solarhub.telemetry.layout import Series, place
from solarhub.telemetry.marks import HOUR
from solarhub.telemetry.queries import cold, past
from solarhub.telemetry.queries.layouts import layout_ids
from solarhub.telemetry.rollups.leaving import forget, rows_by_quarter
from solarhub.telemetry.sample import Quarantined, Sample

Keepers = dict[int, int]
"""The organization's key by the device's."""


class Rewritten(NamedTuple):
    """Rows that were written, and rows that stood there and are gone."""

    written: int
    removed: int


async def hold(worker: Session, device: KnownDevice) -> Keepers:
    """Nobody else writes blocks of the device, and it does not change hands, until the transaction ends.

    Before its sender is locked: decision 19.
    """
    key = device.device_key
    await cold.lock_devices(worker, [key])
    keepers = await cold.keepers(worker, [key])
    keepers.setdefault(key, device.organization_key)
    return keepers


async def rewrite(
    worker: Session,
    device: KnownDevice,
    keepers: Keepers,
    samples: Sequence[Sample],
    replaced: Collection[int],
    *,
    replace: bool,
    heard_at: datetime,
) -> Rewritten:
    """`samples` in the order of time, none twice, of messages that came until `heard_at`. Partitions are there.

    `keepers` is what `hold` gave.
    `replace`: rows at the instants `replaced` (microseconds since 1970) and at those of the samples give way, unless
    they came from a file; otherwise whatever is there already stays.
    """
    new = {microseconds(sample.at): sample for sample in samples}
    leaving = {*replaced, *new} if replace else set()
    if not new and not leaving:
        return Rewritten(0, 0)
    key = device.device_key
    organization_key = keepers[key]
    days = {_day(at) for at in (*new, *leaving)}
    blocks = await stored_pieces(worker, [key], days)
    vacated = np.array(sorted(leaving - new.keys()), np.int64)
    there = await rows_by_quarter(worker, key, vacated)
    removed = await past.remove(worker, key, leaving)
    written = 0
    by_series: dict[Series, list[Sample]] = defaultdict(list)
    into_blocks: dict[date, list[Sample]] = defaultdict(list)
    for at, sample in new.items():
        if (key, _day(at)) in blocks:
            into_blocks[_day(at)].append(sample)
        else:
            by_series[tuple(sorted(sample.readings))].append(sample)
    pieces: dict[tuple[int, date], list[Piece]] = {}
    for (_, day), stored in blocks.items():
        kept, gone = _without(stored, leaving)
        fresh = _piece(into_blocks[day]) if into_blocks[day] else None
        if not gone and fresh is None:
            continue
        removed += gone
        written += 0 if fresh is None else _not_there(fresh, kept)
        pieces[key, day] = [*kept, *([] if fresh is None else [fresh])]
    await put(worker, pieces, keepers)
    layouts = await layout_ids(worker, {(organization_key, series) for series in by_series})
    for series, rows in by_series.items():
        told = [(sample.at, place(sample.readings, series)) for sample in rows]
        written += await past.add(worker, organization_key, key, layouts[organization_key, series], told)
    if there:
        await forget(worker, key, there)
    await cold.mark(worker, {key: {at // HOUR * (HOUR // 1_000_000) for at in (*new, *leaving)}})
    await _tell_state(worker, device, samples, leaving, heard_at)
    return Rewritten(written, removed)


async def quarantine(
    worker: Session, device: KnownDevice, entries: Sequence[Quarantined], received_at: datetime
) -> None:
    """What of the messages is no reading: never silently dropped."""
    await past.quarantine(
        worker,
        [
            {
                "organization_id": device.organization_id,
                "device_id": device.device_id,
                "received_at": received_at,
                "at": entry.at,
                "metric": entry.metric,
                "reason": entry.reason.value,
                "raw": entry.raw,
            }
            for entry in entries
        ],
    )


def _day(at: int) -> date:
    return moment(at).date()


def _without(stored: Sequence[Piece], leaving: Collection[int]) -> tuple[list[Piece], int]:
    """What stays of a day's blocks, and how many rows do not."""
    wanted = np.array(sorted(leaving), np.int64)
    kept, gone = [], 0
    for piece in stored:
        stays = ~np.isin(piece.rows.at, wanted) | (piece.rows.flags & IMPORTED > 0)
        gone += int(np.count_nonzero(~stays))
        if stays.any():
            kept.append(piece.chosen(stays))
    return kept, gone


def _piece(samples: Sequence[Sample]) -> Piece:
    series = tuple(sorted({name for sample in samples for name in sample.readings}))
    readings = np.array([[sample.readings.get(name, np.nan) for name in series] for sample in samples], np.float64)
    at = np.array([microseconds(sample.at) for sample in samples], np.int64)
    return Piece(series, Rows(at, np.full(len(at), LATE, np.uint8), readings))


def _not_there(fresh: Piece, kept: Sequence[Piece]) -> int:
    there = np.concatenate([piece.rows.at for piece in kept]) if kept else np.zeros(0, np.int64)
    return int(np.count_nonzero(~np.isin(fresh.rows.at, there)))


async def _tell_state(
    worker: Session, device: KnownDevice, samples: Sequence[Sample], leaving: Collection[int], heard_at: datetime
) -> None:
    """What is latest of each series, where what was so far came from a row that gave way."""
    state = await past.state(worker, device.device_key)
    if state is None:
        state = DeviceState(
            device_id=device.device_id, organization_id=device.organization_id, device_key=device.device_key, latest={}
        )
        worker.add(state)
    gone = {_written(moment(at)) for at in leaving}
    state.latest = latest_after(state.latest, samples, gone)
    newest = samples[-1].at if samples else None
    if state.last_sample_at is not None and microseconds(state.last_sample_at) in leaving:
        state.last_sample_at = await past.newest(worker, device.device_key) or newest
    elif newest is not None:
        state.last_sample_at = max(newest, state.last_sample_at or newest)
    state.last_received_at = max(heard_at, state.last_received_at or heard_at)
    await worker.flush()


def latest_after(latest: Mapping[str, Any], samples: Sequence[Sample], gone: Collection[str]) -> dict[str, Any]:
    """The newest value of each series, by the text of its time; what came from a row that is gone counts no more."""
    found = {series: one for series, one in latest.items() if one.get("at") not in gone}
    for sample in samples:
        at = _written(sample.at)
        for series, value in sample.readings.items():
            if series not in found or found[series]["at"] <= at:
                found[series] = {"at": at, "value": value}
    return found


def _written(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds: such texts sort as their times do."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
