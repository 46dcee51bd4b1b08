import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import Depends, FastAPI, Header, Request

from solarhub.kit.db import Database, Databases, Session, Tenancy, set_tenants
from solarhub.kit.errors import Conflict
from solarhub.kit.http import Envelope, Router, WritingSession, install
from solarhub.kit.http.routing import once
from solarhub.kit.sealing import Keyring, new_key
from tests.calling import client_of
from tests.conftest import TestDatabase

ASKING = UUID(int=1)
KEY = {"Idempotency-Key": "4c1f"}


async def _taking(request: Request, session: WritingSession, actor: Annotated[int, Header()] = 1) -> Session:
    await set_tenants(session, Tenancy(actor_id=UUID(int=actor)))
    await once(request, session, UUID(int=actor))
    return session


@pytest.fixture
async def client(
    database: TestDatabase, app_database: Database, auth_database: Database, worker_database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    app, router = FastAPI(), Router()
    app.add_middleware(Envelope)
    install(app)
    app.state.databases = Databases(app_database, auth_database, worker_database)
    app.state.keyring = Keyring.parse(new_key())

    @router.post("/people", status_code=201)
    async def enter(body: dict[str, str], session: Annotated[Session, Depends(_taking, scope="function")]) -> Any:
        connection = await session.connection()
        if body["email"] == "slow@example.org":
            await asyncio.sleep(0.1)
        await connection.exec_driver_sql(
            "insert into users (email, password_hash, first_name, last_name) values ($1, '!', 'A', 'B')",
            (body["email"],),
        )
        if body.get("refuse"):
            raise Conflict
        made = await connection.exec_driver_sql("select id from users where email = $1", (body["email"],))
        return {"id": made.scalar_one()}

    app.include_router(router)
    async with client_of(app) as client:
        yield client


def users(database: TestDatabase) -> int:
    count: int = database.fetch("select count(*) from users")[0]["count"]
    return count


async def test_a_create_that_is_sent_again_happens_once_and_answers_the_same(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    body = {"email": "a@example.org"}
    first, again = [await client.post("/people", json=body, headers=KEY) for _ in range(2)]
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert users(database) == 1


async def test_what_is_kept_of_an_answer_is_sealed(client: httpx.AsyncClient, database: TestDatabase) -> None:
    made = await client.post("/people", json={"email": "a@example.org"}, headers=KEY)
    (row,) = database.fetch("select body from idempotent_answers")
    assert made.json()["id"] not in row["body"].decode()


async def test_an_answer_that_no_key_opens_any_more_is_told_as_such_and_nothing_is_made_anew(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    body = {"email": "a@example.org"}
    await client.post("/people", json=body, headers=KEY)
    database.fetch("update idempotent_answers set body = 'v1:lost:AAAA'")
    again = await client.post("/people", json=body, headers=KEY)
    assert (again.status_code, users(database)) == (409, 1)
    assert "do not open that answer" in again.json()["detail"]


async def test_ten_at_once_make_one(client: httpx.AsyncClient, database: TestDatabase) -> None:
    body = {"email": "slow@example.org"}
    answers = await asyncio.gather(*(client.post("/people", json=body, headers=KEY) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert users(database) == 1


async def test_a_key_is_of_one_request(client: httpx.AsyncClient) -> None:
    await client.post("/people", json={"email": "a@example.org"}, headers=KEY)
    other = await client.post("/people", json={"email": "b@example.org"}, headers=KEY)
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_key_is_of_one_caller(client: httpx.AsyncClient, database: TestDatabase) -> None:
    await client.post("/people", json={"email": "a@example.org"}, headers=KEY)
    other = await client.post("/people", json={"email": "b@example.org"}, headers=KEY | {"Actor": "2"})
    assert other.status_code == 201
    assert users(database) == 2


async def test_a_create_that_was_refused_may_be_sent_again(client: httpx.AsyncClient, database: TestDatabase) -> None:
    refused = await client.post("/people", json={"email": "a@example.org", "refuse": "yes"}, headers=KEY)
    assert refused.status_code == 409
    assert (await client.post("/people", json={"email": "a@example.org"}, headers=KEY)).status_code == 201
    assert users(database) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"], ids=["empty", "long", "control"])
async def test_what_cannot_be_a_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    answer = await client.post("/people", json={"email": "a@example.org"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


async def test_without_a_key_every_request_is_its_own(client: httpx.AsyncClient, database: TestDatabase) -> None:
    for email in ("a@example.org", "b@example.org"):
        assert (await client.post("/people", json={"email": email})).status_code == 201
    assert users(database) == 2
