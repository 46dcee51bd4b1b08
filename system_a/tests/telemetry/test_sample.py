"""Which values are stored, which are quarantined, and what the sender is told."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.metrics import CATALOGUE, Kind, Metric, NightPolicy
from solarhub.telemetry.sample import MOST_SERIES, RAW_BYTES, Quarantined, RawSample, Sample, Sifted, sift
from solarhub.telemetry.vocabulary import Reason

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def sift_one(metrics: dict[str, object], timestamp: object = None) -> Sifted:
    return sift([RawSample(0, timestamp, metrics)], NOW)


def refused(metrics: dict[str, object], timestamp: object = None) -> Quarantined:
    sifted = sift_one(metrics, timestamp)
    assert sifted.accepted == []
    assert len(sifted.quarantined) == 1
    return sifted.quarantined[0]


def test_values_and_channels_become_series_in_catalogue_units() -> None:
    sifted = sift_one({"power_output": 2, "voltage_dc": {"string1": 380.1, "string2": 0}})

    assert sifted == Sifted(
        [Sample(0, NOW, {"power_output": 2.0, "voltage_dc:string1": 380.1, "voltage_dc:string2": 0.0})], []
    )


@pytest.mark.parametrize(
    ("value", "reason", "told"),
    [
        (math.nan, Reason.NOT_FINITE, "not finite"),
        (math.inf, Reason.NOT_FINITE, "allowed are -5,000 to 250,000 kW"),
        (-math.inf, Reason.NOT_FINITE, "not finite"),
        ("2.9", Reason.NOT_A_NUMBER, '"2.9" is not a number'),
        ("12,5", Reason.NOT_A_NUMBER, '"12,5" is not a number'),
        (None, Reason.NOT_A_NUMBER, "null is not a number"),
        (True, Reason.NOT_A_NUMBER, "true is not a number"),
        ([1.0], Reason.NOT_A_NUMBER, "[1.0] is not a number"),
        ({}, Reason.NOT_A_NUMBER, "{} is not a number"),
        (10**17, Reason.IMPLAUSIBLE, "allowed are -5,000 to 250,000 kW"),
        (-5000.1, Reason.IMPLAUSIBLE, "-5,000.1 is no plausible power_output"),
    ],
)
def test_a_bad_value_is_quarantined_while_its_neighbour_is_stored(value: object, reason: Reason, told: str) -> None:
    sifted = sift_one({"power_output": value, "voltage_ac": 230.0})

    assert sifted.accepted == [Sample(0, NOW, {"voltage_ac": 230.0})]
    entry = sifted.quarantined[0]
    assert (entry.metric, entry.reason, entry.at) == ("power_output", reason, NOW)
    assert told in entry.detail


def test_a_bad_channel_is_quarantined_while_the_other_channels_are_stored() -> None:
    sifted = sift_one({"current_dc": {"String 1": 4.0, "string2": "x", "string3": 5.0, "": 1.0}})

    assert sifted.accepted == [Sample(0, NOW, {"current_dc:string3": 5.0})]
    assert [(entry.metric, entry.reason) for entry in sifted.quarantined] == [
        ("current_dc:String 1", Reason.UNREADABLE_CHANNEL),
        ("current_dc:string2", Reason.NOT_A_NUMBER),
        ("current_dc:", Reason.UNREADABLE_CHANNEL),
    ]


def test_a_misspelled_metric_is_quarantined_with_the_name_that_was_probably_meant() -> None:
    entry = refused({"power_outptu": 2.9})

    assert entry.reason is Reason.UNKNOWN_METRIC
    assert "power_output" in entry.detail


def test_a_metric_like_no_other_is_quarantined_with_the_names_that_exist() -> None:
    assert all(name in refused({"xyzzy": 2.9}).detail for name in CATALOGUE)


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_the_ends_of_each_plausible_range_are_stored(name: str) -> None:
    least, most = CATALOGUE[name].minimum, CATALOGUE[name].maximum

    assert sift_one({name: {"a": least, "b": most}}).quarantined == []
    assert len(sift_one({name: {"a": math.nextafter(least, -math.inf), "b": math.nextafter(most, math.inf)}})[1]) == 2


@pytest.mark.parametrize(
    ("timestamp", "at"),
    [
        ("2026-06-01T11:59:00Z", NOW - timedelta(minutes=1)),
        ("2026-06-01t16:59:00.5+05:00", NOW - timedelta(seconds=59.5)),
        ("2026-06-01 11:59:00.123456789z", NOW - timedelta(seconds=59.876544)),
        (1780315140, NOW - timedelta(minutes=1)),
        (1780315140.25, NOW - timedelta(seconds=59.75)),
        (1780315140250, NOW - timedelta(seconds=59.75)),
        (1780315140000.0, NOW - timedelta(minutes=1)),
        (None, NOW),
    ],
)
def test_times_are_read_as_text_seconds_or_milliseconds(timestamp: object, at: datetime) -> None:
    assert sift_one({"power_output": 1.0}, timestamp).accepted == [Sample(0, at, {"power_output": 1.0})]


@pytest.mark.parametrize(
    ("timestamp", "reason"),
    [
        ("2026-06-01T12:05:00Z", None),
        ("2026-06-01T12:05:00.000001Z", Reason.TIMESTAMP_IN_FUTURE),
        ("2099-01-01T00:00:00Z", Reason.TIMESTAMP_IN_FUTURE),
        ("1970-01-01T00:00:00Z", Reason.TIMESTAMP_TOO_OLD),
        ((NOW - timedelta(days=400)).isoformat(), None),
        ((NOW - timedelta(days=400, microseconds=1)).isoformat(), Reason.TIMESTAMP_TOO_OLD),
        (0, Reason.TIMESTAMP_TOO_OLD),
        (-1e300, Reason.TIMESTAMP_UNREADABLE),
        (10**40, Reason.TIMESTAMP_UNREADABLE),
        (math.nan, Reason.TIMESTAMP_UNREADABLE),
        (math.inf, Reason.TIMESTAMP_UNREADABLE),
        (True, Reason.TIMESTAMP_UNREADABLE),
        ({}, Reason.TIMESTAMP_UNREADABLE),
        ("", Reason.TIMESTAMP_UNREADABLE),
        ("1780315140", Reason.TIMESTAMP_UNREADABLE),
        ("2026-06-01", Reason.TIMESTAMP_UNREADABLE),
        ("2026-06-01T12:00:00", Reason.TIMESTAMP_UNREADABLE),
        ("2026-13-01T12:00:00Z", Reason.TIMESTAMP_UNREADABLE),
        ("2026-06-01T24:00:00Z", Reason.TIMESTAMP_UNREADABLE),
        ("2026-06-01T12:00:60Z", Reason.TIMESTAMP_UNREADABLE),
        ("0001-01-01T00:00:00Z", Reason.TIMESTAMP_UNREADABLE),
        ("0002-01-01T00:00:00Z", Reason.TIMESTAMP_TOO_OLD),
        ("9999-12-31T23:59:59.999999Z", Reason.TIMESTAMP_UNREADABLE),
        ("0001-01-01T00:00:00+14:00", Reason.TIMESTAMP_UNREADABLE),
        ("٢٠٢٦-06-01T12:00:00Z", Reason.TIMESTAMP_UNREADABLE),
    ],
)
def test_a_bad_time_keeps_the_whole_sample_out(timestamp: object, reason: Reason | None) -> None:
    if reason is None:
        assert len(sift_one({"power_output": 1.0}, timestamp).accepted) == 1
        return
    entry = refused({"power_output": 1.0, "voltage_ac": 230.0}, timestamp)

    assert (entry.reason, entry.metric) == (reason, None)
    assert (entry.at is None) == (reason is Reason.TIMESTAMP_UNREADABLE)
    assert "allowed" in entry.detail


def test_only_one_sample_of_a_request_gets_the_time_of_arrival() -> None:
    sifted = sift([RawSample(0, None, {"power_output": 1.0}), RawSample(1, None, {"power_output": 2.0})], NOW)

    assert [sample.position for sample in sifted.accepted] == [0]
    assert [(entry.position, entry.reason) for entry in sifted.quarantined] == [(1, Reason.TIMESTAMP_UNREADABLE)]


def test_a_sample_that_says_nothing_is_quarantined() -> None:
    assert refused({}).reason is Reason.NO_METRICS


def test_a_sample_wider_than_a_device_can_be_is_one_entry_in_quarantine() -> None:
    channels = {f"c{number}": 1.0 for number in range(MOST_SERIES)}

    assert len(sift_one({"voltage_dc": channels}).accepted) == 1
    assert refused({"voltage_dc": channels, "current_dc": {"a": 1.0}}).reason is Reason.WRONG_SHAPE
    assert refused({str(number): 1.0 for number in range(100_000)}).reason is Reason.WRONG_SHAPE


def test_a_sample_with_many_bad_values_is_one_entry_in_quarantine() -> None:
    sifted = sift_one({"power_output": 1.0, "voltage_dc": {f"c{number}": "?" for number in range(21)}})

    assert len(sifted.accepted) == 1
    assert [(entry.metric, entry.reason) for entry in sifted.quarantined] == [(None, Reason.NOT_A_NUMBER)]
    assert "21 values" in sifted.quarantined[0].detail


def test_what_came_is_kept_in_ascii_and_cut() -> None:
    entry = refused({"power_output": "\0\ud800é" * 5000})

    assert entry.raw.isascii()
    assert entry.raw.startswith('{"power_output": "\\u0000\\ud800\\u00e9')
    assert len(entry.raw) == RAW_BYTES


def test_a_name_that_no_text_column_takes_is_shown_escaped() -> None:
    assert refused({"\0\ud800": 1.0}).metric == "\\x00\\ud800"


@pytest.mark.parametrize("power", [50, 50.0])
def test_a_rating_refuses_what_the_device_cannot_do_and_says_so(power: float) -> None:
    raw = RawSample(0, None, {"power_output": power, "power_dc": {"mppt1": 7.4, "mppt2": 7.6}, "grid_power": 50.0})

    accepted, quarantined = sift([raw], NOW, rated_kw=5.0)

    assert accepted[0].readings == {"power_dc:mppt1": 7.4, "grid_power": 50.0}
    assert [(entry.metric, entry.reason) for entry in quarantined] == [
        ("power_output", Reason.IMPLAUSIBLE),
        ("power_dc:mppt2", Reason.IMPLAUSIBLE),
    ]
    assert quarantined[0].detail.endswith("allowed are -0.5 to 7.5 kW, as the device is rated at 5 kW")
    assert sift([raw], NOW).quarantined == []


def test_an_own_metric_is_taken_where_it_is_known_and_nowhere_else() -> None:
    pressure = Metric("x_pressure", "bar", Kind.GAUGE, 0, 16, "", NightPolicy.NOTHING, "behind the pump")
    raw = RawSample(0, None, {"x_pressure": {"pump1": 3.5, "pump2": 17.0}, "power_output": 1.0})

    accepted, quarantined = sift([raw], NOW, CATALOGUE.with_own([pressure]))

    assert accepted[0].readings == {"x_pressure:pump1": 3.5, "power_output": 1.0}
    assert [(entry.metric, entry.detail) for entry in quarantined] == [
        ("x_pressure:pump2", "17 is no plausible x_pressure; allowed are 0 to 16 bar")
    ]
    assert sift([raw], NOW).quarantined[0].reason is Reason.UNKNOWN_METRIC


def test_a_thousand_misspelled_names_cost_no_thousand_searches() -> None:
    sifted = sift(
        [RawSample(number, number, {f"power_outpu{number}": 1.0}) for number in range(1780300000, 1780301000)], NOW
    )

    assert len(sifted.quarantined) == 1000
    assert sum("did you mean" in entry.detail for entry in sifted.quarantined) == 10


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*CATALOGUE, "power_outptu", "", "\0"]) | st.text(max_size=12)


@given(st.dictionaries(NAMES, JSON | st.floats(-10, 300), max_size=6), JSON)
def test_everything_that_is_sent_is_either_stored_or_quarantined(metrics: dict[str, object], timestamp: object) -> None:
    good = RawSample(1, "2026-06-01T11:00:00Z", {"power_output": 1.5})
    accepted, quarantined = sift([RawSample(0, timestamp, metrics), good], NOW)

    assert accepted[-1] == Sample(1, datetime(2026, 6, 1, 11, tzinfo=UTC), {"power_output": 1.5})
    whole = [entry for entry in quarantined if entry.metric is None]
    stored = accepted[0].readings if accepted[0].position == 0 else {}
    if not whole:
        assert {series.partition(":")[0] for series in stored} | {
            name for name in metrics if any((entry.metric or "").startswith(_printed(name)) for entry in quarantined)
        } == set(metrics)
    for series, value in stored.items():
        metric = CATALOGUE[series.partition(":")[0]]
        assert metric.minimum <= value <= metric.maximum
    for entry in quarantined:
        assert entry.raw.isascii()
        assert len(entry.raw) <= RAW_BYTES
        assert "\0" not in f"{entry.metric}{entry.detail}"
        json.dumps(entry._asdict(), default=str).encode()


def _printed(name: str) -> str:
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in name)


@given(st.datetimes(NOW.replace(tzinfo=None) - timedelta(days=399), NOW.replace(tzinfo=None)), st.integers(-720, 720))
def test_an_instant_is_the_same_in_every_way_of_writing_it(at: datetime, offset_minutes: int) -> None:
    instant = at.replace(tzinfo=UTC)
    text = instant.astimezone(timezone(timedelta(minutes=offset_minutes))).isoformat()
    microseconds = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    for timestamp in (text, microseconds / 1e6, microseconds / 1e3):
        assert abs(sift_one({"power_output": 1.0}, timestamp).accepted[0].at - instant) <= timedelta(microseconds=1)
