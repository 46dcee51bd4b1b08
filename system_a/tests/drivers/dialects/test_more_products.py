"""AhoyDTU, Tasmota, Shelly, ThingsBoard's device API, Victron, deye-inverter-mqtt."""

from datetime import UTC, datetime

import pytest

from tests.drivers.dialects.reading import one, read, readings

SENSOR = (
    b'{"Time":"2025-01-02T10:30:00","ENERGY":{"TotalStartTime":"2024-01-01T00:00:00","Total":123.456,"Yesterday":4.567,'
    b'"Today":1.234,"Period":2,"Power":45,"ApparentPower":50,"ReactivePower":20,"Factor":0.90,"Voltage":240,'
    b'"Current":0.188}}'
)


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("ch0/P_AC", "71.000", {"power_output": 0.071}),
        ("ch0/YieldDay", "465", {"energy_today": 0.465}),
        ("ch0/YieldTotal", "465.294", {"energy_total": 465.294}),
        ("ch2/U_DC", "33.4", {"voltage_dc:mppt2": 33.4}),
        ("ch2/YieldDay", "120", {"energy_dc_today:mppt2": 0.12}),
    ],
)
def test_ahoydtu_has_the_day_in_watt_hours_too(topic: str, payload: str, expected: dict[str, float]) -> None:
    told = one(f"inverter/HM-1500/{topic}", payload)

    assert (told.dialect, told.readings, told.sender) == ("ahoydtu", expected, "inverter/HM-1500")


def test_ahoydtus_json_of_several_channels_bears_one_time() -> None:
    first = one("inverter/HM-1500/ch0", b'{"U_AC":231.2,"P_AC":71,"YieldDay":465,"ts":1782025200}')
    second = one("inverter/HM-1500/ch1", b'{"U_DC":33.1,"P_DC":36,"ts":1782025200}')

    assert first.at == second.at == datetime(2026, 6, 21, 7, 0, tzinfo=UTC)
    assert first.scattered
    assert second.scattered


def test_ahoydtus_availability_is_no_value() -> None:
    assert one("inverter/HM-1500/available", "0").available is False
    assert one("inverter/HM-1500/available", "4").available is True
    assert read("inverter/status", "2") == read("inverter/sunrise", "1782010000") == []


@pytest.mark.parametrize("topic", ["tele/plug1/SENSOR", "plug1/tele/SENSOR"])
def test_tasmotas_time_is_local_and_its_energy_in_kilowatt_hours(topic: str) -> None:
    told = one(topic, SENSOR)

    assert told.at == datetime(2025, 1, 2, 10, 30)  # noqa: DTZ001 - it names no zone
    assert told.readings["load_total"] == 123.456
    assert told.readings["load_power"] == 0.045
    assert (told.sender, told.dialect) == ("plug1", "tasmota")


def test_tasmotas_arrays_are_phases() -> None:
    told = one("tele/meter/SENSOR", b'{"Time":"2025-01-02T10:30:00","ENERGY":{"Power":[100,null,300],"Total":5.5}}')

    assert told.readings == {"load_power:l1": 0.1, "load_power:l3": 0.3, "load_total": 5.5}


def test_tasmotas_last_will() -> None:
    assert one("tele/plug1/LWT", "Online").available is True
    assert one("tele/plug1/LWT", "Offline").available is False


def test_shellys_three_phases_and_their_sum() -> None:
    told = one(
        "shellypro3em-1/status/em:0",
        b'{"id":0,"a_current":1.1,"a_voltage":230.2,"a_act_power":200.5,"n_current":null,"total_act_power":400.0}',
    )

    assert told.readings == {
        "grid_power:l1": 0.2005, "voltage_ac:l1": 230.2, "current_ac:l1": 1.1, "grid_power": 0.4,
    }  # fmt: skip


def test_shellys_counters_are_watt_hours_under_two_keys() -> None:
    three = readings("s/status/emdata:0", b'{"id":0,"total_act":3458.24,"total_act_ret":1605.24}')
    single = readings("s/status/em1data:0", b'{"id":0,"total_act_energy":3458.24,"total_act_ret_energy":1605.24}')

    assert three == single == {"grid_import_total": 3.45824, "grid_export_total": 1.60524}


def test_shellys_notifications_hold_what_changed_and_when() -> None:
    told = one(
        "s/events/rpc", b'{"src":"s","method":"NotifyStatus","params":{"ts":1782025200.5,"em1:0":{"act_power":598.9}}}'
    )

    assert told.readings == {"grid_power": 0.5989}
    assert told.at == datetime(2026, 6, 21, 7, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"ts":1782025200000,"values":{"power_output":26}}',
        b'[{"ts":1782025200000,"values":{"power_output":26}}]',
    ],
)
def test_thingsboards_forms_say_the_same(payload: bytes) -> None:
    told = one("v1/devices/me/telemetry", payload)

    assert told.readings == {"power_output": 26}
    assert told.at == datetime(2026, 6, 21, 7, 0, tzinfo=UTC)


def test_thingsboards_shortest_form_has_no_time() -> None:
    told = one("v1/devices/me/telemetry", b'{"power_output":42.0,"unheard_of":1}')

    assert (told.at, told.readings) == (None, {"power_output": 42.0, "unheard_of": 1})


def test_a_thingsboard_gateway_names_its_devices() -> None:
    told = one("v1/gateway/telemetry", b'{"Device A":[{"ts":1782025200000,"values":{"power_output":26}}]}')

    assert (told.sender, told.facts) == ("v1/gateway/Device A", {"name": "Device A"})


def test_victrons_null_is_nothing_and_its_empty_message_a_farewell() -> None:
    topic = "N/48e7da/pvinverter/20/Ac/Power"

    assert readings(topic, b'{"value": 936}') == {"power_output": 0.936}
    assert read(topic, b'{"value": null}') == []
    assert one(topic, b"").available is False


def test_victrons_services_are_senders() -> None:
    assert one("N/48e7da/battery/512/Soc", b'{"value": 81.5}').sender == "N/48e7da/battery/512"
    assert readings("N/48e7da/system/0/Ac/Consumption/Total/Power", b'{"value": 1200}') == {"load_power": 1.2}
    assert read("N/48e7da/full_publish_completed", b'{"value": 1}') == []


def test_deyes_battery_discharges_with_a_plus() -> None:
    assert readings("deye/battery/power", "300") == {"battery_power": -0.3}
    assert readings("deye/dc/pv1/power", "512") == {"power_dc:mppt1": 0.512}
    assert readings("deye/2/ac/total_grid_power", "-120") == {"grid_power": -0.12}
    assert one("deye/logger_status", "offline").available is False


def test_what_means_two_things_with_two_models_is_left_alone() -> None:
    assert read("deye/ac/total_power", "500") == []
