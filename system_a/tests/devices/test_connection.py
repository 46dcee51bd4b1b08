"""devices.connection_config of each protocol."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solarhub.devices.connection import Custom, Http, ModbusRtu, ModbusTcp, Mqtt, connection_config, parse
from solarhub.devices.vocabulary import ProtocolType
from solarhub.kit.clock import now
from solarhub.kit.errors import Invalid
from solarhub.kit.refusals import shown
from solarhub.kit.tls import Authority
from tests.kit.values import anything, documents_for, example, only, refused, takes_or_refuses_anything

MQTT = {"broker": "mqtt.example.com", "topic_prefix": "solar/site1"}
HOST = "a host name or an IP address, without http:// and without a port"
URL = "a web address that begins with http:// or https://, without a password in it"
PORT = "a whole number from 1 to 65535"
CERTIFICATES = "certificates in PEM, at most 32,768 characters, each from -----BEGIN CERTIFICATE----- to its END line"
NO_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"


@pytest.mark.parametrize(("title", "shape"), [("Modbus TCP", ModbusTcp), ("MQTT", Mqtt)])
def test_the_documents_examples_read_back_identical(title: str, shape: type[ModbusTcp | Mqtt]) -> None:
    document = example(f"devices.connection_config ({title})")

    assert shape.parse(document).to_stored() == document
    assert shape.from_stored(document).to_stored() == document


@pytest.mark.parametrize("protocol", list(ProtocolType))
def test_every_protocol_has_a_shape(protocol: ProtocolType) -> None:
    shape = connection_config(protocol)

    with pytest.raises(Invalid) as caught:
        parse(protocol, {"colour": "red"})
    unknown = caught.value.errors[-1]
    assert unknown.field == "connection_config.colour"
    assert unknown.allowed == list(shape.model_fields)


@pytest.mark.parametrize(
    ("protocol", "given", "stored"),
    [
        ("modbus_tcp", {"host": "::1"}, {"host": "::1", "port": 502, "slave_id": 1, "timeout_seconds": 5}),
        (
            "modbus_rtu",
            {"serial_port": "/dev/ttyUSB0"},
            {
                "serial_port": "/dev/ttyUSB0",
                "baud_rate": 9600,
                "parity": "none",
                "stop_bits": 1,
                "slave_id": 1,
                "timeout_seconds": 5,
            },
        ),
        (
            "modbus_rtu",
            {"host": "converter_1.lan", "port": 8899, "slave_id": 247},
            {"host": "converter_1.lan", "port": 8899, "slave_id": 247, "timeout_seconds": 5},
        ),
        ("mqtt", MQTT, {**MQTT, "use_tls": False, "port": 1883}),
        ("mqtt", {**MQTT, "use_tls": True}, {**MQTT, "use_tls": True, "port": 8883}),
        ("http", {"push": True}, {"push": True}),
        (
            "http",
            {"url": "https://10.0.0.7:8080/status?all=1"},
            {
                "url": "https://10.0.0.7:8080/status?all=1",
                "method": "GET",
                "interval_seconds": 60,
                "timeout_seconds": 5,
            },
        ),
        ("custom", {"driver": "pi30"}, {"driver": "pi30"}),
        (
            "custom",
            {"driver": "pi30", "options": {"port": "/dev/hidraw0", "extra": [1, {"a": None}]}},
            {"driver": "pi30", "options": {"port": "/dev/hidraw0", "extra": [1, {"a": None}]}},
        ),
    ],
)
def test_what_is_left_out_is_stored_with_its_default(
    protocol: str, given: dict[str, Any], stored: dict[str, Any]
) -> None:
    assert parse(ProtocolType(protocol), given).to_stored() == stored


@pytest.mark.parametrize(
    ("protocol", "document", "field", "value", "allowed"),
    [
        ("modbus_tcp", {}, "host", None, HOST),
        ("modbus_tcp", {"host": "http://10.0.0.1"}, "host", "http://10.0.0.1", HOST),
        ("modbus_tcp", {"host": "10.0.0.1:502"}, "host", "10.0.0.1:502", HOST),
        ("modbus_tcp", {"host": "10.0.0.256"}, "host", "10.0.0.256", HOST),
        ("modbus_tcp", {"host": "a..b"}, "host", "a..b", HOST),
        ("modbus_tcp", {"host": "a", "port": 70000}, "port", 70000, PORT),
        ("modbus_tcp", {"host": "a", "port": 0}, "port", 0, PORT),
        ("modbus_tcp", {"host": "a", "port": "502"}, "port", "502", PORT),
        ("modbus_tcp", {"host": "a", "port": True}, "port", True, PORT),
        ("modbus_tcp", {"host": "a", "slave_id": 256}, "slave_id", 256, "a whole number from 0 to 255"),
        (
            "modbus_tcp",
            {"host": "a", "timeout_seconds": 0},
            "timeout_seconds",
            0,
            "a number from 0.1 to 60 seconds",
        ),
        ("modbus_tcp", {"host": "a", "baud_rate": 9600}, "baud_rate", 9600, list(ModbusTcp.model_fields)),
        (
            "modbus_rtu",
            {"serial_port": "ttyUSB0"},
            "serial_port",
            "ttyUSB0",
            "a serial port such as /dev/ttyUSB0 or COM3",
        ),
        ("modbus_rtu", {"serial_port": "COM3", "slave_id": 0}, "slave_id", 0, "a whole number from 1 to 247"),
        (
            "modbus_rtu",
            {"serial_port": "COM3", "baud_rate": 9601},
            "baud_rate",
            9601,
            "one of the numbers 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200",
        ),
        ("modbus_rtu", {"serial_port": "COM3", "parity": "N"}, "parity", "N", ["none", "even", "odd"]),
        ("modbus_rtu", {"serial_port": "COM3", "stop_bits": 3}, "stop_bits", 3, "one of the numbers 1, 2"),
        ("modbus_rtu", {}, "serial_port", None, "a serial port such as /dev/ttyUSB0 or COM3, or a host"),
        (
            "modbus_rtu",
            {"serial_port": "COM3", "host": "a"},
            "serial_port",
            "COM3",
            "a serial port such as /dev/ttyUSB0 or COM3, or a host",
        ),
        ("modbus_rtu", {"serial_port": "COM3", "port": 502}, "port", 502, "no value"),
        ("modbus_rtu", {"host": "a"}, "port", None, PORT),
        ("modbus_rtu", {"host": "a", "port": 23, "parity": "even"}, "parity", "even", "no value"),
        (
            "mqtt",
            {**MQTT, "topic_prefix": "solar/#"},
            "topic_prefix",
            "solar/#",
            "text of 1 to 200 characters without + and #",
        ),
        ("mqtt", {**MQTT, "port": 65536}, "port", 65536, PORT),
        ("mqtt", {**MQTT, "use_tls": True, "ca_certificate": "PEM"}, "ca_certificate", "PEM", CERTIFICATES),
        ("mqtt", {**MQTT, "use_tls": True, "ca_certificate": 5}, "ca_certificate", 5, CERTIFICATES),
        (
            "mqtt",
            {**MQTT, "use_tls": True, "ca_certificate": NO_CERTIFICATE},
            "ca_certificate",
            shown(NO_CERTIFICATE),
            CERTIFICATES,
        ),
        ("mqtt", {**MQTT, "use_tls": True, "unencrypted_password": True}, "unencrypted_password", True, "no value"),
        ("mqtt", {**MQTT, "use_tls": "false"}, "use_tls", "false", "true or false"),
        ("mqtt", {**MQTT, "password": "hunter2"}, "username", None, "text of 1 to 128 characters"),
        ("http", {}, "url", None, f"{URL}, or push: true"),
        ("http", {"url": "http://a", "push": True}, "url", "http://a", f"{URL}, or push: true"),
        ("http", {"url": "ftp://a/b"}, "url", "ftp://a/b", URL),
        ("http", {"url": "http://a:70000/"}, "url", "http://a:70000/", URL),
        ("http", {"url": "http://a:0/"}, "url", "http://a:0/", URL),
        ("http", {"url": "http:///x"}, "url", "http:///x", URL),
        ("http", {"url": "http://[::1/"}, "url", "http://[::1/", URL),
        ("http", {"url": "http://a/b c"}, "url", "http://a/b c", URL),
        ("http", {"url": "http://me:hunter2@a/"}, "url", "http://***@a/", URL),
        ("http", {"url": "http://a", "method": "DELETE"}, "method", "DELETE", ["GET", "POST"]),
        (
            "http",
            {"url": "http://a", "interval_seconds": 0},
            "interval_seconds",
            0,
            "a whole number from 1 to 86400 seconds",
        ),
        ("http", {"push": True, "interval_seconds": 60}, "interval_seconds", 60, "no value"),
        ("custom", {}, "driver", None, "a driver's name of a-z, 0-9 and underscore"),
        ("custom", {"driver": "../x"}, "driver", "../x", "a driver's name of a-z, 0-9 and underscore"),
        (
            "custom",
            {"driver": "x", "options": {"limit": float("nan")}},
            "options",
            "an object of 1 entries",
            "a JSON object of at most 16384 bytes, nested at most 8 deep",
        ),
    ],
)
def test_an_impossible_connection_is_named_with_what_is_allowed(
    protocol: str, document: dict[str, Any], field: str, value: object, allowed: object
) -> None:
    error = only(connection_config(ProtocolType(protocol)), document)

    assert (error.field, error.value, error.allowed) == (field, value, allowed)


@pytest.mark.parametrize(
    ("protocol", "document", "field"),
    [
        ("mqtt", {**MQTT, "username": "u", "password": "hunter2\n"}, "password"),
        ("mqtt", {**MQTT, "pasword": "hunter2"}, "pasword"),
        ("mqtt", {**MQTT, "api_key": "hunter2"}, "api_key"),
        ("http", {"url": "http://a", "headers": {"X-Key": "hunter2\r\nX-Other: 1"}}, "headers.X-Key"),
        ("http", {"url": "http://a", "headers": {"X Key": "hunter2"}}, "headers.X Key"),
        ("http", {"url": "http://a", "headers": "hunter2"}, "headers"),
        ("http", {"push": True, "headers": {"X-Key": "hunter2"}}, "headers"),
        ("custom", {"driver": "x", "secrets": {"pin": ["hunter2"]}}, "secrets.pin"),
        ("custom", {"driver": "x", "secrets": {str(n): "hunter2" for n in range(21)}}, "secrets"),
    ],
)
def test_no_error_repeats_a_secret(protocol: str, document: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(ProtocolType(protocol), document)
    (error,) = caught.value.errors

    assert error.field == f"connection_config.{field}"
    assert error.value == "***"
    assert "hunter2" not in str(caught.value.document()) + str(caught.value)


@pytest.mark.parametrize(
    ("protocol", "document", "hidden"),
    [
        ("mqtt", {**MQTT, "username": "u", "password": "hunter2"}, "password"),
        ("http", {"url": "http://a", "headers": {"Authorization": "hunter2"}}, "headers"),
        ("custom", {"driver": "x", "secrets": {"pin": "hunter2"}}, "secrets"),
    ],
)
def test_what_is_shown_leaves_the_secrets_out(protocol: str, document: dict[str, Any], hidden: str) -> None:
    connection = parse(ProtocolType(protocol), document)

    assert connection.secret_keys() == {hidden}
    assert connection.to_stored()[hidden] == document[hidden]
    assert connection.to_public() == {key: value for key, value in connection.to_stored().items() if key != hidden}


def test_certificates_of_an_authority_are_taken_with_tls_alone() -> None:
    pem = Authority.new("test", [], now()).public_pem.decode()
    secured = {**MQTT, "use_tls": True, "port": 8883, "ca_certificate": f"{pem}\n{pem}"}

    assert Mqtt.parse(secured).to_stored() == secured
    (error,) = refused(Mqtt, {**MQTT, "ca_certificate": pem})
    assert (error.field, error.message) == ("ca_certificate", "belongs to a connection with use_tls")


def test_what_a_password_may_do_is_stored_only_where_somebody_chose_it() -> None:
    plain = {**MQTT, "use_tls": False, "port": 1883}

    assert Mqtt.parse({**plain, "unencrypted_password": False}).to_stored() == plain
    assert Mqtt.parse({**plain, "unencrypted_password": True}).to_stored() == {**plain, "unencrypted_password": True}


def test_a_header_is_told_by_its_name_alone() -> None:
    errors = refused(Http, {"url": "http://a", "headers": {"Bad Name": "x", "Good-Name": ""}})

    assert [(error.field, error.allowed) for error in errors] == [
        ("headers.Bad Name", "a header's name, such as X-API-Key"),
        ("headers.Good-Name", "text of 1 to 4096 characters"),
    ]


@given(documents_for(ModbusTcp), documents_for(ModbusRtu), documents_for(Mqtt), documents_for(Http))
def test_any_json_is_taken_or_refused_with_sentences(tcp: Any, rtu: Any, mqtt: Any, http: Any) -> None:
    takes_or_refuses_anything(ModbusTcp, tcp)
    takes_or_refuses_anything(ModbusRtu, rtu)
    takes_or_refuses_anything(Mqtt, mqtt)
    takes_or_refuses_anything(Http, http)


@given(documents_for(Custom), st.dictionaries(st.text(max_size=3), anything))
def test_any_option_of_a_custom_driver_is_taken_or_refused_with_sentences(document: Any, options: Any) -> None:
    takes_or_refuses_anything(Custom, document)
    takes_or_refuses_anything(Custom, {"driver": "x", "options": options})
