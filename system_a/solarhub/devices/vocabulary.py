"""The words of devices that the database also knows."""

from enum import StrEnum


class DeviceType(StrEnum):
    """`device_type`."""

    INVERTER = "inverter"
    METER = "meter"
    BATTERY = "battery"
    WEATHER_STATION = "weather_station"
    SENSOR = "sensor"
    GATEWAY = "gateway"


class DeviceStatus(StrEnum):
    """`device_status`."""

    ONLINE = "online"
    OFFLINE = "offline"
    ERROR = "error"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class ProtocolType(StrEnum):
    """`protocol_type`: how a device is reached, and so which shape its `connection_config` has."""

    MODBUS_TCP = "modbus_tcp"
    MODBUS_RTU = "modbus_rtu"
    MQTT = "mqtt"
    HTTP = "http"
    CUSTOM = "custom"


class Parity(StrEnum):
    """The parity bit of a serial line."""

    NONE = "none"
    EVEN = "even"
    ODD = "odd"


class HttpMethod(StrEnum):
    """How a device's own web interface is asked."""

    GET = "GET"
    POST = "POST"


class ClaimState(StrEnum):
    """`device_claims.state`: how a claim stands. Pending tells nothing of whether anybody holds the number."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RequestState(StrEnum):
    """How a request to give a number up stands: `device_claim_requests.answer`, and open until there is one."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    PROVEN = "proven"
    LAPSED = "lapsed"
