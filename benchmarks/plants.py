"""Rows of sites and devices, their JSON columns full as in docs/schema.md."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from solarhub.devices.vocabulary import DeviceStatus, DeviceType, ProtocolType
from solarhub.sites.vocabulary import SiteStatus

from benchmarks.fleet import Fleet
from benchmarks.heard import Heard
from benchmarks.people import Row


class City(NamedTuple):
    name: str
    state: str
    postal_code: str
    latitude: float
    longitude: float
    disco: str


CITIES = (
    City("Lahore", "Punjab", "54000", 31.55, 74.34, "lesco"),
    City("Karachi", "Sindh", "74000", 24.86, 67.01, "kelectric"),
    City("Faisalabad", "Punjab", "38000", 31.42, 73.09, "fesco"),
    City("Islamabad", "Islamabad", "44000", 33.68, 73.05, "iesco"),
    City("Multan", "Punjab", "60000", 30.16, 71.52, "mepco"),
    City("Peshawar", "Khyber Pakhtunkhwa", "25000", 34.01, 71.58, "pesco"),
    City("Gujranwala", "Punjab", "52250", 32.16, 74.19, "gepco"),
    City("Hyderabad", "Sindh", "71000", 25.39, 68.37, "hesco"),
    City("Quetta", "Balochistan", "87300", 30.18, 66.98, "qesco"),
    City("Sukkur", "Sindh", "65200", 27.71, 68.86, "sepco"),
)
MAKERS = ("Huawei", "Sungrow", "Growatt", "SMA", "Solis", "GoodWe", "Fronius", "Inverex")

BROKERS = 200
"""How many MQTT brokers the fleet speaks to: one holds some 150 of the document's 100K devices."""

SITE_COLUMNS = (
    "id", "organization_id", "name", "description", "status", "address", "latitude", "longitude", "configuration",
    "created_at", "updated_at",
)  # fmt: skip
DEVICE_COLUMNS = (
    "id", "site_id", "organization_id", "name", "device_type", "manufacturer", "model", "serial_number",
    "firmware_version", "protocol", "connection_config", "status", "last_seen_at", "last_error", "metadata",
    "created_at", "updated_at",
)  # fmt: skip


def broker(number: int) -> str:
    return f"mqtt{number % BROKERS}.example.org"


def sites(fleet: Fleet) -> Iterator[Row]:
    rng = np.random.default_rng(4)
    count = fleet.size.sites
    statuses = rng.choice(list(SiteStatus), count, p=(0.94, 0.03, 0.02, 0.01)).tolist()
    towns = rng.choice(len(CITIES), count, p=np.array((24, 20, 12, 10, 10, 8, 6, 4, 3, 3)) / 100).tolist()
    capacities = np.round(np.clip(rng.lognormal(4, 1.2, count), 3, 5000), 1).tolist()
    off = rng.normal(0, 0.2, (count, 2)).tolist()
    for site, organization in enumerate(fleet.site_organization.tolist()):
        city, capacity = CITIES[towns[site]], capacities[site]
        address = {
            "street": f"{site % 400} Main Road",
            "city": city.name,
            "state": city.state,
            "postal_code": city.postal_code,
            "country": "Pakistan",
        }
        configuration = {
            "system_capacity_kw": capacity,
            "panel_count": max(6, int(capacity * 2)),
            "panel_wattage": 500,
            "inverter_capacity_kw": capacity,
            "battery_capacity_kwh": capacity / 2 if site % 4 == 0 else 0,
            "grid_connected": True,
            "net_metering_enabled": site % 3 != 0,
            "disco_provider": city.disco,
            "tariff_category": "commercial_b2",
            "installation_date": "2024-01-15",
            "warranty_expiry": "2034-01-15",
        }
        made = fleet.at(fleet.site_age[site])
        yield (
            fleet.ids.sites[site], fleet.ids.organizations[organization], f"{city.name} plant {site}",
            f"{capacity} kW on a roof in {city.name}", statuses[site], json.dumps(address),
            city.latitude + off[site][0], city.longitude + off[site][1], json.dumps(configuration), made, made,
        )  # fmt: skip


def connection(protocol: str, device: int) -> dict[str, Any]:
    """The document's shape for each protocol."""
    host = f"192.168.{device // 250 % 250}.{device % 250}"
    shapes: dict[str, dict[str, Any]] = {
        ProtocolType.MODBUS_TCP: {"host": host, "port": 502, "slave_id": device % 247 + 1, "timeout_seconds": 5},
        ProtocolType.MODBUS_RTU: {
            "serial_port": f"/dev/ttyUSB{device % 4}",
            "baud_rate": 9600,
            "parity": "none",
            "stop_bits": 1,
            "slave_id": device % 247 + 1,
        },
        ProtocolType.MQTT: {
            "broker": broker(device),
            "port": 1883,
            "topic_prefix": f"solar/site{device // 10}/inv{device % 10}",
            "client_id": f"device-{device}",
            "username": "device",
            "use_tls": False,
        },
        ProtocolType.HTTP: {"url": f"https://{host}/readings", "method": "GET", "interval_seconds": 60},
        ProtocolType.CUSTOM: {"driver": "logger_csv", "options": {"folder": f"/var/spool/{device}"}},
    }
    return shapes[protocol]


def devices(fleet: Fleet) -> Iterator[Row]:
    rng = np.random.default_rng(5)
    count = fleet.size.devices
    types = rng.choice(list(DeviceType), count, p=(0.45, 0.2, 0.08, 0.04, 0.15, 0.08)).tolist()
    protocols = rng.choice(list(ProtocolType), count, p=(0.45, 0.1, 0.3, 0.1, 0.05)).tolist()
    heard = Heard.of(fleet)
    for device, site in enumerate(fleet.device_site.tolist()):
        status, kind, maker = heard.status[device], types[device], MAKERS[device // 3 % 8]
        metadata = {"reporting_interval_seconds": 60, "profile": f"{maker.lower()}_{kind}", "string_count": device % 12}
        made = fleet.at(fleet.site_age[site])
        yield (
            fleet.ids.devices[device], fleet.ids.sites[site],
            fleet.ids.organizations[fleet.site_organization[site]], f"{kind} {device}", kind, maker,
            f"{maker}-{device % 40}", f"SN{device:010d}", f"V{device % 4}.{device % 10}", protocols[device],
            json.dumps(connection(protocols[device], device)), status,
            None if status == DeviceStatus.UNKNOWN else fleet.at(heard.seen[device]),
            "isolation resistance low" if status == DeviceStatus.ERROR else None, json.dumps(metadata), made, made,
        )  # fmt: skip
