"""Devices that report, over the public API."""

from datetime import datetime

import httpx

from tests.clients import Plant, created


async def report(
    api: httpx.AsyncClient,
    plant: Plant,
    name: str,
    samples: list[tuple[datetime, dict[str, float]]],
    *,
    kind: str = "inverter",
    metadata: dict[str, int] | None = None,
) -> str:
    """Enters a device that has reported these metrics at these instants; its id."""
    document = {"site_id": plant.site_id, "name": name, "device_type": kind, "protocol": "http"}
    device = await created(api, f"{plant.path}/devices", document | {"metadata": metadata or {}})
    token = (await created(api, f"{plant.path}/devices/{device['id']}/tokens", {}))["token"]
    body = {"samples": [{"timestamp": at.isoformat(), "metrics": metrics} for at, metrics in samples]}
    answer = await api.post("/api/v1/telemetry", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["stored"] == len(samples), answer.text
    return str(device["id"])
