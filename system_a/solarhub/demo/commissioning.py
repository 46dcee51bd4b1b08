"""A plant is entered into the hub the way a person would: through the public API."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from solarhub.demo.plant import Plant, PlantDevice
from solarhub.demo.replay import Refused
from solarhub.demo.rules import rules_of

_OWNER = {"email": "demo@solarhub.example", "first_name": "Demo", "last_name": "Owner"}


@dataclass(slots=True)
class Commissioned:
    """Where the plant stands in the hub; `tokens` are the devices' credentials, by name; `rules` are names by id."""

    organization_id: str
    site_id: str
    tokens: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)


async def commission(client: httpx.AsyncClient, plant: Plant) -> Commissioned:
    """Organization, site, rules, devices and their tokens, in this order: no sample can come before the rules.

    Raises Refused, and httpx.TransportError where there is no hub.
    """
    organization = await _create(client, "/api/v1/organizations", {"name": f"{plant.name}: demo", "owner": _OWNER})
    root = f"/api/v1/organizations/{organization['id']}"
    site = await _create(
        client,
        f"{root}/sites",
        {
            "name": plant.name,
            "description": plant.description,
            "address": plant.address,
            "latitude": plant.latitude,
            "longitude": plant.longitude,
            "timezone": plant.timezone,
            "configuration": plant.configuration,
        },
    )
    entered = Commissioned(organization["id"], site["id"])
    for rule in rules_of(plant):
        answer = await _create(client, f"{root}/alert-rules", rule)
        entered.rules[answer["id"]] = rule["name"]
    for device in plant.devices:
        answer = await _create(client, f"{root}/devices", _device_document(device, site["id"]))
        entered.devices[answer["id"]] = device.name
        token = await _create(client, f"{root}/devices/{answer['id']}/tokens", {})
        entered.tokens[device.name] = token["token"]
    return entered


def _device_document(device: PlantDevice, site_id: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"reporting_interval_seconds": device.reporting_interval_seconds}
    if device.rated_kw is not None:
        metadata["rated_power_kw"] = device.rated_kw
    return {
        "site_id": site_id,
        "name": device.name,
        "device_type": device.device_type,
        "model": device.model,
        "protocol": "http",
        "connection_config": {"push": True},
        "metadata": metadata,
    }


async def _create(client: httpx.AsyncClient, path: str, document: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(path, json=document)
    if response.status_code != httpx.codes.CREATED:
        raise Refused.by(response)
    answer: dict[str, Any] = response.json()
    return answer
