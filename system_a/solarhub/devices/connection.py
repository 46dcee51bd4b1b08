"""`devices.connection_config`: how a device is reached; one shape for each protocol.

Keys declared with `secret()` are never shown again and lie sealed in the database: see `devices.secrets`.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from solarhub.devices.vocabulary import HttpMethod, Parity, ProtocolType
from solarhub.kit.documents import Entries, JsonObject
from solarhub.kit.errors import FieldError, Invalid
from solarhub.kit.fields import Choice, Flag, Number, Whole
from solarhub.kit.refusals import HIDDEN
from solarhub.kit.texts import Certificates, Parsed, Text
from solarhub.kit.values import Contradiction, Value, secret

_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")


def _host_trouble(text: str) -> str | None:
    labels = text.removesuffix(".").split(".")
    if ":" in text or labels[-1].isdecimal():
        try:
            ip_address(text)
        except ValueError:
            labels = [""]
        else:
            return None
    named = all(_LABEL.fullmatch(label) for label in labels)
    return None if named else "is neither a host name nor an IP address"


def _url_trouble(text: str) -> str | None:
    if re.search(r"\s", text):
        return "must not contain blanks"
    try:
        url = urlsplit(text)
        host = url.hostname or ""
        port_is_possible = url.port != 0
    except ValueError:
        return "is not a web address"
    if url.scheme not in {"http", "https"} or not host or not port_is_possible or _host_trouble(host):
        return "is not a web address"
    if url.username is not None or url.password is not None:
        return "must not carry a password; put it into headers"
    return None


_HOST = Parsed(253, "a host name or an IP address, without http:// and without a port", _host_trouble)
_URL = Parsed(2000, "a web address that begins with http:// or https://, without a password in it", _url_trouble, "uri")
_PORT = Whole(1, 65535)
_TIMEOUT = Number(0.1, 60, "seconds")
_SERIAL_PORT = Text(100, r"/dev/[A-Za-z0-9._/-]+|COM[1-9][0-9]{0,2}", "a serial port such as /dev/ttyUSB0 or COM3")
# + and # are MQTT's wildcards: with one of them a device would listen to its neighbours
_TOPIC = Text(200, r"[^+#]+", "text of 1 to 200 characters without + and #")
_DRIVER = Text(64, r"[a-z][a-z0-9_]*", "a driver's name of a-z, 0-9 and underscore")


_ADDRESS = Field(title="Address", description="Host name or IP address", examples=["192.168.1.100"])
_UNIT = Field(title="Modbus unit (slave id)")
_PATIENCE = Field(title="Seconds to wait for an answer")

_HEADER = Text(100, r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "a header's name, such as X-API-Key")
_KEY = Text(64, r"[A-Za-z0-9_.-]+", "a key of a-z, A-Z, 0-9, dot, hyphen and underscore")

Names = dict[Annotated[str, _KEY], Annotated[str, Text(4096)]]
Headers = dict[Annotated[str, _HEADER], Annotated[str, Text(4096)]]


def _with(key: str, default: object, title: str) -> Any:
    """A default that stands only where the earlier field `key` has a value; otherwise the field has none."""
    return Field(
        default_factory=lambda earlier: default if earlier.get(key) else None,
        title=title,
        description=f"{default} where there is a `{key}`",
    )


class ModbusTcp(Value):
    """Modbus over TCP; units 0 and 255 are the device itself where there is no bus behind it."""

    host: Annotated[str, _HOST, _ADDRESS]
    port: Annotated[int, _PORT] = Field(default=502, title="Port")
    slave_id: Annotated[int, Whole(0, 255), _UNIT] = 1
    timeout_seconds: Annotated[float, _TIMEOUT, _PATIENCE] = 5


class ModbusRtu(Value):
    """Modbus RTU frames on a serial line of this machine, or inside TCP through a converter that owns the line.

    9600 baud, no parity, one stop bit is what nearly every inverter leaves the factory with.
    """

    serial_port: Annotated[str, _SERIAL_PORT] | None = Field(
        default=None, title="Serial port of this machine", examples=["/dev/ttyUSB0"]
    )
    baud_rate: Annotated[int, Choice((1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200))] | None = _with(
        "serial_port", 9600, "Baud rate"
    )
    parity: Annotated[Parity, Choice(Parity)] | None = _with("serial_port", Parity.NONE, "Parity")
    stop_bits: Annotated[int, Choice((1, 2))] | None = _with("serial_port", 1, "Stop bits")
    host: Annotated[str, _HOST] | None = Field(
        default=None, title="Address of the converter", description="Instead of a serial port", examples=["192.168.1.7"]
    )
    port: Annotated[int, _PORT] | None = Field(default=None, title="Port of the converter", examples=[4196])
    slave_id: Annotated[int, Whole(1, 247), _UNIT] = 1
    timeout_seconds: Annotated[float, _TIMEOUT, _PATIENCE] = 5

    def contradictions(self) -> Iterator[Contradiction]:
        if (self.serial_port is None) == (self.host is None):
            yield Contradiction(
                ("serial_port",), "is required, or else a host, and not both", f"{_SERIAL_PORT.allowed}, or a host"
            )
        elif self.host is None:
            if self.port is not None:
                yield Contradiction(("port",), "belongs to a host, not to a serial port", "no value")
        else:
            # converters have no common port: 502, 4196, 8899 and 23 are all seen
            if self.port is None:
                yield Contradiction(("port",), "is required with host", _PORT.allowed)
            yield from _belongs_elsewhere(self, ("baud_rate", "parity", "stop_bits"), "a serial port, not to a host")


class Mqtt(Value):
    """What a device publishes under `topic_prefix`, at a broker. The port is 8883 with TLS and 1883 without.

    `client_id`, `username` and `password` are the hub's own at that broker. A password goes out over TLS, or inside
    this machine; elsewhere only with `unencrypted_password`.
    """

    left_out_by_default: ClassVar[frozenset[str]] = frozenset({"unencrypted_password"})

    broker: Annotated[str, _HOST] = Field(title="Address of the broker", examples=["broker.example.com"])
    topic_prefix: Annotated[str, _TOPIC] = Field(title="Topics begin with", examples=["plants/gulberg/inverter1"])
    client_id: Annotated[str, Text(128)] | None = Field(default=None, title="Client id")
    username: Annotated[str, Text(128)] | None = Field(default=None, title="User at the broker")
    password: Annotated[str, Text(1024)] | None = secret("Password at the broker")
    use_tls: Annotated[bool, Flag()] = Field(default=False, title="Encrypted (TLS)")
    port: Annotated[int, _PORT] = Field(
        default_factory=lambda earlier: 8883 if earlier.get("use_tls") else 1883,
        title="Port",
        description="8883 with TLS, otherwise 1883",
    )
    ca_certificate: Annotated[str, Certificates()] | None = Field(
        default=None,
        title="Certificate of the broker's authority (PEM)",
        description="Left out: the authorities that this machine knows",
    )
    unencrypted_password: Annotated[bool, Flag()] = Field(
        default=False, title="Send the password over the network unencrypted"
    )

    def contradictions(self) -> Iterator[Contradiction]:
        if self.password is not None and self.username is None:
            # MQTT 3.1.1, 3.1.2.9
            yield Contradiction(("username",), "is required with a password", "text of 1 to 128 characters")
        if not self.use_tls:
            yield from _belongs_elsewhere(self, ("ca_certificate",), "a connection with use_tls")
        elif self.unencrypted_password:
            yield Contradiction(("unencrypted_password",), "belongs to a connection without use_tls", "no value")


class Http(Value):
    """A device whose web interface is asked every `interval_seconds`, or one that pushes to the hub by itself."""

    left_out_by_default: ClassVar[frozenset[str]] = frozenset({"push"})

    url: Annotated[str, _URL] | None = Field(
        default=None, title="Address that is asked", examples=["http://192.168.1.9/api/values"]
    )
    push: Annotated[bool, Flag()] = Field(default=False, title="The device pushes by itself")
    method: Annotated[HttpMethod, Choice(HttpMethod)] | None = _with("url", HttpMethod.GET, "HTTP method")
    headers: Annotated[Headers, Entries(20)] | None = secret("Headers that are sent along")
    interval_seconds: Annotated[int, Whole(1, 86_400, "seconds")] | None = _with("url", 60, "Seconds between questions")
    timeout_seconds: Annotated[float, _TIMEOUT] | None = _with("url", 5, "Seconds to wait for an answer")

    def contradictions(self) -> Iterator[Contradiction]:
        if self.push == (self.url is not None):
            yield Contradiction(("url",), "is required, or else push, and not both", f"{_URL.allowed}, or push: true")
        elif self.push:
            asking = ("method", "headers", "interval_seconds", "timeout_seconds")
            yield from _belongs_elsewhere(self, asking, "a url, not to a device that pushes")


class Custom(Value):
    """A driver by name, with options that only it understands; what must stay secret goes into `secrets`."""

    driver: Annotated[str, _DRIVER] = Field(title="Driver", examples=["growatt_cloud"])
    options: Annotated[dict[str, Any], JsonObject(16_384)] | None = Field(
        default=None, title="Options of the driver", examples=[{"plant": 1234}]
    )
    secrets: Annotated[Names, Entries(20)] | None = secret("Secrets of the driver")


def _belongs_elsewhere(value: Value, keys: tuple[str, ...], owner: str) -> Iterator[Contradiction]:
    yield from (
        Contradiction((key,), f"belongs to {owner}", "no value") for key in keys if getattr(value, key) is not None
    )


ConnectionConfig = ModbusTcp | ModbusRtu | Mqtt | Http | Custom

_SHAPES: dict[ProtocolType, type[ConnectionConfig]] = {
    ProtocolType.MODBUS_TCP: ModbusTcp,
    ProtocolType.MODBUS_RTU: ModbusRtu,
    ProtocolType.MQTT: Mqtt,
    ProtocolType.HTTP: Http,
    ProtocolType.CUSTOM: Custom,
}


def connection_config(protocol: ProtocolType) -> type[ConnectionConfig]:
    """The shape of `connection_config` for a protocol."""
    return _SHAPES[protocol]


SECRET_KEYS = frozenset[str]().union(*(shape.secret_keys() for shape in _SHAPES.values()))
"""The keys that are secret in any of the shapes."""


def parse(protocol: ProtocolType, document: object, field: str = "connection_config") -> ConnectionConfig:
    """The connection of a document that somebody hands in; raises `Invalid`."""
    try:
        return connection_config(protocol).parse(document, field)
    except Invalid as invalid:
        # another protocol's secret is no key of this one, and a secret all the same
        raise Invalid([_hidden(error, field) for error in invalid.errors]) from None


def _hidden(error: FieldError, field: str) -> FieldError:
    key = re.split(r"[.\[]", error.field.removeprefix(f"{field}."), maxsplit=1)[0]
    return replace(error, value=HIDDEN) if key in SECRET_KEYS and error.value is not None else error
