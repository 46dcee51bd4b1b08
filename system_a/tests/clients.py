"""Clients that call an application in this process, lifespan included, from a peer address of one's choice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from solarhub.app import create_app
from solarhub.kit.db import Database, Databases
from tests.conftest import TestDatabase

LOCAL = ("127.0.0.1", 50_000)


def client_of(app: FastAPI, *, peer: tuple[str, int] = LOCAL, host: str = "localhost:8000") -> httpx.AsyncClient:
    """Errors come back as the answers that a server would send, not as exceptions."""
    transport = httpx.ASGITransport(app=app, client=peer, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The application from its start to its end, and a client on the same machine."""
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


@pytest.fixture
async def api(database: TestDatabase) -> AsyncIterator[httpx.AsyncClient]:
    """The whole hub on a database of its own, called by somebody at its machine."""
    databases = Databases(
        app=Database(database.url("solarhub_app"), "app"),
        auth=Database(database.url("solarhub_auth"), "auth", pool_size=2),
        worker=Database(database.url("solarhub_worker"), "worker", pool_size=2),
    )
    async with running(create_app(databases, exclusive=True)) as client:
        yield client


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
