"""The hub's own JSON and one value per topic, for devices and for those who are not known yet."""

from datetime import UTC, datetime

from tests.drivers.dialects.reading import one, read

PLACE = "plants/gulberg/inverter1"


def test_the_hubs_own_body_is_read_under_any_topic() -> None:
    told = one(
        PLACE, b'{"timestamp":"2026-06-21T12:00:00+05:00","metrics":{"power_output":3.2,"voltage_ac":{"l1":230.5}}}'
    )

    assert told.readings == {"power_output": 3.2, "voltage_ac:l1": 230.5}
    assert told.at == datetime(2026, 6, 21, 7, 0, tzinfo=UTC)
    assert (told.sender, told.dialect) == (PLACE, "json")


def test_several_samples_in_one_body_are_several() -> None:
    told = read(
        PLACE, b'{"samples":[{"timestamp":1782025200,"metrics":{"power_output":1}},{"metrics":{"power_output":2}}]}'
    )

    assert [each.readings for each in told] == [{"power_output": 1}, {"power_output": 2}]
    assert [each.at for each in told] == [datetime(2026, 6, 21, 7, 0, tzinfo=UTC), None]


def test_a_time_without_an_offset_is_handed_on_to_be_refused_as_at_the_http_door() -> None:
    told = one(PLACE, b'{"timestamp":"2026-06-21T12:00:00","metrics":{"power_output":3.2}}')

    assert told.timestamp(UTC) == "2026-06-21T12:00:00"


def test_under_a_devices_own_topic_a_body_belongs_to_the_device() -> None:
    assert one(f"{PLACE}/telemetry", b'{"metrics":{"power_output":3}}', prefix=PLACE).readings == {"power_output": 3}


def test_one_value_per_topic_is_named_by_the_topic() -> None:
    assert one(f"{PLACE}/power_output", "3.25", prefix=PLACE).readings == {"power_output": 3.25}
    assert one(f"{PLACE}/power_dc/mppt1", "1.5", prefix=PLACE).readings == {"power_dc:mppt1": 1.5}
    assert one(f"{PLACE}/power_output", "3.25").sender == PLACE


def test_a_metric_that_nobody_knows_is_refused_for_a_device_and_none_of_ours_elsewhere() -> None:
    assert one(f"{PLACE}/power_ouput", "3", prefix=PLACE).readings == {"power_ouput": 3.0}
    assert one("home/kitchen/brightness", "3").dialect == ""


def test_an_own_metric_of_an_organization_comes_by_the_same_way() -> None:
    assert one(f"{PLACE}/x_pump_speed", "1450", prefix=PLACE).readings == {"x_pump_speed": 1450.0}
