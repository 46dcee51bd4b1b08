"""Routes of the hub: a create that names an Idempotency-Key happens once, however often it is sent.

The key is taken in the transaction that creates, before the endpoint runs, and the answer is kept in it before it
commits: a crash between the two cannot make a second of anything. The answer is sealed: some show a token once.
"""

from collections.abc import Callable, Coroutine, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from solarhub.kit import idempotency
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid
from solarhub.kit.sealing import Keyring, Unsealable

HEADER = "Idempotency-Key"
_KEPT_HEADERS = ("location", "etag", "content-type")
_LONGEST = 255


class Replayed(Exception):  # noqa: N818 - nothing went wrong: the same request was answered before
    """The answer that was given the first time."""

    def __init__(self, status: int, headers: Mapping[str, Any], body: bytes) -> None:
        self.response = Response(body, status, headers={**headers, "Idempotent-Replayed": "true"})
        super().__init__("answered before")


async def once(request: Request, session: Session, actor_id: UUID) -> None:
    """Takes the request's Idempotency-Key, if it has one, in this session.

    Raises Replayed with the earlier answer; Invalid for a key that cannot be one, or that another request used;
    Conflict while the first request is at work, or where its answer cannot be read any more.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return
    if not (1 <= len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        allowed = f"1 to {_LONGEST} printable ASCII characters, such as a UUID"
        raise Invalid([FieldError(HEADER, key[:50], "cannot be a key", allowed)])
    told = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    digest = sha256(told).digest()
    earlier = await idempotency.take(session, actor_id, key, digest)
    if earlier is None:
        request.state.idempotent = (session, actor_id, key)
    elif earlier.request_sha256 != digest:
        allowed = "a new key for a new request; the same request word for word for this one"
        raise Invalid([FieldError(HEADER, key, "was used for another request", allowed)])
    elif earlier.status is None:
        raise Conflict("The same request is being worked on; ask again in a moment.")
    else:
        keyring: Keyring = request.app.state.keyring
        try:
            body = keyring.open((earlier.body or b"").decode("ascii"), actor_id, key)
        except Unsealable:
            raise Conflict(
                "This request was answered before, and the keys of this hub do not open that answer any more."
            ) from None
        raise Replayed(earlier.status, earlier.headers or {}, body.encode())


class HubRoute(APIRoute):
    """Keeps the answer of a create in its own transaction, when the request named a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await answer(request)
            except Replayed as replayed:
                return replayed.response
            kept = getattr(request.state, "idempotent", None)
            if kept is not None:
                session, actor_id, key = kept
                keyring: Keyring = request.app.state.keyring
                body = keyring.seal(bytes(response.body).decode(), actor_id, key).encode("ascii")
                headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
                await idempotency.keep(session, actor_id, key, status=response.status_code, headers=headers, body=body)
            return response

        return handle


class Router(APIRouter):
    """What a room's routes stand in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=HubRoute, **options)
