"""In columns samples become what they become one by one: the same rows, and the same words about the rest."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solarhub.devices.identity import KnownDevice
from solarhub.metrics import CATALOGUE
from solarhub.telemetry.batch import moment
from solarhub.telemetry.corridor.sheet import Batch, Sheet, explained, laid_out
from solarhub.telemetry.corridor.strip import Entry, Load, Odd
from solarhub.telemetry.decode import read
from solarhub.telemetry.sample import Quarantined, RawSample, Sample, sift
from solarhub.telemetry.spelling import Names

NOW = datetime(2026, 6, 1, 12, 0, 7, 654321, tzinfo=UTC)
RATINGS = {1: None, 2: 5.0, 3: 100.0}

Row = tuple[int, datetime, dict[str, float]]


def device(key: int) -> KnownDevice:
    return KnownDevice(UUID(int=key), UUID(int=0), 7, key, RATINGS[key])


def in_columns(
    bodies: Sequence[tuple[int, bytes]], expected: Sequence[Names | None]
) -> tuple[list[Row], list[list[Quarantined]]]:
    """Rows of all these requests, each of one device, and what each request is told."""
    loads = []
    for (key, body), names in zip(bodies, expected, strict=True):
        load = Load(NOW)
        told = read(body, names)
        load.add(told.samples, device(key), range(len(told.samples)))
        load.judge([Odd(device(key), raw.sample) for raw in told.raw])
        load.entries += [Entry(device(key), each.entry) for each in told.misshapen]
        loads.append(load)
    sheets, odd = laid_out(loads)
    sheets += explained(loads, odd)
    rows = [
        (int(key), moment(int(at)), dict(zip(sheet.series, values, strict=True)))
        for sheet in sheets
        for key, at, values in zip(sheet.device_keys, sheet.at, sheet.readings.tolist(), strict=True)
    ]
    return rows, [[entry for _, entry in load.entries] for load in loads]


def one_by_one(bodies: Sequence[tuple[int, bytes]]) -> tuple[list[Row], list[list[Quarantined]]]:
    rows: list[Row] = []
    told: list[list[Quarantined]] = []
    for key, body in bodies:
        members = json.loads(body)["samples"]
        raw = [RawSample(place, each.get("timestamp"), each["metrics"]) for place, each in enumerate(members)]
        accepted, quarantined = sift(raw, NOW, rated_kw=RATINGS[key])
        rows += [(key, sample.at, sample.readings) for sample in accepted]
        told.append(quarantined)
    return rows, told


def comparable(rows: Sequence[Row]) -> list[Any]:
    return sorted((key, at, sorted(readings.items())) for key, at, readings in rows)


def words(told: Sequence[Sequence[Quarantined]]) -> list[Any]:
    """Without what was sent: a time that was read is written back in one way, however it came."""
    return [
        sorted((entry.position, entry.at or NOW, entry.metric or "", entry.reason, entry.detail) for entry in entries)
        for entries in told
    ]


_channels = st.sampled_from(["l1", "string3", "a b", ""])
_values = st.one_of(
    st.floats(-10, 300, allow_nan=False).map(lambda value: round(value, 3)),
    st.sampled_from([0, 1, 55.0, 1e6, -1e9, 4.99, 110.0, 2**53]),
)
_metrics = st.dictionaries(
    st.sampled_from(["power_output", "frequency", "humidity", "voltage_dc", "energy_total", "powr", "power_output:l1"]),
    st.one_of(_values, st.dictionaries(_channels, _values, max_size=2)),
    max_size=4,
)
_moments = st.integers(-86_400_000_000, 600_000_000).map(lambda offset: NOW + timedelta(microseconds=offset))
_times = st.one_of(
    st.none(),
    _moments.map(lambda at: at.isoformat()),
    _moments.map(lambda at: at.astimezone().isoformat()),
    _moments.map(lambda at: at.timestamp()),
    _moments.map(lambda at: int(at.timestamp() * 1000)),
    _moments.map(lambda at: int(at.timestamp())),
    st.sampled_from([0, -1, 1e18, 1e11, 99_999_999_999, 2**70, 1780315200.1234567, 1780315200123.4567]),
)
_samples = st.lists(
    st.builds(lambda time, metrics: {"timestamp": time, "metrics": metrics}, _times, _metrics), min_size=1, max_size=5
)
_bodies = st.lists(st.tuples(st.sampled_from(sorted(RATINGS)), _samples), min_size=1, max_size=4)


@given(_bodies, st.booleans())
def test_columns_and_the_long_way_agree(
    bodies: list[tuple[int, list[dict[str, Any]]]],
    is_expected: bool,
) -> None:
    """Whether or not the samples were expected to be like the first of them."""
    sent = [(key, json.dumps({"samples": samples}).encode()) for key, samples in bodies]
    habits = [tuple(samples[0]["metrics"]) or None if is_expected else None for _, samples in bodies]

    rows, told = in_columns(sent, habits)

    expected, expected_words = one_by_one(sent)
    assert comparable(rows) == comparable(expected)
    assert words(told) == words(expected_words)


def test_many_samples_with_one_bad_value_are_read_in_columns_but_for_that_one() -> None:
    start = int(NOW.timestamp()) - 10_000
    samples = [{"timestamp": start + n, "metrics": {"power_output": 1.0, "frequency": 50.0}} for n in range(1000)]
    samples[321]["metrics"] = {"power_output": 1e7, "frequency": 50.0}
    load = Load(NOW)
    told = read(json.dumps({"samples": samples}).encode())
    load.add(told.samples, device(1), range(1000))

    sheets, odd = laid_out([load])
    rest = explained([load], odd)

    assert [len(sheet) for sheet in sheets] == [999]
    assert [(sheet.series, sheet.readings.tolist()) for sheet in rest] == [(("frequency",), [[50.0]])]
    assert [(entry.position, entry.metric) for _, entry in load.entries] == [(321, "power_output")]


def test_a_row_leads_back_to_what_was_sent() -> None:
    chance = random.Random(3)
    loads = []
    for number in range(5):
        load = Load(NOW)
        samples = [
            Sample(place, NOW - timedelta(minutes=place), {"power_output": float(10 * number + place)})
            for place in range(chance.randint(1, 4))
        ]
        load.add_judged([(device(1 + number % 3), sample) for sample in samples])
        loads.append(load)
    (sheet,), _ = laid_out(loads)
    order = list(range(len(sheet)))
    chance.shuffle(order)

    for row in range(len(sheet)):
        shuffled = sheet.chosen(np.array(order, np.intp))
        source, place = shuffled.sources[int(shuffled.origin[row])]
        value = shuffled.readings[row, 0]
        assert value == 10 * source.load + source.strip.positions[place]
        assert source.load == shuffled.load[row]
        assert source.strip.device(place).device_key == shuffled.device_keys[row]


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_halves_hold_all_rows_once_and_part_them_by_device_and_time(rows: list[tuple[int, int, bool]]) -> None:
    load = Load(NOW)
    load.add_judged(
        (
            device(key),
            Sample(place, NOW + timedelta(minutes=minute), {"power_output" if odd else "frequency": float(place)}),
        )
        for place, (key, minute, odd) in enumerate(rows)
    )
    sheets, _ = laid_out([load])

    first, second = Batch(sheets).halves()

    def instants(batch: Batch) -> list[tuple[int, int, float]]:
        return [row for sheet in batch.sheets for row in _rows(sheet)]

    assert sorted(instants(first) + instants(second)) == sorted(instants(Batch(sheets)))
    assert (first.rows, second.rows) == (len(rows) // 2, len(rows) - len(rows) // 2)
    assert max(each[:2] for each in instants(first)) <= min(each[:2] for each in instants(second))


def _rows(sheet: Sheet) -> list[tuple[int, int, float]]:
    return list(zip(sheet.device_keys.tolist(), sheet.at.tolist(), sheet.readings[:, 0].tolist(), strict=True))


def test_the_catalogue_has_metrics_that_depend_on_the_rating() -> None:
    """Or else the agreement above would not have looked at them."""
    assert CATALOGUE["power_output"].relative is not None
