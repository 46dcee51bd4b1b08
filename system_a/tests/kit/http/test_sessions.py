import io
import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from solarhub.kit import log
from solarhub.kit.db import Database, Databases
from solarhub.kit.errors import Conflict
from solarhub.kit.http import Envelope, ReadingSession, WritingSession, install
from tests.calling import client_of
from tests.conftest import TestDatabase

WRITE = "insert into users (email, password_hash, first_name, last_name) values ('a@example.com', '!', 'A', 'B')"


@pytest.fixture
async def client(
    database: TestDatabase, app_database: Database, auth_database: Database, worker_database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(Envelope)
    install(app)
    app.state.databases = Databases(app_database, auth_database, worker_database)

    @app.post("/users")
    async def write(session: WritingSession, *, refuse: bool = False) -> int:
        await (await session.connection()).exec_driver_sql(WRITE)
        if refuse:
            raise Conflict
        return 1

    @app.get("/users")
    async def read(session: ReadingSession, *, write: bool = False) -> int:
        connection = await session.connection()
        if write:
            await connection.exec_driver_sql(WRITE)
        found: int = (await connection.exec_driver_sql("select count(id) from users")).scalar_one()
        return found

    async with client_of(app) as client:
        yield client


def users(database: TestDatabase) -> int:
    count: int = database.fetch("select count(*) from users")[0]["count"]
    return count


async def test_what_an_endpoint_wrote_is_committed_when_the_answer_arrives(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    assert (await client.post("/users")).status_code == 200
    assert users(database) == 1
    assert (await client.get("/users")).json() == 1


async def test_an_error_rolls_everything_back(client: httpx.AsyncClient, database: TestDatabase) -> None:
    assert (await client.post("/users?refuse=true")).status_code == 409
    assert users(database) == 0


async def test_a_commit_that_fails_is_never_answered_with_success(
    client: httpx.AsyncClient, database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    written = io.StringIO()
    log.configure(stream=written)
    database.fetch(
        "create function fail() returns trigger language plpgsql as"
        " $$ begin raise exception 'no room' using errcode = 'check_violation'; end $$",
        "create constraint trigger at_commit after insert on users deferrable initially deferred"
        " for each row execute function fail()",
    )
    answer = await client.post("/users")
    assert answer.status_code == 500
    assert users(database) == 0
    assert any(json.loads(line)["event"] == "request failed" for line in written.getvalue().splitlines())


async def test_a_server_that_dies_at_commit_answers_that_nobody_knows(
    client: httpx.AsyncClient, database: TestDatabase
) -> None:
    database.fetch(
        "create function die() returns trigger language plpgsql security definer as"
        " $$ begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$",
        "create constraint trigger at_commit after insert on users deferrable initially deferred"
        " for each row execute function die()",
    )
    answer = await client.post("/users")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert "look whether it is there" in answer.json()["detail"]


async def test_a_reading_session_cannot_write(client: httpx.AsyncClient, database: TestDatabase) -> None:
    assert (await client.get("/users?write=true")).status_code == 500
    assert (await client.post("/users")).status_code == 200  # the connection is free for writing again
    assert users(database) == 1


async def test_a_row_that_somebody_else_holds_is_busy_not_broken(
    client: httpx.AsyncClient, database: TestDatabase, app_database: Database
) -> None:
    async with app_database.session() as other:
        await (await other.connection()).exec_driver_sql(WRITE)
        answer = await client.post("/users")
    assert answer.status_code == 503
    assert "busy" in answer.json()["detail"]
