"""Whatever comes, reading never raises, and tells nothing that was not sent."""

import json

from hypothesis import given
from hypothesis import strategies as st

from solarhub import metrics
from solarhub.drivers.dialects import Memory
from tests.drivers.dialects.reading import one, read

TOPICS = st.sampled_from(
    ["solar/114182912345/0/power", "solar/114182912345/status/last_update", "energy/growatt", "tele/plug/SENSOR",
     "solar_assistant/inverter_1/device_mode/state", "inverter/HM/ch0", "s/status/em:0", "s/events/rpc",
     "v1/devices/me/telemetry", "v1/gateway/telemetry", "N/a/grid/1/Ac/Power", "deye/dc/pv1/power", "plants/a",
     "homeassistant/sensor/x/config", "homeassistant/device/x/config", "bridge/state", "plants/a/power_output"]
)  # fmt: skip
NAMES = [
    "ENERGY",
    "values",
    "metrics",
    "samples",
    "ts",
    "time",
    "Time",
    "device",
    "buffered",
    "id",
    "value",
    "params",
    "method",
    "em:0",
    "a_act_power",
    "power_output",
    "pvpowerin",
    "dev",
    "cmps",
    "ids",
    "stat_t",
    "val_tpl",
    "dev_cla",
    "unit_of_meas",
    "avty",
    "p",
    "timestamp",
    "Power",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)


@given(st.text(max_size=60) | TOPICS, st.binary(max_size=200))
def test_any_topic_with_any_bytes_is_read_without_harm(topic: str, payload: bytes) -> None:
    memory = Memory()

    for told in read(topic, payload, memory=memory) + read(topic, payload, prefix="plants/a", memory=memory):
        assert told.dialect or not told.readings
        assert None not in told.readings.values()


@given(TOPICS, JSON)
def test_any_json_under_a_known_topic_is_read_without_harm(topic: str, body: object) -> None:
    memory = Memory()
    read(topic, json.dumps(body), memory=memory)
    for state in memory.topics():
        read(state, json.dumps(body), memory=memory)

    for told in read(topic, json.dumps(body), memory=memory):
        assert all(isinstance(value, str) for value in told.facts.values())
        "".join([told.sender, *told.facts.values()]).encode()


@given(st.binary(max_size=300))
def test_what_a_sender_is_called_is_one_printable_line(name: bytes) -> None:
    body = {
        "device": name.decode("utf-8", "surrogateescape"),
        "time": "x",
        "buffered": "no",
        "values": {"pvpowerin": 1},
    }
    for told in read("energy/growatt", json.dumps(body)):
        assert "\0" not in told.sender
        assert told.sender.isprintable()
        told.sender.encode()


def test_nested_as_deep_as_it_goes_is_nobody_s_message() -> None:
    assert one("energy/growatt", b"[" * 100_000).dialect == ""


def test_a_number_of_a_thousand_digits_is_infinite_and_refused_later() -> None:
    told = one(
        "energy/growatt", b'{"device":"a","time":"x","buffered":"no","values":{"pvpowerin":1' + b"0" * 1000 + b"}}"
    )

    assert told.readings["power_dc"] == float("inf")


def test_a_message_that_nobody_understands_is_told_with_its_topic() -> None:
    told = one("zigbee2mqtt/bridge/state", b"online")

    assert (told.sender, told.dialect, told.readings) == ("zigbee2mqtt/bridge", "", {})


def test_a_topic_or_a_payload_that_is_far_too_long_is_nobody_s() -> None:
    assert one("a/" * 400, b"1").dialect == ""
    assert one("energy/growatt", b" " * 1_000_001).dialect == ""


def test_every_series_that_a_file_names_is_in_the_catalogue() -> None:
    told = [
        each
        for topic in ("solar/114182912345/0/power", "deye/battery/soc", "inverter/a/ch1/P_DC")
        for each in read(topic, "1")
    ]

    for series in (series for each in told for series in each.readings):
        assert metrics.parse_series(series)
