"""Home Assistant's discovery: what is announced is read, in both forms, and forgotten when it is taken back."""

import json

import pytest

from solarhub.drivers.dialects import Memory
from tests.drivers.dialects.reading import DIALECTS, one, read, readings

BEDROOM = (
    '{"device_class":"temperature","name":"Temperature","state_topic":"homeassistant/sensor/sensorBedroom/state",'
    '"unit_of_measurement":"°C","value_template":"{{ value_json.temperature}}"}'
)
STATE = "homeassistant/sensor/sensorBedroom/state"


def announced(*messages: tuple[str, object]) -> Memory:
    memory = Memory()
    for topic, body in messages:
        read(topic, body if isinstance(body, str) else json.dumps(body), memory=memory)
    return memory


def sensor(name: str, unit: str, kind: str, topic: str = "bridge/state", **more: object) -> dict[str, object]:
    return {"name": name, "stat_t": topic, "unit_of_meas": unit, "dev_cla": kind, **more}


def test_the_example_of_its_documentation_is_read() -> None:
    memory = announced(("homeassistant/sensor/sensorBedroomT/config", BEDROOM))

    told = one(STATE, '{"temperature":23.20,"humidity":43.70}', memory=memory)

    assert told.readings == {"temperature_ambient": 23.2}
    assert (told.dialect, told.scattered) == ("homeassistant", False)


def test_an_announcement_says_that_it_is_one() -> None:
    told = one("homeassistant/sensor/sensorBedroomT/config", BEDROOM, memory=Memory())

    assert (told.announces, told.readings) == (True, {})


def test_two_sensors_of_one_device_make_one_sample_of_one_message() -> None:
    device = {"ids": ["roof"], "name": "Roof", "mf": "Deye", "mdl": "SUN-5K", "sw": "1.2"}
    memory = announced(
        ("homeassistant/sensor/roof/p/config",
         sensor("AC Power", "W", "power", val_tpl="{{ value_json.ac.p }}", dev=device)),
        ("homeassistant/sensor/roof/e/config",
         sensor("Energy today", "Wh", "energy", val_tpl="{{ value_json['e']['day'] }}", dev=device)),
    )  # fmt: skip

    told = one("bridge/state", '{"ac":{"p":4200},"e":{"day":12500}}', memory=memory)

    assert told.readings == {"power_output": 4.2, "energy_today": 12.5}
    assert told.sender == "homeassistant/roof"
    assert told.facts == {"name": "Roof", "manufacturer": "Deye", "model": "SUN-5K", "firmware_version": "1.2"}


def test_what_opendtu_announces_is_read_where_its_own_topics_are_not_known() -> None:
    memory = announced(
        ("homeassistant/sensor/dtu_1/ch0_YieldDay/config",
         sensor("YieldDay", "Wh", "energy", "x/0/yd", uniq_id="1_ch0_YieldDay", stat_cla="total_increasing")),
        ("homeassistant/sensor/dtu_1/ch1_Power/config",
         sensor("CH1 Power", "W", "power", "x/1/p", uniq_id="1_ch1_Power")),
    )  # fmt: skip

    assert readings("x/0/yd", "1312", memory=memory) == {"energy_today": 1.312}
    assert readings("x/1/p", "31.2", memory=memory) == {"power_dc:mppt1": 0.0312}


def test_a_products_own_mapping_comes_before_what_it_announces() -> None:
    memory = announced(
        ("homeassistant/sensor/dtu_1/ch0_Power/config", sensor("Power", "W", "power", "solar/114182912345/0/power"))
    )

    assert one("solar/114182912345/0/power", "5", memory=memory).dialect == "opendtu"


def test_the_device_based_form_announces_all_sensors_at_once() -> None:
    body = {
        "dev": {"ids": "inv7", "name": "Inverter 7"},
        "o": {"name": "bridge"},
        "state_topic": "bridge/inv7",
        "cmps": {
            "a": {"p": "sensor", "unique_id": "a", "name": "Battery SoC", "device_class": "battery",
                  "unit_of_measurement": "%", "value_template": "{{ value_json.soc }}"},
            "b": {"platform": "sensor", "unique_id": "b", "name": "Grid frequency", "device_class": "frequency",
                  "unit_of_measurement": "mHz", "value_template": "{{ value_json.f | float }}"},
            "c": {"p": "switch", "unique_id": "c", "command_topic": "x"},
        },
    }  # fmt: skip
    memory = announced(("homeassistant/device/inv7/config", body))

    told = one("bridge/inv7", '{"soc":"81","f":50010}', memory=memory)

    assert told.readings == {"battery_soc": 81.0, "frequency": 50.01}
    assert (told.sender, told.facts) == ("homeassistant/inv7", {"name": "Inverter 7"})


def test_a_tilde_is_the_base_of_the_topics() -> None:
    memory = announced(
        ("homeassistant/sensor/x/config", {"~": "esp/solar", **sensor("PV power", "kW", "power", "~/pv")})
    )

    assert readings("esp/solar/pv", "2.5", memory=memory) == {"power_output": 2.5}


def test_an_empty_message_takes_the_announcement_back() -> None:
    memory = announced(("homeassistant/sensor/sensorBedroomT/config", BEDROOM))

    (told,) = read("homeassistant/sensor/sensorBedroomT/config", "", memory=memory)

    assert told.announces
    assert one(STATE, '{"temperature":23.2}', memory=memory).dialect == ""
    assert memory.topics() == []


def test_taking_back_what_was_never_announced_says_nothing() -> None:
    assert read("homeassistant/sensor/never/config", "", memory=Memory()) == []


def test_a_value_that_is_not_there_is_nothing_whatever_the_templates_default() -> None:
    memory = announced(
        ("homeassistant/sensor/x/config", sensor("Power", "W", "power", val_tpl="{{ value_json.p | float(0) }}"))
    )

    assert read("bridge/state", '{"q":1}', memory=memory) == []
    assert read("bridge/state", '{"p":null}', memory=memory) == []
    assert readings("bridge/state", '{"p":0}', memory=memory) == {"power_output": 0.0}


@pytest.mark.parametrize("nothing", ["unavailable", "unknown", "None", "nan", ""])
def test_words_for_nothing_are_nothing(nothing: str) -> None:
    memory = announced(("homeassistant/sensor/x/config", sensor("Power", "W", "power")))

    assert read("bridge/state", nothing, memory=memory) == []


def test_availability_is_told_of_the_device() -> None:
    memory = announced(
        ("homeassistant/sensor/x/config",
         sensor("Power", "W", "power", avty_t="bridge/lwt", pl_avail="up", pl_not_avail="down", dev={"ids": ["i"]}))
    )  # fmt: skip

    assert one("bridge/lwt", "up", memory=memory).available is True
    assert one("bridge/lwt", "down", memory=memory).available is False
    assert one("bridge/lwt", "down", memory=memory).sender == "homeassistant/i"


@pytest.mark.parametrize(
    ("name", "unit", "kind", "series"),
    [
        ("PV1 Voltage", "V", "voltage", "voltage_dc:mppt1"),
        ("Battery voltage", "V", "voltage", "battery_voltage"),
        ("Phase L2 voltage", "V", "voltage", "voltage_ac:l2"),
        ("Grid power", "W", "power", "grid_power"),
        ("House load", "W", "power", "load_power"),
        ("Battery power", "W", "power", "battery_power"),
        ("Grid energy bought today", "kWh", "energy", "grid_import_today"),
        ("Energy sold", "kWh", "energy", "grid_export_total"),
        ("Total energy", "MWh", "energy", "energy_total"),
        ("Battery charged today", "kWh", "energy", "battery_charge_today"),
        ("Radiator temperature", "°C", "temperature", "temperature_inverter"),
        ("Signal", "dBm", "signal_strength", "signal_strength"),
    ],
)
def test_class_unit_and_words_say_which_series_a_sensor_is(name: str, unit: str, kind: str, series: str) -> None:
    memory = announced(("homeassistant/sensor/x/config", sensor(name, unit, kind)))

    assert list(readings("bridge/state", "1", memory=memory)) == [series]


@pytest.mark.parametrize(
    ("unit", "kind"), [("lm", "illuminance"), ("", "power"), ("°F/h", "temperature"), ("kWh", "energy_storage")]
)
def test_a_sensor_that_is_no_series_of_ours_is_not_read(unit: str, kind: str) -> None:
    memory = announced(("homeassistant/sensor/x/config", sensor("Something", unit, kind)))

    assert memory.topics() == []


def test_of_two_sensors_for_one_series_the_same_one_speaks_whatever_came_first() -> None:
    ac = ("homeassistant/sensor/a/config", sensor("AC Power", "W", "power", "x/ac", dev={"ids": ["i"]}))
    solar = ("homeassistant/sensor/b/config", sensor("Solar power", "W", "power", "x/pv", dev={"ids": ["i"]}))

    for memory in (announced(ac, solar), announced(solar, ac)):
        assert readings("x/ac", "100", memory=memory) == {"power_output": 0.1}
        assert read("x/pv", "110", memory=memory) == []


def test_a_memory_can_be_made_of_kept_announcements() -> None:
    memory = DIALECTS.remembering([("homeassistant/sensor/sensorBedroomT/config", BEDROOM.encode())])

    assert readings(STATE, '{"temperature":23.2}', memory=memory) == {"temperature_ambient": 23.2}


def test_without_a_memory_nothing_is_announced() -> None:
    assert one(STATE, '{"temperature":23.2}').dialect == ""
