"""Clients that call an application in this process, lifespan included: signed in as whomever a test needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from solarhub.app import create_app, furnish
from solarhub.kit.db import Database, Databases
from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.sealing import Keyring, new_key
from solarhub.kit.tokens import SESSION, new_token, sha256_of
from tests.calling import HOST, client_of
from tests.conftest import TestDatabase

PUBLIC_URL = f"https://{HOST}"
KEYRING = Keyring.parse(new_key())
_numbers = count(1)


def databases_of(database: TestDatabase) -> Databases:
    """Pools as the hub has them."""
    return Databases(
        app=Database(database.url("solarhub_app"), "app"),
        auth=Database(database.url("solarhub_auth"), "auth", pool_size=2),
        worker=Database(database.url("solarhub_worker"), "worker", pool_size=2),
    )


_app: FastAPI | None = None


def app_of(database: TestDatabase) -> FastAPI:
    """The whole hub on a database of its own. Its routes are made once: they take longer than all the rest."""
    global _app  # noqa: PLW0603 - one for each process of the tests, as a hub has one
    if _app is None:
        _app = create_app(databases_of(database), keyring=KEYRING, public_url=PUBLIC_URL, exclusive=True)
    else:
        _app.dependency_overrides.clear()
        furnish(_app, databases_of(database), keyring=KEYRING, public_url=PUBLIC_URL, exclusive=True)
    _app.state.live.longest_seconds = 0.2  # in this process an answer is read once it has ended
    return _app


class People:
    """Makes people by SQL, as rows, and the clients that they would call with."""

    def __init__(self, app: FastAPI, connection: "asyncpg.Connection[Any]") -> None:
        self.app = app
        self.connection = connection
        self.ids: dict[httpx.AsyncClient, UUID] = {}
        self._clients: list[httpx.AsyncClient] = []

    async def user(self, role: str = "viewer", *, email: str | None = None, active: bool = True) -> UUID:
        """Somebody with an account; `role` is the hub-wide one, of which only super_admin means anything."""
        user_id, number = uuid7(), next(_numbers)
        await self.connection.execute(
            "insert into users (id, email, password_hash, first_name, last_name, role, is_active, is_verified)"
            " values ($1, $2, '!', $3, 'Khan', $4::text::user_role, $5, true)",
            user_id,
            email or f"person{number}@example.org",
            f"Person {number}",
            role,
            active,
        )
        return user_id

    async def signed_in(
        self, user_id: UUID, *, second_factor: bool = False, expires: str = "1 day"
    ) -> httpx.AsyncClient:
        """A client in a session of that person; `expires` as an interval, which may be negative."""
        token = new_token(SESSION)
        await self.connection.execute(
            "insert into user_sessions (user_id, token_sha256, second_factor_at, expires_at)"
            " values ($1, $2, case when $3 then now() end, now() + $4::text::interval)",
            user_id,
            sha256_of(token),
            second_factor,
            expires,
        )
        client = client_of(self.app, token=token)
        self.ids[client] = user_id
        self._clients.append(client)
        return client

    async def super_admin(self) -> httpx.AsyncClient:
        return await self.signed_in(await self.user("super_admin"))

    async def member(self, organization_id: UUID | str, role: str, **how: Any) -> httpx.AsyncClient:
        """Somebody who belongs to the organization."""
        user_id = await self.user()
        await self.connection.execute(
            "insert into organization_members (organization_id, user_id, role, invitation_accepted, joined_at)"
            " values ($1, $2, $3::text::org_member_role, true, now())",
            UUID(str(organization_id)),
            user_id,
            role,
        )
        return await self.signed_in(user_id, **how)

    async def guest(
        self, site_id: UUID | str, role: str = "viewer", *, expires: str | None = None
    ) -> httpx.AsyncClient:
        """Somebody with a grant for one plant; `expires` as an interval from now, which may be negative."""
        user_id = await self.user()
        await self.connection.execute(
            "insert into site_grants (organization_id, site_id, user_id, role, granted_by, accepted_at, expires_at)"
            " select organization_id, id, $2, $3::text::org_member_role, $2, now(), now() + $4::text::interval"
            " from sites where id = $1",
            UUID(str(site_id)),
            user_id,
            role,
            expires,
        )
        return await self.signed_in(user_id)

    async def stranger(self) -> httpx.AsyncClient:
        """Somebody who signed in and belongs nowhere."""
        return await self.signed_in(await self.user())

    def anonymous(self, **how: Any) -> httpx.AsyncClient:
        client = client_of(self.app, **how)
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def running(app: FastAPI, database: TestDatabase) -> AsyncIterator[People]:
    """The application from its start to its end, and everybody who may call it."""
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    try:
        async with app.router.lifespan_context(app):
            people = People(app, connection)
            yield people
            await people.close()
    finally:
        await connection.close()


@pytest.fixture
async def people(database: TestDatabase) -> AsyncIterator[People]:
    """Everybody who may call the whole hub on a database of its own."""
    async with running(app_of(database), database) as everybody:
        yield everybody


@pytest.fixture
async def api(people: People) -> httpx.AsyncClient:
    """The same hub, called by somebody who runs it."""
    return await people.super_admin()


async def created(client: httpx.AsyncClient, path: str, document: dict[str, Any]) -> dict[str, Any]:
    """What the hub answers to a request that makes something."""
    answer = await client.post(path, json=document)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx.Response) -> list[dict[str, Any]]:
    """The values that a 422 names, each with what is allowed."""
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors: list[dict[str, Any]] = answer.json()["errors"]
    assert all(error.keys() == {"field", "value", "message", "allowed"} for error in errors)
    return errors


OWNER = {"email": "ayesha@example.com", "first_name": "Ayesha", "last_name": "Khan"}
"""Somebody whom an organization belongs to."""


@dataclass(frozen=True)
class Plant:
    """An organization with one site, and the path under which everything of it lives."""

    path: str
    organization_id: str
    site_id: str


async def commissioned(client: httpx.AsyncClient, name: str = "Acme Solar") -> Plant:
    """Enters one over the API."""
    organization = await created(client, "/api/v1/organizations", {"name": name, "owner": OWNER})
    path = f"/api/v1/organizations/{organization['id']}"
    site = await created(client, f"{path}/sites", {"name": f"{name} plant", "latitude": 31.52, "longitude": 74.36})
    return Plant(path, organization["id"], site["id"])
