import asyncio
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from solarhub.app import UnsafeDatabase, create_app, schema_head
from solarhub.kit.db import Database, Databases
from solarhub.organizations.deps import MissingRight, check_rights
from tests.calling import client_of
from tests.clients import KEYRING, PUBLIC_URL, running
from tests.conftest import TestDatabase


def pools(database: TestDatabase, **logins: str) -> Databases:
    roles = ("app", "auth", "worker")
    return Databases(
        **{role: Database(database.url(logins.get(role, f"solarhub_{role}")), role, pool_size=2) for role in roles}
    )


def hub(database: TestDatabase, **logins: str) -> FastAPI:
    return create_app(pools(database, **logins), keyring=KEYRING, public_url=PUBLIC_URL, exclusive=True)


async def until_ready(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        if (await client.get("/health/ready")).is_success:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the hub did not become ready")


async def test_the_description_names_every_operation_once_and_refers_to_nothing_missing(
    database: TestDatabase,
) -> None:
    async with running(hub(database), database) as people:
        client = await people.super_admin()
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
    async with running(hub(database), database) as people:
        client = await people.super_admin()
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
    async with running(hub(database), database) as people:
        client = await people.super_admin()
        assert (await client.get("/health/ready")).json()["status"] == "ready"
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
        async with running(hub(database, **{role: login}), database):
            raise AssertionError("it started")


async def test_a_hub_refuses_a_database_whose_walls_do_not_stand(database: TestDatabase) -> None:
    database.fetch("alter table sites disable row level security")
    with pytest.raises(UnsafeDatabase, match="sites is a tenant's table without forced row-level security"):
        async with running(hub(database), database):
            raise AssertionError("it started")


async def test_a_route_of_an_organization_that_names_no_right_keeps_the_hub_from_starting() -> None:
    careless = APIRouter(prefix="/organizations/{organization_id}")

    @careless.get("/everything")
    async def everything(organization_id: str) -> str:
        return organization_id

    app = FastAPI()
    app.include_router(careless)
    with pytest.raises(MissingRight, match="/everything"):
        check_rights(app)


async def test_https_is_asked_for_from_now_on_where_the_certificate_is_no_exception(at_head: TestDatabase) -> None:
    async with client_of(hub(at_head)) as client:
        answer = await client.get("/health/live")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_a_name_that_is_not_the_hubs_is_refused(at_head: TestDatabase) -> None:
    async with client_of(hub(at_head), host="evil.example") as client:
        assert (await client.get("/sign-in")).status_code == 421
        assert (await client.get("/health/live")).status_code == 200
