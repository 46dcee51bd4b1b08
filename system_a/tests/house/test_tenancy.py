"""Every route there is, found in the API's own description, keeps tenants apart and strangers out."""

import re
from typing import Any
from uuid import UUID

import httpx
import pytest

from solarhub.kit.ids import uuid7
from tests.clients import Plant, commissioned, created

DEVICE = {"name": "Inverter 1", "device_type": "inverter", "protocol": "custom", "connection_config": {"driver": "x"}}
RULE = {"name": "Low", "severity": "warning", "condition": {"metric": "power_output", "operator": "lt", "threshold": 1}}
QUERY = {
    "metric": "power_output",
    "from": "2026-06-01T00:00:00Z",
    "to": "2026-06-02T00:00:00Z",
    "bucket": "1h",
    "day": "2026-06-01",
}
"""Whatever a reading route may want to know; each takes what it asks for."""
FOR_MACHINES = {"/api/v1/telemetry", "/health/live", "/health/ready"}


async def routes(api: httpx.AsyncClient) -> list[tuple[str, str, set[str]]]:
    """Method, path and query parameters of each route."""
    described: dict[str, Any] = (await api.get("/api/v1/openapi.json")).json()["paths"]
    return [
        (method.upper(), path, {part["name"] for part in operation.get("parameters", []) if part["in"] == "query"})
        for path, operations in described.items()
        for method, operation in operations.items()
    ]


async def belongings(api: httpx.AsyncClient, plant: Plant) -> dict[str, str]:
    """One object of each kind that a path may name, of one tenant."""
    device = await created(api, f"{plant.path}/devices", DEVICE | {"site_id": plant.site_id})
    rule = await created(api, f"{plant.path}/alert-rules", RULE)
    return {"site_id": plant.site_id, "device_id": device["id"], "rule_id": rule["id"]}


async def ask(api: httpx.AsyncClient, method: str, path: str, names: dict[str, str], query: set[str]) -> httpx.Response:
    """The request with the names filled in. A PATCH changes nothing, at the version that everything new has."""
    return await api.request(
        method,
        path.format_map(names),
        params={name: value for name, value in QUERY.items() if name in query},
        json={} if method == "PATCH" else None,
        headers={"If-Match": '"1"'} if method == "PATCH" else {},
    )


async def test_a_foreign_object_is_byte_for_byte_one_that_does_not_exist(
    api: httpx.AsyncClient, subtests: pytest.Subtests
) -> None:
    ours, theirs = await commissioned(api, "Acme Solar"), await commissioned(api, "Beta Solar")
    own, foreign = await belongings(api, ours), await belongings(api, theirs)
    nowhere = {name: str(uuid7()) for name in foreign}
    named = [route for route in await routes(api) if set(re.findall(r"{(\w+)}", route[1])) - {"organization_id"}]
    assert len(named) > 5

    for method, path, query in named:
        with subtests.test(method=method, path=path):
            organization = {"organization_id": ours.organization_id}
            allowed = await ask(api, method, path, organization | own, query)
            refused = await ask(api, method, path, organization | foreign, query)
            unknown = await ask(api, method, path, organization | nowhere, query)
            assert allowed.is_success, allowed.text
            assert refused.status_code == 404
            assert refused.content == unknown.content


async def test_a_list_shows_nothing_of_another_tenant(api: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    ours, theirs = await commissioned(api, "Acme Solar"), await commissioned(api, "Beta Solar")
    foreign = await belongings(api, theirs)
    secrets = {*foreign.values(), theirs.organization_id}
    lists = [path for method, path, _ in await routes(api) if method == "GET" and path.endswith("s") and "{" in path]

    for path in lists:
        if set(re.findall(r"{(\w+)}", path)) == {"organization_id"}:
            with subtests.test(path=path):
                answer = await api.get(path.format(organization_id=ours.organization_id))
                assert answer.is_success
                assert [secret for secret in secrets if secret in answer.text] == []


async def test_what_is_for_people_refuses_other_machines(api: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    somewhere = {name: str(UUID(int=0)) for name in ("organization_id", "site_id", "device_id", "rule_id", "alert_id")}
    for_people = [route for route in await routes(api) if route[1] not in FOR_MACHINES]

    for method, path, _ in for_people:
        with subtests.test(method=method, path=path):
            answer = await api.request(method, path.format_map(somewhere), headers={"X-Forwarded-For": "192.0.2.1"})
            assert answer.status_code == 403
