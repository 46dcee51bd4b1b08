"""Clients that call an application in this process, lifespan included, from a peer address of one's choice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

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
