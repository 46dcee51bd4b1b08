"""A client that calls an application in this process, from a peer address of one's choice."""

import httpx
from fastapi import FastAPI

from solarhub.accounts.sessions import COOKIE

LOCAL = ("127.0.0.1", 50_000)
HOST = "hub.example.org"


def client_of(
    app: FastAPI, *, peer: tuple[str, int] = LOCAL, host: str = HOST, token: str | None = None
) -> httpx.AsyncClient:
    """Errors come back as the answers that a server would send, not as exceptions. `token`: of a person's session."""
    transport = httpx.ASGITransport(app=app, client=peer, raise_app_exceptions=False)
    cookies = {COOKIE: token} if token is not None else None
    return httpx.AsyncClient(transport=transport, base_url=f"https://{host}", cookies=cookies)
