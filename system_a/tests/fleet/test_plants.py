from datetime import timedelta
from typing import Any

import pytest

from solarhub.devices.vocabulary import DeviceType
from solarhub.fleet.plants import PowerReading, State, course_of, power_of, urgency
from solarhub.sites.vocabulary import SiteStatus
from tests.fleet.making import MIDNIGHT, MINUTE, NOON, situation


def test_a_plant_needs_attention_when_something_is_wrong_with_it() -> None:
    assert {state for state in State if state.needs_attention} == {
        State.CRITICAL, State.SILENT, State.WARNING, State.PARTLY_SILENT, State.NOTICE,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.WORKING),
        ({"info_alerts": 1}, State.NOTICE),
        ({"warning_alerts": 1, "info_alerts": 3}, State.WARNING),
        ({"critical_alerts": 1, "warning_alerts": 3}, State.CRITICAL),
        ({"offline": 1}, State.PARTLY_SILENT),
        ({"offline": 1, "warning_alerts": 1}, State.WARNING),
        ({"online": 0, "offline": 2}, State.SILENT),
        ({"online": 0, "error": 2, "unknown": 1}, State.SILENT),
        ({"online": 0, "offline": 2, "warning_alerts": 1}, State.SILENT),
        ({"online": 0, "offline": 2, "critical_alerts": 1}, State.CRITICAL),
        ({"online": 0, "unknown": 2, "last_sample_at": None}, State.WAITING),
        ({"online": 0, "last_sample_at": None}, State.WAITING),
        ({"online": 0, "maintenance": 2}, State.MAINTENANCE),
        ({"status": SiteStatus.MAINTENANCE, "online": 0, "offline": 2}, State.MAINTENANCE),
        ({"status": SiteStatus.INACTIVE, "critical_alerts": 1}, State.INACTIVE),
    ],
)
def test_a_plants_state_is_the_worst_thing_about_it(changes: dict[str, Any], state: State) -> None:
    assert situation(**changes).state(NOON) is state


def test_a_plant_that_is_quiet_at_night_is_asleep() -> None:
    quiet = situation(last_sample_at=MIDNIGHT - 20 * MINUTE)
    assert quiet.state(MIDNIGHT) is State.ASLEEP
    assert situation(last_sample_at=MIDNIGHT - MINUTE).state(MIDNIGHT) is State.WORKING
    assert situation(last_sample_at=NOON - 20 * MINUTE).state(NOON) is State.WORKING


def test_plants_stand_in_the_order_in_which_they_need_somebody() -> None:
    plants = [
        situation(name="Fine"),
        situation(name="Many warnings", warning_alerts=3),
        situation(name="A warning", warning_alerts=1),
        situation(name="Silent", online=0, offline=2),
        situation(name="Critical", critical_alerts=1),
        situation(name="b warning", warning_alerts=1),
    ]
    assert [plant.name for plant in sorted(plants, key=lambda each: urgency(each, each.state(NOON)))] == [
        "Critical",
        "Silent",
        "Many warnings",
        "A warning",
        "b warning",
        "Fine",
    ]


def reading(kw: float, ago: timedelta, device_type: DeviceType = DeviceType.INVERTER) -> PowerReading:
    return PowerReading(device_type, kw, NOON - ago, MINUTE)


def test_power_is_the_sum_of_the_inverters() -> None:
    assert power_of([reading(3, MINUTE), reading(4.5, 2 * MINUTE)], NOON) == (7.5, NOON - MINUTE, True)
    assert power_of([reading(3, MINUTE), reading(7, MINUTE, DeviceType.METER)], NOON) == (3, NOON - MINUTE, True)
    assert power_of([reading(7, MINUTE, DeviceType.METER)], NOON) == (7, NOON - MINUTE, True)
    assert power_of([], NOON) is None


def test_an_inverter_that_fell_silent_gives_nothing_to_the_sum() -> None:
    assert power_of([reading(3, MINUTE), reading(4.5, 5 * MINUTE)], NOON) == (3, NOON - MINUTE, True)


def test_power_that_three_reports_should_have_replaced_is_not_current() -> None:
    assert power_of([reading(3, 3 * MINUTE)], NOON) == (3, NOON - 3 * MINUTE, True)
    assert power_of([reading(3, 4 * MINUTE)], NOON) == (3, NOON - 4 * MINUTE, False)


def test_a_course_adds_up_what_is_known_of_each_quarter() -> None:
    assert course_of([[1, None, 2], [3, None, None]]) == [4, None, 2]
    assert course_of([]) == []
