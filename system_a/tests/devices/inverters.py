"""An inverter as it is entered over the API, and connections that hold secrets."""

from typing import Any

import httpx

from tests.clients import Plant, created

MODBUS = {"host": "192.168.1.100", "port": 502, "slave_id": 1, "timeout_seconds": 5}
MQTT = {
    "broker": "mqtt.example.com",
    "port": 1883,
    "topic_prefix": "solar/site1/inv1",
    "client_id": "device-123",
    "username": "device",
    "use_tls": False,
}
KEPT = {"set": True}
NOWHERE = "01a20000-0000-7000-8000-000000000000"


def inverter(plant: Plant, **changes: Any) -> dict[str, Any]:
    return {
        "site_id": plant.site_id,
        "name": "Inverter 1",
        "device_type": "inverter",
        "protocol": "modbus_tcp",
        "connection_config": MODBUS,
    } | changes


def over_mqtt(plant: Plant, **changes: Any) -> dict[str, Any]:
    """One whose connection holds a secret."""
    return inverter(plant, protocol="mqtt", connection_config=MQTT | {"password": "swordfish"}, **changes)


async def entered(client: httpx.AsyncClient, plant: Plant, **changes: Any) -> tuple[str, dict[str, Any]]:
    """The path of a new device, and the device."""
    device = await created(client, f"{plant.path}/devices", inverter(plant, **changes))
    return f"{plant.path}/devices/{device['id']}", device


async def changed(client: httpx.AsyncClient, url: str, **document: Any) -> httpx.Response:
    """A change of whatever version is the present one."""
    return await client.patch(url, json=document, headers={"If-Match": "*"})
