from datetime import UTC, datetime, timedelta

import pytest

from solarhub.devices.liveness import is_asleep, judge, sleeps_at_night
from solarhub.devices.vocabulary import DeviceStatus, DeviceType

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MIDNIGHT = datetime(2024, 6, 21, 19, tzinfo=UTC)
LAHORE = (31.52, 74.36)
MINUTE = timedelta(minutes=1)
LONG_AGO = NOON - timedelta(days=1)

ONLINE, OFFLINE, UNKNOWN, MAINTENANCE, ERROR = (
    DeviceStatus.ONLINE,
    DeviceStatus.OFFLINE,
    DeviceStatus.UNKNOWN,
    DeviceStatus.MAINTENANCE,
    DeviceStatus.ERROR,
)


def judged(
    present: DeviceStatus,
    silence: timedelta | None,
    *,
    interval: timedelta = MINUTE,
    asleep: bool = False,
    listening_since: datetime = LONG_AGO,
) -> DeviceStatus:
    return judge(
        present,
        last_received_at=None if silence is None else NOON - silence,
        interval=interval,
        asleep=asleep,
        listening_since=listening_since,
        now=NOON,
    )


@pytest.mark.parametrize("present", [ONLINE, OFFLINE, UNKNOWN, ERROR])
def test_a_device_heard_within_three_of_its_intervals_is_online(present: DeviceStatus) -> None:
    assert judged(present, timedelta(0)) is ONLINE
    assert judged(present, 3 * MINUTE) is ONLINE
    assert judged(present, 14 * MINUTE, interval=5 * MINUTE) is ONLINE


@pytest.mark.parametrize("present", [ONLINE, OFFLINE, UNKNOWN, ERROR])
def test_a_silent_device_goes_offline_after_three_intervals(present: DeviceStatus) -> None:
    assert judged(present, 3 * MINUTE + timedelta(seconds=1)) is OFFLINE
    assert judged(present, 16 * MINUTE, interval=5 * MINUTE) is OFFLINE


def test_a_device_that_was_never_heard_stays_unknown() -> None:
    assert judged(UNKNOWN, None) is UNKNOWN


def test_maintenance_is_a_persons_word() -> None:
    assert judged(MAINTENANCE, timedelta(0)) is MAINTENANCE
    assert judged(MAINTENANCE, timedelta(days=3)) is MAINTENANCE
    assert judged(MAINTENANCE, None) is MAINTENANCE


def test_the_hubs_own_outage_takes_nobody_offline() -> None:
    silence = timedelta(hours=2)
    for awake in (timedelta(0), MINUTE, 3 * MINUTE):
        assert judged(ONLINE, silence, listening_since=NOON - awake) is ONLINE
        assert judged(OFFLINE, silence, listening_since=NOON - awake) is OFFLINE
    assert judged(ONLINE, silence, listening_since=NOON - 3 * MINUTE - timedelta(seconds=1)) is OFFLINE


def test_a_sleeping_device_keeps_the_status_it_had() -> None:
    assert judged(ONLINE, timedelta(hours=8), asleep=True) is ONLINE
    assert judged(OFFLINE, timedelta(hours=8), asleep=True) is OFFLINE
    assert judged(OFFLINE, timedelta(0), asleep=True) is ONLINE


def test_inverters_without_a_battery_sleep_while_the_sun_is_down() -> None:
    assert is_asleep(DeviceType.INVERTER, "on_grid", *LAHORE, MIDNIGHT)
    assert is_asleep(DeviceType.INVERTER, None, *LAHORE, MIDNIGHT)
    assert not is_asleep(DeviceType.INVERTER, None, *LAHORE, NOON)
    assert not is_asleep(DeviceType.INVERTER, "hybrid", *LAHORE, MIDNIGHT)
    assert not is_asleep(DeviceType.INVERTER, "off_grid", *LAHORE, MIDNIGHT)


@pytest.mark.parametrize("device_type", [kind for kind in DeviceType if kind is not DeviceType.INVERTER])
def test_nothing_else_sleeps(device_type: DeviceType) -> None:
    assert not sleeps_at_night(device_type, None)
