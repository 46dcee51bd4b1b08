import asyncio
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from solarhub.app import UnsafeDatabase, create_app, schema_head
from solarhub.kit.db import Database, Databases
from tests.clients import client_of, running
from tests.conftest import TestDatabase

OPEN = {("GET", "/health/live"), ("GET", "/health/ready"), ("POST", "/api/v1/telemetry")}
"""Whatever is not among these is for somebody at the hub's own machine."""

ID = "01a20000-0000-7000-8000-000000000000"
PARAMETERS = ("organization_id", "site_id", "device_id", "rule_id")


def pools(database: TestDatabase, **logins: str) -> Databases:
    roles = ("app", "auth", "worker")
    return Databases(
        **{role: Database(database.url(logins.get(role, f"solarhub_{role}")), role, pool_size=2) for role in roles}
    )


def routes(app: FastAPI) -> list[tuple[str, str]]:
    described = app.openapi()["paths"].items()
    listed = sorted((method.upper(), path) for path, operations in described for method in operations)
    return [*listed, ("GET", "/api/v1/openapi.json"), ("GET", "/")]


async def test_every_route_but_the_open_ones_refuses_the_network(
    database: TestDatabase, subtests: pytest.Subtests
) -> None:
    app = create_app(pools(database), exclusive=True)
    async with running(app), client_of(app, peer=("192.0.2.7", 1)) as stranger:
        for method, path in routes(app):
            with subtests.test(method=method, path=path):
                address = path.format_map(dict.fromkeys(PARAMETERS, ID))
                answer = await stranger.request(method, address, json={}, headers={"If-Match": '"1"'})
                assert (answer.status_code == 403) == ((method, path) not in OPEN)


async def test_every_tenant_route_answers_a_random_organization_with_the_same_404(
    database: TestDatabase, subtests: pytest.Subtests
) -> None:
    app = create_app(pools(database), exclusive=True)
    bodies = set()
    async with running(app) as client:
        for method, path in routes(app):
            if "{organization_id}" in path and method in ("GET", "POST"):
                with subtests.test(method=method, path=path):
                    body = None if method == "GET" else SOME_BODY.get(path.rpartition("/")[2], {})
                    answer = await client.request(method, path.format_map(dict.fromkeys(PARAMETERS, ID)), json=body)
                    assert answer.status_code == 404
                    bodies.add(answer.content)
    assert len(bodies) == 1


async def until_ready(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        if (await client.get("/health/ready")).is_success:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the hub did not become ready")


CONDITION = {"metric": "power_output", "operator": "lt", "threshold": 1}
SOME_BODY: dict[str, dict[str, Any]] = {
    "sites": {"name": "Roof", "latitude": 31, "longitude": 74},
    "devices": {"site_id": ID, "name": "Inverter", "device_type": "inverter", "protocol": "http"},
    "alert-rules": {"name": "Low", "condition": CONDITION, "severity": "info"},
}


async def test_the_description_names_every_operation_once_and_refers_to_nothing_missing(
    database: TestDatabase,
) -> None:
    app = create_app(pools(database), exclusive=True)
    async with running(app) as client:
        described = (await client.get("/api/v1/openapi.json")).json()
    names = [
        operation["operationId"] for operations in described["paths"].values() for operation in operations.values()
    ]
    assert len(names) == len(set(names)) > 20
    assert "register_site" in names

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            return {node["$ref"]} if "$ref" in node else set().union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert references(described) <= known
    assert "HTTPValidationError" not in described["components"]["schemas"]
    shape = described["components"]["schemas"]["DeviceRegistration"]["properties"]["connection_config"]
    assert "#/components/schemas/Mqtt" in references(shape)


async def test_a_hub_on_a_database_without_its_schema_is_not_ready_and_says_why(database: TestDatabase) -> None:
    database.fetch("update alembic_version set version_num = '0000'")
    async with running(create_app(pools(database), exclusive=True)) as client:
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        sentence = f"The database schema is at 0000, this hub needs {schema_head()}: run solarhub migrate."
        assert answer.json()["detail"] == sentence
        assert (await client.get("/health/live")).status_code == 200
        refused = await client.get("/api/v1/organizations")
        assert (refused.status_code, refused.json()["detail"]) == (503, sentence)
        door = await client.post("/api/v1/telemetry", json={"metrics": {"power_output": 1}})
        assert door.status_code == 503

        database.fetch(f"update alembic_version set version_num = '{schema_head()}'")
        await until_ready(client)
        assert (await client.get("/api/v1/organizations")).status_code == 200


async def test_a_ready_hub_whose_database_goes_away_says_so_and_recovers(database: TestDatabase) -> None:
    async with running(create_app(pools(database), exclusive=True)) as client:
        assert (await client.get("/health/ready")).json() == {"status": "ready"}
        database.fetch(
            f"alter database {database.name} connection limit 0",
            f"select pg_terminate_backend(pid) from pg_stat_activity where usename like 'solarhub_%'"
            f" and datname = '{database.name}' and pid <> pg_backend_pid()",
        )
        answers = [await client.get(path) for path in ("/health/ready", "/api/v1/organizations", "/health/live")]
        assert [answer.status_code for answer in answers] == [503, 503, 200]
        assert answers[1].json()["detail"] == "The database is not reachable right now; nothing was stored."
        database.fetch(f"alter database {database.name} connection limit -1")
        await until_ready(client)


@pytest.mark.parametrize(
    ("role", "login", "words"),
    [
        ("app", "solarhub_admin", "is a superuser"),
        ("worker", "solarhub_backup", "BYPASSRLS"),
    ],
)
async def test_a_hub_refuses_to_run_with_privileges(database: TestDatabase, role: str, login: str, words: str) -> None:
    with pytest.raises(UnsafeDatabase, match=words):
        async with running(create_app(pools(database, **{role: login}), exclusive=True)):
            raise AssertionError("it started")
