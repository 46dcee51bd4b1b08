"""From the samples of a batch to its rows: which repeat others, which come late, under which layout, what is latest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from solarhub.devices.identity import KnownDevice
from solarhub.telemetry.batch import NEVER, CommittedBatch, CommittedGroup, CommittedSample, microseconds
from solarhub.telemetry.layout import Layout, Series, place, wanted
from solarhub.telemetry.sample import Quarantined, Sample


class Arrival(NamedTuple):
    """A sample on its way to the disk."""

    device: KnownDevice
    sample: Sample


class Refusal(NamedTuple):
    """A quarantined one on its way there."""

    device: KnownDevice
    entry: Quarantined


class Standing(NamedTuple):
    """What is known of a device from earlier commits: its newest sample, and the layout that one is stored in."""

    newest: datetime | None
    layout: Layout | None


class Candidate(NamedTuple):
    """A sample that no other of its batch repeats; `arrival` is its place there."""

    arrival: int
    device: KnownDevice
    sample: Sample
    newest_before: datetime | None
    series: Series

    @property
    def layout_key(self) -> tuple[int, Series]:
        return self.device.organization_key, self.series


class Row(NamedTuple):
    """A row of `telemetry_samples`, as it is written and as it is told to those who wait for it."""

    arrival: int
    device: KnownDevice
    layout: Layout
    told: CommittedSample

    def record(self) -> tuple[Any, ...]:
        """In the order of COLUMNS."""
        told = self.told
        return (
            told.organization_key,
            told.device_key,
            told.at,
            told.received_at,
            self.layout.id,
            told.late,
            told.readings,
        )


COLUMNS = ("organization_key", "device_key", "at", "received_at", "layout_id", "late", "readings")


class Heard(NamedTuple):
    """What a batch brings for one row of `device_state`; `newest` None: nothing of it was stored."""

    device: KnownDevice
    newest: datetime | None
    latest: Mapping[str, Mapping[str, object]]


def candidates(arrivals: Sequence[Arrival], standings: Mapping[int, Standing]) -> Iterator[Candidate]:
    """`arrivals` are in the order of (device_key, at); of two at one instant the first is the candidate."""
    for device_key, group in groupby(enumerate(arrivals), key=lambda numbered: numbered[1].device.device_key):
        first_of_instant: dict[datetime, tuple[int, Arrival]] = {}
        for number, arrival in group:
            first_of_instant.setdefault(arrival.sample.at, (number, arrival))
        newest, present = standings[device_key]
        fresh = first_of_instant.values()
        all_series = wanted(present, [arrival.sample.readings.keys() for _, arrival in fresh])
        for (number, (device, sample)), series in zip(fresh, all_series, strict=True):
            yield Candidate(number, device, sample, newest, series)


def row(candidate: Candidate, layout: Layout, received_at: datetime) -> Row:
    """`layout` is the stored one of the candidate's series."""
    at, newest = candidate.sample.at, candidate.newest_before
    told = CommittedSample(
        organization_key=candidate.device.organization_key,
        device_key=candidate.device.device_key,
        at=at,
        received_at=received_at,
        late=newest is not None and at <= newest,
        newest_before=newest,
        series=layout.series,
        readings=place(candidate.sample.readings, layout.series),
    )
    return Row(candidate.arrival, candidate.device, layout, told)


def standings_after(stored: Iterable[Row]) -> dict[int, Standing]:
    """What is known of the devices of these rows once they are committed; `stored` are in the order of their keys."""
    return {
        row.told.device_key: Standing(
            row.told.at if row.told.newest_before is None else max(row.told.at, row.told.newest_before), row.layout
        )
        for row in stored
    }


def heard(arrivals: Iterable[Arrival], refusals: Iterable[Refusal], stored: Sequence[Row]) -> list[Heard]:
    """All who were heard, whether with something new, a repetition, or nothing that could be stored."""
    devices = {item.device.device_key: item.device for items in (arrivals, refusals) for item in items}
    newest: dict[int, datetime] = {}
    latest: dict[int, dict[str, dict[str, object]]] = defaultdict(dict)
    for _, _, _, told in reversed(stored):
        newest.setdefault(told.device_key, told.at)
        known = latest[told.device_key]
        if len(known) == len(told.series):
            continue
        at = _fixed_width(told.at)
        for series, value in zip(told.series, told.readings, strict=True):
            if value is not None:
                known.setdefault(series, {"at": at, "value": value})
    return [Heard(device, newest.get(key), latest.get(key, {})) for key, device in devices.items()]


def _fixed_width(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds: such texts sort as their times do."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


def grouped(rows: Iterable[Row], received_at: datetime) -> CommittedBatch:
    """In columns, as they are handed on; `rows` are in the order of (device_key, at)."""
    by_series: dict[Series, list[CommittedSample]] = defaultdict(list)
    for each in rows:
        by_series[each.told.series].append(each.told)
    return CommittedBatch([_group(series, told) for series, told in by_series.items()], microseconds(received_at))


def _group(series: Series, told: Sequence[CommittedSample]) -> CommittedGroup:
    return CommittedGroup(
        series=series,
        organization_keys=np.array([each.organization_key for each in told], np.int32),
        device_keys=np.array([each.device_key for each in told], np.int32),
        at=np.array([microseconds(each.at) for each in told], np.int64),
        late=np.array([each.late for each in told], np.bool_),
        newest_before=np.array(
            [NEVER if each.newest_before is None else microseconds(each.newest_before) for each in told], np.int64
        ),
        readings=np.array([each.readings for each in told], np.float64).reshape(len(told), len(series)),
    )
