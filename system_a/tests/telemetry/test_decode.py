"""From bytes to raw samples: what is saved of a bad body, and what is refused as a whole."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.kit.errors import Invalid, TooLarge, Unreadable
from solarhub.telemetry.decode import MOST_SAMPLES, decode
from solarhub.telemetry.sample import RawSample, sift
from solarhub.telemetry.vocabulary import Reason

GOOD: dict[str, Any] = {
    "timestamp": "2026-06-01T11:00:00Z",
    "metrics": {"power_output": 1.5, "voltage_dc": {"string1": 380.0}},
}


def decoded(value: Any) -> list[RawSample]:
    return decode(json.dumps(value).encode()).samples


def test_a_single_sample_and_a_batch_of_one_are_the_same() -> None:
    assert decoded(GOOD) == decoded({"samples": [GOOD]}) == [RawSample(0, GOOD["timestamp"], GOOD["metrics"])]


def test_an_empty_batch_holds_nothing() -> None:
    assert decoded({"samples": []}) == []


def test_a_timestamp_of_null_is_none() -> None:
    assert decoded({"timestamp": None, "metrics": {}}) == [RawSample(0, None, {})]


@pytest.mark.parametrize(
    "literal", ["NaN", "Infinity", "-Infinity", "1e309", "-1e309", "1" * 5000, '"2.9"', "true", "null", "[1]", "{}"]
)
def test_a_bad_value_leaves_its_neighbours_readable(literal: str) -> None:
    body = f'{{"samples": [{{"metrics": {{"power_output": {literal}}}}}, {json.dumps(GOOD)}]}}'
    samples, misshapen = decode(body.encode())

    assert samples[1] == RawSample(1, GOOD["timestamp"], GOOD["metrics"])
    assert "power_output" in samples[0].metrics
    assert misshapen == []


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (1, "samples[0] is not an object"),
        ({}, "samples[0].metrics is missing"),
        ({"metrics": []}, "samples[0].metrics is not an object"),
        ({"metrics": {}, "time": 1}, "samples[0].time is not known; allowed is metrics and timestamp"),
        ({"metrics": {}, "samples": []}, "samples[0].samples is not known"),
    ],
)
def test_a_member_that_is_no_sample_leaves_its_neighbours_readable(member: object, told: str) -> None:
    samples, misshapen = decode(json.dumps({"samples": [member, GOOD]}).encode())

    assert [sample.position for sample in samples] == [1]
    assert [(entry.position, entry.reason) for entry in misshapen] == [(0, Reason.WRONG_SHAPE)]
    assert told in misshapen[0].detail


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        (3, "body"),
        (None, "body"),
        ({}, "metrics"),
        ({"metrics": 3}, "metrics"),
        ({"time": 1, "metrics": {}}, "time"),
        ({"samples": {}}, "samples"),
        ({"samples": None}, "samples"),
        ({"samples": [], "metrics": {}}, "metrics"),
        ({"samples": [GOOD], "timestamp": 1780315140}, "timestamp"),
        ({"samples": [1, 2]}, "samples[0]"),
        ({"samples": [{"metrics": [1]}]}, "samples[0].metrics"),
    ],
)
def test_a_body_without_any_sample_is_refused_and_the_field_named(body: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        decoded(body)

    assert caught.value.errors[0].field == field
    assert caught.value.errors[0].allowed


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not JSON"),
        (b'{"metrics": {}} x', "Extra data"),
        (b'{"metrics": {"power_output": 1,}}', "not JSON"),
        (b'{"metrics": {"power_output": 0x1}}', "line 1 column"),
        (b"power_output=2.9", "not JSON"),
        (b'{"metrics": {"\xff": 1}}', "not UTF-8"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"metrics": {"power_output": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "not UTF-8"),
    ],
)
def test_bytes_that_are_no_json_are_unreadable(body: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        decode(body)


def test_a_byte_order_mark_does_no_harm() -> None:
    assert decode(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).samples == decoded(GOOD)


@pytest.mark.parametrize("last", [GOOD, {"metrics": {"power_output": "bad"}, "timestamp": 1}])
def test_ten_thousand_samples_are_taken_and_one_more_is_too_large(last: object) -> None:
    least: list[object] = [{"metrics": {"humidity": 1}}] * (MOST_SAMPLES - 1)

    assert len(decoded({"samples": [*least, last]})) == MOST_SAMPLES
    with pytest.raises(TooLarge, match="10,001 samples"):
        decoded({"samples": [*least, last, last]})


def test_a_body_of_countless_little_values_is_refused_before_it_is_built() -> None:
    with pytest.raises(TooLarge, match="500,000 values"):
        decode(b'{"samples": [' + b"[]," * 1_000_000)


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["samples", "metrics", "timestamp", "power_output"]) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def written(value: object) -> bytes:
    """JSON as Python's parser takes it: with NaN and Infinity, and lone surrogates escaped."""
    return json.dumps(value).encode()


@given(ANY_JSON)
def test_whatever_json_says_it_is_read_or_refused_as_a_whole(value: object) -> None:
    try:
        samples, misshapen = decode(written(value))
    except (Unreadable, Invalid, TooLarge):
        return
    sift(samples, datetime(2026, 6, 1, 12, tzinfo=UTC))
    assert len(samples) + len(misshapen) == (len(value["samples"]) if "samples" in value else 1)  # type: ignore[operator, index]  # it was an object, or it would have been refused


@given(st.lists(ANY_JSON, max_size=4), st.lists(ANY_JSON, max_size=4))
def test_a_good_sample_is_stored_whatever_stands_beside_it(before: list[object], after: list[object]) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    samples, misshapen = decode(written({"samples": [*before, GOOD, *after]}))
    accepted, quarantined = sift(samples, now)

    assert [s.readings for s in accepted if s.position == len(before)] == [
        {"power_output": 1.5, "voltage_dc:string1": 380.0}
    ]
    told_of = {entry.position for entry in (*misshapen, *quarantined)} | {sample.position for sample in accepted}
    assert told_of == set(range(len(before) + 1 + len(after)))


@given(st.binary(max_size=64))
def test_whatever_bytes_come_they_are_read_or_refused_as_a_whole(body: bytes) -> None:
    try:
        decode(body)
    except (Unreadable, Invalid, TooLarge):
        return


@given(
    st.dictionaries(
        st.sampled_from(["power_output", "voltage_dc", "x"]),
        st.floats(allow_nan=False, allow_infinity=False)
        | st.integers(-(2**53), 2**53)
        | st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False), max_size=2),
        max_size=3,
    ),
    st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
)
def test_both_ways_of_reading_agree(metrics: dict[str, Any], timestamp: object) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=UTC)
    body = written({"timestamp": timestamp, "metrics": metrics})
    tolerant = decode(b"\xef\xbb\xbf" + body)  # a byte order mark is what the strict reader refuses

    fast, slow = sift(decode(body).samples, now), sift(tolerant.samples, now)
    assert fast.accepted == slow.accepted
    assert [entry[:4] for entry in fast.quarantined] == [entry[:4] for entry in slow.quarantined]
