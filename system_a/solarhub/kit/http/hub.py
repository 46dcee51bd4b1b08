"""What a route needs of the hub it runs in: its secret keys, its public address, and who is calling from where."""

from typing import Annotated

from fastapi import Depends, Request

from solarhub.kit.sealing import Keyring


async def _keyring(request: Request) -> Keyring:
    found: Keyring = request.app.state.keyring
    return found


async def _public_url(request: Request) -> str:
    found: str = request.app.state.public_url
    return found


Keys = Annotated[Keyring, Depends(_keyring)]
"""The hub's secret keys."""

PublicUrl = Annotated[str, Depends(_public_url)]
"""What links begin with, without a slash at the end; from the configuration, for a Host header is anybody's word."""


def client_address(request: Request) -> str:
    """The caller's address; behind a trusted proxy the server has already put there what the proxy says."""
    return request.client.host if request.client is not None else ""


def bearer_token(request: Request) -> str | None:
    """What an Authorization header of the scheme Bearer holds; None without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
