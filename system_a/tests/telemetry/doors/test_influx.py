"""Points as samples of the devices that they are about."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest

from solarhub.devices.identity import KnownDevice
from solarhub.metrics import CATALOGUE
from solarhub.telemetry.doors.influx import PRECISIONS, samples, told
from solarhub.telemetry.doors.line_protocol import parse
from solarhub.telemetry.sample import Quarantined, Sample
from solarhub.telemetry.vocabulary import Reason

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NS = 1772366400_000000000
ORGANIZATION = UUID(int=1)  # the same in every process: names of tests are made of them
GATEWAY, FIRST, SECOND = (KnownDevice(UUID(int=1 + key), ORGANIZATION, 1, key) for key in (1, 2, 3))
RATED = KnownDevice(UUID(int=9), ORGANIZATION, 1, 4, rated_kw=5.0)
CHILDREN = {"Inverter 1": FIRST, "SN-1": FIRST, str(FIRST.device_id): FIRST, "Inverter 2": SECOND, "Small": RATED}


def read(
    lines: str, sender: KnownDevice = GATEWAY, children: Mapping[str, KnownDevice] = CHILDREN, precision: str = "ns"
) -> dict[int, tuple[list[Sample], list[Quarantined]]]:
    """What became of the lines, by `device_key`."""
    points, faults = parse(lines.encode())
    sent = samples(points, faults, sender, children, CATALOGUE, milliseconds=PRECISIONS[precision], arrived_at=NOW)
    return {each.device.device_key: (each.sifted.accepted, each.sifted.quarantined) for each in sent}


def reasons(quarantined: list[Quarantined]) -> list[tuple[str | None, Reason]]:
    return [(entry.metric, entry.reason) for entry in quarantined]


def test_fields_are_metrics_and_the_tag_channel_is_their_channel() -> None:
    accepted, quarantined = read(f"m,channel=MPPT1,phase=x voltage_dc=612.5,current_dc=8i {NS}")[1]

    assert accepted == [Sample(0, NOW, {"voltage_dc:mppt1": 612.5, "current_dc:mppt1": 8.0})]
    assert quarantined == []


def test_lines_of_one_instant_are_one_sample() -> None:
    lines = (
        f"a power_output=2.9 {NS}\nb,channel=l1 voltage_ac=231 {NS}\na voltage_ac=230 {NS}\na frequency=50 {NS + 10**9}"
    )
    accepted, _ = read(lines)[1]

    assert [sample.readings for sample in accepted] == [
        {"power_output": 2.9, "voltage_ac:l1": 231.0, "voltage_ac": 230.0},
        {"frequency": 50.0},
    ]


def test_a_second_word_about_the_same_value_is_a_sample_of_its_own() -> None:
    accepted, _ = read(f"a power_output=2.9,frequency=50 {NS}\nb power_output=3.1 {NS}\nc frequency=50 {NS}")[1]

    assert [(sample.at, sample.readings) for sample in accepted] == [
        (NOW, {"power_output": 2.9, "frequency": 50.0}),
        (NOW, {"power_output": 3.1, "frequency": 50.0}),
    ]


@pytest.mark.parametrize(
    ("precision", "timestamp"),
    [("ns", NS), ("n", NS), ("", NS), ("us", NS // 10**3), ("u", NS // 10**3), ("ms", NS // 10**6), ("s", NS // 10**9)],
)
def test_times_are_counted_as_the_request_says(precision: str, timestamp: int) -> None:
    accepted, _ = read(f"m power_output=1 {timestamp}", precision=precision)[1]
    assert accepted[0].at == NOW


def test_minutes_and_hours_are_counted_too() -> None:
    for precision, seconds in (("m", 60), ("h", 3600)):
        accepted, _ = read(f"m power_output=1 {NS // 10**9 // seconds}", precision=precision)[1]
        assert accepted[0].at == NOW


def test_nanoseconds_end_at_whole_microseconds() -> None:
    accepted, _ = read(f"m power_output=1 {NS + 123_456_789}\nm frequency=50 {NS + 123_456_001}")[1]

    assert [(sample.at, sample.readings) for sample in accepted] == [
        (NOW.replace(microsecond=123_456), {"power_output": 1.0, "frequency": 50.0})
    ]


def test_a_point_without_a_time_gets_that_of_its_arrival() -> None:
    accepted, _ = read("a power_output=2.9\nb frequency=50")[1]

    assert [(sample.at, sample.readings) for sample in accepted] == [(NOW, {"power_output": 2.9, "frequency": 50.0})]


@pytest.mark.parametrize(
    "tag", [r"device=Inverter\ 1", "serial=SN-1", f"device={FIRST.device_id}", r"host=Inverter\ 1"]
)
def test_a_gateway_names_the_device_that_measured(tag: str) -> None:
    sent = read(f"m,{tag} power_output=2.9 {NS}")

    assert [sample.readings for sample in sent[FIRST.device_key][0]] == [{"power_output": 2.9}]
    assert sent[GATEWAY.device_key] == ([], [])


@pytest.mark.parametrize("tag", [f"device={GATEWAY.device_id}", "host=raspberrypi", "name=whatever"])
def test_what_names_nobody_else_is_the_senders_own(tag: str) -> None:
    assert read(f"m,{tag} uptime=5i {NS}")[GATEWAY.device_key][0][0].readings == {"uptime": 5.0}


def test_nobody_speaks_for_strangers() -> None:
    lines = rf"m,device=Inverter\ 9 power_output=2.9 {NS}" + f"\nm power_output=1 {NS}"
    for children in (CHILDREN, {}):
        accepted, quarantined = read(lines, children=children)[GATEWAY.device_key]
        assert [sample.readings for sample in accepted] == [{"power_output": 1.0}]
        assert reasons(quarantined) == [(None, Reason.UNKNOWN_DEVICE)]
        assert "Inverter 9 is no device for which this token speaks" in quarantined[0].detail
        assert '"power_output": 2.9' in quarantined[0].raw


def test_each_device_is_judged_by_its_own_rating() -> None:
    sent = read(f"m,device=Small power_output=50 {NS}\nm,device=Inverter\\ 2 power_output=50 {NS}")

    assert reasons(sent[RATED.device_key][1]) == [("power_output", Reason.IMPLAUSIBLE)]
    assert sent[SECOND.device_key][0][0].readings == {"power_output": 50.0}


def test_what_is_no_reading_is_quarantined_and_its_neighbours_are_stored() -> None:
    odd_channel = rf"m,channel=l\ 1 voltage_ac=230 {NS}"
    mixed = f'm usage_idle=98.2,power_output=2.9,operating_state="on",mains_present=t {NS}'
    accepted, quarantined = read(f"{odd_channel}\n{mixed}")[1]

    assert [sample.readings for sample in accepted] == [{"power_output": 2.9, "mains_present": 1.0}]
    assert reasons(quarantined) == [
        ("voltage_ac:l 1", Reason.UNREADABLE_CHANNEL),
        ("usage_idle", Reason.UNKNOWN_METRIC),
        ("operating_state", Reason.NOT_A_NUMBER),
    ]


def test_a_truth_is_no_quantity() -> None:
    assert reasons(read(f"m power_output=true {NS}")[1][1]) == [("power_output", Reason.NOT_A_NUMBER)]


def test_lines_that_are_no_points_are_listed_and_told_up_to_a_limit() -> None:
    lines = "\n".join(f"broken{number}" for number in range(150))
    _, quarantined = read(lines)[1]
    _, faults = parse(lines.encode())

    assert len(quarantined) == 101
    assert {entry.reason for entry in quarantined} == {Reason.WRONG_SHAPE}
    assert quarantined[0].raw == '"broken0"'
    assert quarantined[-1].detail.startswith("50 more lines are no points")
    assert told(faults).splitlines()[0] == "unable to parse 'broken0': missing fields"
    assert len(told(faults).splitlines()) == 10
