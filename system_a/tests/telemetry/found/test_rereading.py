"""Kept messages are read as they were when they came: the same bursts, the same instants."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from solarhub.drivers.dialects import Dialects, Memory, Message
from solarhub.metrics import CATALOGUE
from solarhub.telemetry.found.preview import example, previewed
from solarhub.telemetry.found.rereading import Reader, reread
from tests.telemetry.found.conftest import DIALECTS, INVERTER, burst

AT = datetime(2026, 6, 21, 7, 0, tzinfo=UTC)


def reader(sender: str = INVERTER, dialects: Dialects = DIALECTS) -> Reader:
    return Reader(dialects, Memory(), sender, UTC, CATALOGUE, None)


def test_a_burst_is_one_sample_of_the_bundle_in_which_it_began() -> None:
    first, second = burst(AT), burst(AT + timedelta(seconds=5))

    found = reread([first[:2], [*first[2:], *second]], reader())

    assert [(place, sample.at, len(sample.readings)) for place, sample in found.samples] == [
        (0, AT, 3), (1, AT + timedelta(seconds=5), 3),
    ]  # fmt: skip
    assert found.mappings == {("opendtu", 1)}


def test_of_two_samples_at_one_instant_the_first_one_counts() -> None:
    body = b'{"timestamp":"2026-06-21T07:00:00Z","metrics":{"power_output":%d}}'
    messages = [Message("plant/a", body % number, AT + timedelta(seconds=number)) for number in (1, 2)]

    found = reread([messages], reader("plant/a"))

    assert [sample.readings for _, sample in found.samples] == [{"power_output": 1.0}]


def test_what_another_sender_says_in_the_same_message_is_not_told() -> None:
    sample = b'[{"ts":1782025200000,"values":{"power_output":%d}}]'
    body = b'{"A":' + sample % 1 + b',"B":' + sample % 2 + b"}"

    found = reread([[Message("v1/gateway/telemetry", body, AT)]], reader("v1/gateway/B"))

    assert [sample.readings for _, sample in found.samples] == [{"power_output": 2.0}]


def test_what_nobody_understands_is_nothing() -> None:
    assert reread([[Message("zigbee2mqtt/x", b"on", AT)]], reader("zigbee2mqtt")).samples == []


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 4)), max_size=40), st.integers(1, 7))
def test_how_messages_are_bundled_changes_no_sample(steps: list[tuple[int, int]], size: int) -> None:
    at, messages = AT, []
    for pause, number in steps:
        at += timedelta(milliseconds=pause)
        messages.append(Message(f"{INVERTER}/{number + 1}/power", b"%d" % pause, at))
    bundles = [messages[start : start + size] for start in range(0, len(messages), size)]

    whole, parted = reread([messages], reader()), reread(bundles, reader())

    assert [sample for _, sample in whole.samples] == [sample for _, sample in parted.samples]


def test_a_preview_says_what_would_be_read_and_what_would_not() -> None:
    messages = [*burst(AT), Message(f"{INVERTER}/0/frequency", b"6553.5", AT), Message("zigbee2mqtt/x", b"on", AT)]

    found = previewed({message.topic: example(message) for message in messages}, reader())

    assert [(each.series, each.value, each.unit) for each in found.values] == [
        ("power_output", 1.0, "kW"), ("energy_today", 0.5, "kWh"), ("voltage_dc:mppt1", 33.1, "V"),
    ]  # fmt: skip
    assert [(each.series, "no plausible frequency" in each.reason) for each in found.refused] == [("frequency", True)]
    assert found.unread == ["zigbee2mqtt/x"]


def test_an_example_is_short_text_whatever_came() -> None:
    shown = example(Message("a", b"\xff\0" * 5000, AT))

    assert len(shown["payload"]) == 1000
    assert "\0" not in shown["payload"]
