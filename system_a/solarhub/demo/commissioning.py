"""A plant is entered into an organization the way a script would: through the public API, with a key."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from solarhub.demo.plant import Plant, PlantDevice
from solarhub.demo.replay import Refused
from solarhub.demo.rules import rules_of
from solarhub.organizations.roles import Permission

RIGHTS = (
    Permission.ORGANIZATION_READ,
    Permission.SITES_CREATE,
    Permission.DEVICES_CHANGE,
    Permission.DEVICES_CREDENTIALS,
    Permission.RULES_CHANGE,
    Permission.ALERTS_READ,
)
"""What a key must be able to do to enter a plant, and to look at its alerts afterwards."""


@dataclass(slots=True)
class Commissioned:
    """Where the plant stands in the hub; `tokens` are the devices' credentials, by name; `rules` are names by id."""

    organization_id: str
    site_id: str
    tokens: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)


async def commission(client: httpx.AsyncClient, plant: Plant, organization_id: str | None = None) -> Commissioned:
    """Site, rules, devices and their tokens, in this order: no sample can come before the rules.

    `client` carries an API key or a session; without `organization_id` it is the one that it belongs to.
    Raises Refused, and httpx.TransportError where there is no hub.
    """
    organization_id = organization_id or await _own_organization(client)
    root = f"/api/v1/organizations/{organization_id}"
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
    entered = Commissioned(organization_id, site["id"])
    for rule in rules_of(plant):
        answer = await _create(client, f"{root}/alert-rules", rule)
        entered.rules[answer["id"]] = rule["name"]
    for device in plant.devices:
        answer = await _create(client, f"{root}/devices", _device_document(device, site["id"]))
        entered.devices[answer["id"]] = device.name
        token = await _create(client, f"{root}/devices/{answer['id']}/tokens", {})
        entered.tokens[device.name] = token["token"]
    return entered


async def _own_organization(client: httpx.AsyncClient) -> str:
    response = await client.get("/api/v1/organizations", params={"limit": 2})
    if not response.is_success:
        raise Refused.by(response)
    found: list[str] = [each["id"] for each in response.json()["items"]]
    if len(found) != 1:
        raise Refused(f"The plant is to be entered into one organization, and {len(found) or 'none'} can be seen here.")
    return found[0]


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
