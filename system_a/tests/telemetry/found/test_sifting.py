"""What was told is judged as every sample is, at the time that was told or at which it came."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from solarhub.drivers.dialects import Told
from solarhub.telemetry.found.sifting import sifted
from solarhub.telemetry.vocabulary import Reason

AT = datetime(2026, 6, 21, 7, 0, 0, 123_456, tzinfo=UTC)
KARACHI = ZoneInfo("Asia/Karachi")


def told(at: datetime | None = None, **more: object) -> Told:
    readings = {"power_dc": 1.5, "power_dc:mppt1": 0.7, "power_dc:mppt2": 0.8}
    return Told("s", "d", 1, at, readings, **more)  # type: ignore[arg-type]  # of a test


def test_a_metric_and_its_channels_fit_into_one_sample() -> None:
    (sample,) = sifted(told(), AT, UTC).accepted

    assert sample.readings == {"power_dc": 1.5, "power_dc:mppt1": 0.7, "power_dc:mppt2": 0.8}
    assert sample.at == AT


def test_a_time_without_a_zone_is_the_plants() -> None:
    local = datetime(2026, 6, 21, 11, 59)  # noqa: DTZ001 - it names no zone

    assert sifted(told(local), AT, KARACHI).accepted[0].at == datetime(2026, 6, 21, 6, 59, tzinfo=UTC)


def test_a_clock_that_is_ahead_is_refused_against_the_time_of_arrival() -> None:
    (entry,) = sifted(Told("s", "d", 1, AT + timedelta(hours=5), {"power_dc": 1.0}), AT, UTC).quarantined

    assert entry.reason is Reason.TIMESTAMP_IN_FUTURE


def test_a_time_that_is_none_is_refused_with_what_stood_there() -> None:
    (entry,) = sifted(Told("s", "d", 1, None, {"power_dc": 1.0}, unread_time="soon"), AT, UTC).quarantined

    assert (entry.reason, '"soon"' in entry.raw) == (Reason.TIMESTAMP_UNREADABLE, True)


def test_a_bad_value_leaves_its_neighbours_alone() -> None:
    accepted, quarantined = sifted(Told("s", "d", 1, None, {"power_dc": "x", "frequency": 50.0}), AT, UTC)

    assert [sample.readings for sample in accepted] == [{"frequency": 50.0}]
    assert [entry.metric for entry in quarantined] == ["power_dc"]
