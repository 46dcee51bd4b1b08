"""grott: tenths and hundredths, a flag for what was buffered, and the inverter's own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.drivers.dialects.reading import one, read

BODY = (
    b'{"device":"NTCIA17036","time":"2021-11-20T10:28:29","buffered":"no","values":{"pvstatus":5,"pvpowerin":17700,'
    b'"pv1voltage":3653,"pv1watt":10090,"pvpowerout":16596,"pvfrequentie":5004}}'
)
KARACHI = ZoneInfo("Asia/Karachi")


def test_power_and_voltage_are_tenths_and_frequency_is_hundredths() -> None:
    told = one("energy/growatt", BODY)

    assert told.readings == {
        "power_dc": 1.77,
        "voltage_dc:mppt1": 365.3,
        "power_dc:mppt1": 1.009,
        "power_output": 1.6596,
        "frequency": 50.04,
        "vendor_state": 5.0,
    }
    assert (told.sender, told.dialect, told.scattered) == ("energy/growatt/NTCIA17036", "grott", False)


def test_its_time_is_the_clock_on_the_wall_of_the_plant() -> None:
    told = one("energy/growatt", BODY)

    assert told.at == datetime(2021, 11, 20, 10, 28, 29)  # noqa: DTZ001 - it names no zone
    assert told.timestamp(KARACHI) == "2021-11-20T05:28:29+00:00"
    assert told.timestamp(UTC) == "2021-11-20T10:28:29+00:00"


@pytest.mark.parametrize(("flag", "is_historical"), [(b"no", False), (b"yes", True), (b"nodetect", True)])
def test_what_was_buffered_is_history(flag: bytes, is_historical: bool) -> None:
    told = one("energy/growatt", BODY.replace(b'"buffered":"no"', b'"buffered":"' + flag + b'"'))

    assert told.historical is is_historical


@pytest.mark.parametrize(("status", "state"), [(b"0", 8.0), (b"1", 4.0), (b"3", 7.0)])
def test_the_states_that_all_models_share_are_known(status: bytes, state: float) -> None:
    told = one("energy/growatt", BODY.replace(b'"pvstatus":5', b'"pvstatus":' + status))

    assert told.readings["operating_state"] == state
    assert told.readings["vendor_state"] == float(status)


def test_the_energy_counters_are_tenths_too() -> None:
    body = BODY.replace(b'"pvstatus":5', b'"pvenergytoday":123,"pvenergytotal":456789')

    told = one("energy/growatt", body)

    assert (told.readings["energy_today"], told.readings["energy_total"]) == (12.3, 45678.9)


def test_it_says_what_it_is() -> None:
    assert one("energy/growatt", BODY).facts == {
        "device_type": "inverter",
        "manufacturer": "Growatt",
        "serial_number": "NTCIA17036",
        "name": "Growatt NTCIA17036",
    }


def test_a_null_is_nothing_and_a_zero_is_zero() -> None:
    told = one("energy/growatt", BODY.replace(b"17700", b"null").replace(b"16596", b"0"))

    assert "power_dc" not in told.readings
    assert told.readings["power_output"] == 0.0


def test_a_time_that_is_none_is_handed_on_to_be_refused() -> None:
    told = one("energy/growatt", BODY.replace(b"2021-11-20T10:28:29", b"yesterday"))

    assert told.at is None
    assert told.timestamp(KARACHI) == "yesterday"


def test_what_is_retained_has_its_time_with_it() -> None:
    assert len(read("energy/growatt", BODY, retained=True)) == 1


def test_it_is_known_by_its_shape_under_any_topic() -> None:
    assert one("plant7/inverters", BODY).sender == "plant7/inverters/NTCIA17036"
