"""Bodies of ThingsBoard's device API."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.kit.errors import TooLarge, Unreadable
from solarhub.metrics import CATALOGUE
from solarhub.telemetry.doors.thingsboard import MOST_ENTRIES, read
from solarhub.telemetry.sample import RawSample, sift
from solarhub.telemetry.vocabulary import Reason
from tests.telemetry.doors.test_influx import NOW

TS = 1772366400000


def samples(body: Any) -> list[RawSample]:
    found = read(json.dumps(body).encode(), CATALOGUE)
    assert found.misshapen == []
    return found.samples


@pytest.mark.parametrize(
    "body",
    [
        {"power_output": 2.9, "frequency": 50},
        {"power_output": "2.9", "frequency": " 50 "},
        [{"power_output": 2.9}, {"frequency": 50}],
        [{"power_output": 2.9, "frequency": 50}, {"frequency": 50.0}],
    ],
)
def test_values_without_a_time_are_one_sample(body: Any) -> None:
    assert samples(body) == [RawSample(0, None, {"power_output": 2.9, "frequency": 50.0})]


@pytest.mark.parametrize("ts", [TS, str(TS), float(TS)])
def test_values_with_a_time_are_a_sample_of_that_time(ts: object) -> None:
    dated = {"ts": ts, "values": {"power_output": 2.9}}
    for body in (dated, [dated]):
        (sample,) = samples(body)
        assert sift([sample], NOW).accepted[0].at == NOW


def test_entries_of_one_time_are_one_sample() -> None:
    body = [
        {"ts": TS, "values": {"power_output": 2.9}},
        {"ts": TS + 1000, "values": {"power_output": 3.0}},
        {"ts": TS, "values": {"frequency": 50}},
        {"frequency": 49.9},
    ]
    assert [(sample.timestamp, sample.metrics) for sample in samples(body)] == [
        (TS, {"power_output": 2.9, "frequency": 50.0}),
        (TS + 1000, {"power_output": 3.0}),
        (None, {"frequency": 49.9}),
    ]


def test_channels_stand_in_the_name_or_in_an_object() -> None:
    (sample,) = samples({"voltage_dc:string1": 380, "voltage_dc": {"string2": "381"}})

    accepted, quarantined = sift([sample], NOW)
    assert accepted[0].readings == {"voltage_dc:string1": 380.0, "voltage_dc:string2": 381.0}
    assert quarantined == []


def test_what_is_no_reading_is_quarantined_and_its_neighbours_are_stored() -> None:
    (sample,) = samples(
        {"temperature": 26, "power_output": 2.9, "humidity": "wet", "mains_present": True, "frequency": True}
    )

    accepted, quarantined = sift([sample], NOW)
    assert accepted[0].readings == {"power_output": 2.9, "mains_present": 1.0}
    assert [(entry.metric, entry.reason) for entry in quarantined] == [
        ("temperature", Reason.UNKNOWN_METRIC),
        ("humidity", Reason.NOT_A_NUMBER),
        ("frequency", Reason.NOT_A_NUMBER),
    ]


@pytest.mark.parametrize("text", ["1_0", "", "0x10", "٣", "1" * 64])
def test_other_texts_stay_texts(text: str) -> None:
    (sample,) = samples({"frequency": text})
    assert sample.metrics == {"frequency": text}


def test_an_entry_that_is_none_stops_no_neighbour() -> None:
    found = read(json.dumps([5, {"ts": TS, "values": 7}, {"power_output": 1}]).encode(), CATALOGUE)

    assert [(entry.position, entry.reason) for entry in found.misshapen] == [
        (0, Reason.WRONG_SHAPE),
        (1, Reason.WRONG_SHAPE),
    ]
    assert found.samples == [RawSample(2, None, {"power_output": 1.0})]


def test_an_empty_object_says_nothing_and_is_told_so() -> None:
    assert [entry.reason for entry in sift(samples({}), NOW).quarantined] == [Reason.NO_METRICS]


@pytest.mark.parametrize(
    "body", [b"", b"power=1", b"5", b'"text"', b"null", b"\xff", b"{", b"[" * 100_000, b'{"a": 1,}']
)
def test_a_body_that_is_none_of_the_forms_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body, CATALOGUE)


def test_a_body_of_too_many_entries_is_refused() -> None:
    assert len(read(json.dumps([{"frequency": 50}] * MOST_ENTRIES).encode(), CATALOGUE).samples) == 1
    with pytest.raises(TooLarge):
        read(json.dumps([{"frequency": 50}] * (MOST_ENTRIES + 1)).encode(), CATALOGUE)
    with pytest.raises(TooLarge):
        read(b"[" + b"{}," * 300_000 + b"{}]", CATALOGUE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["ts", "values", "power_output"]) | st.text(max_size=4), inner, max_size=3)
    ),
)


@given(JSON)
def test_whatever_json_is_sent_is_sorted_or_refused(body: Any) -> None:
    try:
        found = read(json.dumps(body).encode(), CATALOGUE)
    except Unreadable:
        assert not isinstance(body, dict | list)
        return
    sift(found.samples, NOW)
