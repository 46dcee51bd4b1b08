"""The columns of a file of plants, devices and customers: what each is called, and where its cells go. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from solarhub.devices.bulk import cells
from solarhub.kit.refusals import did_you_mean


class Part(Enum):
    """What a column says something about."""

    SITE = "site"
    ADDRESS = "address"
    CONFIGURATION = "configuration"
    CUSTOMER = "customer"
    DEVICE = "device"
    CONNECTION = "connection"
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Column:
    """`key` is what its value is called where it goes; `also` are other headers that people write."""

    name: str
    part: Part
    key: str
    kind: Callable[..., Any] = cells.text
    also: tuple[str, ...] = ()
    keeps_digits: bool = False
    """A long number that is no quantity: one that a spreadsheet has rounded is refused."""

    def value(self, cell: Any, *, decimal_comma: bool) -> Any:
        """What a cell of this column means."""
        if self.kind is cells.number:
            return cells.number(cell, decimal_comma=decimal_comma)
        return self.kind(cell)


def _many(part: Part, kind: Callable[..., Any], *names: str) -> Iterator[Column]:
    yield from (Column(name, part, name, kind) for name in names)


COLUMNS: tuple[Column, ...] = (
    Column("site_name", Part.SITE, "name", also=("site", "plant", "plant_name", "name")),
    Column("site_description", Part.SITE, "description", also=("description",)),
    Column("latitude", Part.SITE, "latitude", cells.number, also=("lat",)),
    Column("longitude", Part.SITE, "longitude", cells.number, also=("lon", "lng", "long")),
    Column("timezone", Part.SITE, "timezone", also=("time_zone",)),
    *_many(Part.ADDRESS, cells.text, "street", "city", "state", "country"),
    Column("postal_code", Part.ADDRESS, "postal_code", also=("zip", "post_code")),
    Column("system_capacity_kw", Part.CONFIGURATION, "system_capacity_kw", cells.number, also=("capacity_kw", "kw")),
    *_many(
        Part.CONFIGURATION,
        cells.number,
        "panel_count",
        "panel_wattage",
        "inverter_capacity_kw",
        "battery_capacity_kwh",
        "sanctioned_load_kw",
        "approved_export_kw",
        "generator_kva",
        "tilt_deg",
        "azimuth_deg",
        "phases",
    ),
    *_many(Part.CONFIGURATION, cells.flag, "grid_connected", "net_metering_enabled"),
    Column("disco_provider", Part.CONFIGURATION, "disco_provider", cells.word, also=("disco",)),
    *_many(Part.CONFIGURATION, cells.word, "tariff_category", "plant_kind", "export_mode"),
    *_many(Part.CONFIGURATION, cells.day, "installation_date", "warranty_expiry"),
    Column("reference_no", Part.CONFIGURATION, "reference_no", keeps_digits=True),
    Column("meter_no", Part.CONFIGURATION, "meter_no", keeps_digits=True),
    *_many(Part.CONFIGURATION, cells.text, "feeder", "tariff_code"),
    Column("tags", Part.CONFIGURATION, "tags", cells.words),
    Column("customer_name", Part.CUSTOMER, "name", also=("customer",)),
    Column("customer_phone", Part.CUSTOMER, "phone", also=("phone", "mobile"), keeps_digits=True),
    Column("customer_email", Part.CUSTOMER, "email", also=("email",)),
    Column("device_name", Part.DEVICE, "name", also=("device",)),
    Column("device_type", Part.DEVICE, "device_type", cells.word),
    *_many(Part.DEVICE, cells.text, "manufacturer", "model", "firmware_version"),
    Column("serial_number", Part.DEVICE, "serial_number", also=("serial", "serial_no"), keeps_digits=True),
    Column("protocol", Part.DEVICE, "protocol", cells.word),
    *_many(Part.CONNECTION, cells.text, "host", "serial_port", "broker", "topic_prefix", "client_id", "username"),
    *_many(Part.CONNECTION, cells.text, "password", "url"),
    *_many(Part.CONNECTION, cells.number, "port", "slave_id", "timeout_seconds", "baud_rate", "stop_bits"),
    *_many(Part.CONNECTION, cells.number, "interval_seconds"),
    *_many(Part.CONNECTION, cells.word, "parity", "driver"),
    *_many(Part.CONNECTION, cells.flag, "use_tls", "unencrypted_password"),
    *_many(Part.METADATA, cells.number, "reporting_interval_seconds"),
)

BY_NAME: Mapping[str, Column] = {name: column for column in COLUMNS for name in (column.name, *column.also)}
NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)


@dataclass(frozen=True, slots=True)
class BadHeader:
    """A header that cannot be used, and why."""

    header: str
    message: str


def matched(headers: Iterable[str]) -> tuple[dict[str, Column], list[BadHeader]]:
    """Which column each header names, however it is written: "Site Name", "site-name", "SITE_NAME"."""
    found: dict[str, Column] = {}
    wrong: list[BadHeader] = []
    for header in headers:
        if not header:
            continue
        column = BY_NAME.get(str(cells.word(header)))
        if column is None:
            wrong.append(BadHeader(header, "is not a column that is known here" + did_you_mean(header.lower(), NAMES)))
        elif column in found.values():
            wrong.append(BadHeader(header, f"names the column {column.name} a second time"))
        else:
            found[header] = column
    return found, wrong


TEMPLATE: tuple[Mapping[str, str], ...] = (
    {
        "site_name": "Gulberg roof",
        "latitude": "31.5204",
        "longitude": "74.3587",
        "city": "Lahore",
        "system_capacity_kw": "100",
        "disco_provider": "lesco",
        "customer_name": "Bilal Ahmed",
        "customer_phone": "+92 300 1234567",
        "customer_email": "bilal@example.com",
        "device_name": "Inverter 1",
        "device_type": "inverter",
        "manufacturer": "Huawei",
        "model": "SUN2000-100KTL",
        "serial_number": "HV2140123456",
        "protocol": "modbus_tcp",
        "host": "192.168.1.100",
        "port": "502",
        "slave_id": "1",
    },
    {
        "site_name": "Gulberg roof",
        "device_name": "Meter",
        "device_type": "meter",
        "serial_number": "MT77001",
        "protocol": "modbus_tcp",
        "host": "192.168.1.100",
        "port": "502",
        "slave_id": "2",
    },
    {"site_name": "گلبرگ پلانٹ", "latitude": "31.51", "longitude": "74.34", "customer_name": "عائشہ خان"},
)
"""Rows that show how a file looks: two devices at one plant, and a plant without any."""
