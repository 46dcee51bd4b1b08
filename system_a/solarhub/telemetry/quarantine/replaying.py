"""Reads entries anew by the metrics and ratings of today; what is a reading now goes to where it belongs.

A value that was refused joins the sample whose neighbours were stored at its instant. Rows that are written here are
late ones: nobody judges them, and roll-ups follow.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import isnan
from uuid import UUID

from solarhub.devices.identity import KnownDevice
from solarhub.kit.db import Session
from solarhub.metrics import Catalogue
from solarhub.telemetry.batch import moment
from solarhub.telemetry.found.rewriting import hold, rewrite
from solarhub.telemetry.history import Stretch, stretches
from solarhub.telemetry.models import QuarantinedReading
from solarhub.telemetry.queries import cold
from solarhub.telemetry.queries import quarantine as queries
from solarhub.telemetry.sample import RAW_BYTES, RawSample, Sample, sift

_LONGEST_LOOK = timedelta(days=1)
_BEFORE_EVERYTHING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Reread:
    """Of one device: `readings` by instant, from the entries `stored`; why others are refused as before."""

    stored: list[int] = field(default_factory=list)
    readings: dict[datetime, dict[str, float]] = field(default_factory=lambda: defaultdict(dict))
    refused: list[str] = field(default_factory=list)
    heard_at: datetime = _BEFORE_EVERYTHING


def reread(entries: Sequence[QuarantinedReading], catalogue: Catalogue, rated_kw: float | None) -> Reread:
    """By the metrics and the rating of today; clocks are judged by when each entry came. Pure."""
    found = Reread()
    for entry in entries:
        raw = _raw_sample(entry)
        if raw is None:
            found.refused.append(f"Entry {entry.id}: what was sent was too long to be kept whole, or is no sample.")
            continue
        accepted, quarantined = sift([raw], entry.received_at, catalogue, rated_kw)
        if quarantined or not accepted:
            found.refused += [f"Entry {entry.id}: {each.detail}." for each in quarantined]
            continue
        found.stored.append(entry.id)
        found.heard_at = max(found.heard_at, entry.received_at)
        for sample in accepted:
            # of two values for one instant the one that came first stays
            found.readings[sample.at] = sample.readings | found.readings[sample.at]
    return found


def _raw_sample(entry: QuarantinedReading) -> RawSample | None:
    if len(entry.raw) >= RAW_BYTES:
        return None
    try:
        sent = json.loads(entry.raw)
    except ValueError:
        return None
    if not isinstance(sent, dict):
        return None
    if entry.metric is not None:  # a single value of a sample whose time was sound
        return None if entry.at is None else RawSample(0, entry.at.isoformat(), sent)
    metrics = sent.get("metrics", sent)
    at = sent.get("timestamp", None if entry.at is None else entry.at.isoformat())
    return RawSample(0, at, metrics) if isinstance(metrics, dict) else None


async def make_room(worker: Session, found: Reread) -> None:
    """Ahead of all rows, in a transaction of its own, which would otherwise hold the lock."""
    for day in sorted({at.date() for at in found.readings}):
        await cold.ensure_partition(worker, day)


async def write(worker: Session, device: KnownDevice, found: Reread) -> None:
    """Puts what is a reading now beside what is stored at the same instants, and notes the entries as read."""
    if found.readings:
        keepers = await hold(worker, device)
        stored = await _stored(worker, device.device_key, sorted(found.readings))
        samples = [
            # what is stored already stays
            Sample(0, at, found.readings[at] | stored.get(at, {}))
            for at in sorted(found.readings)
        ]
        await rewrite(worker, device, keepers, samples, (), replace=True, heard_at=found.heard_at)
    await queries.note_replayed(worker, found.stored)


async def _stored(
    worker: Session, device_key: int, instants: Sequence[datetime]
) -> Mapping[datetime, dict[str, float]]:
    """The readings that stand at these instants, looked for in stretches of up to a day."""
    wanted = set(instants)
    found: dict[datetime, dict[str, float]] = {}
    begin = 0
    while begin < len(instants):
        end = begin
        while end + 1 < len(instants) and instants[end + 1] - instants[begin] < _LONGEST_LOOK:
            end += 1
        rows = await stretches(worker, [device_key], instants[begin], instants[end] + timedelta(microseconds=1))
        for stretch in rows:
            found |= _at(stretch, wanted)
        begin = end + 1
    return found


def _at(stretch: Stretch, wanted: set[datetime]) -> dict[datetime, dict[str, float]]:
    return {
        at: {name: value for name, value in zip(stretch.series, row, strict=True) if not isnan(value)}
        for at, row in zip(map(moment, stretch.at.tolist()), stretch.readings.tolist(), strict=True)
        if at in wanted
    }


def by_device(entries: Sequence[QuarantinedReading]) -> dict[UUID, list[QuarantinedReading]]:
    found: dict[UUID, list[QuarantinedReading]] = defaultdict(list)
    for entry in entries:
        found[entry.device_id].append(entry)
    return found
