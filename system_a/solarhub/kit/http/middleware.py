"""What surrounds every request. Pure ASGI: nothing here buffers an answer or moves a request to another task."""

import re
from asyncio import timeout
from collections.abc import Collection, Container, Mapping

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from solarhub.kit.db import is_contention, is_outage
from solarhub.kit.errors import Forbidden, Problem, TooLarge, Unavailable
from solarhub.kit.http.problems import ProblemResponse
from solarhub.kit.ids import uuid7
from solarhub.kit.tokens import without_tokens

log = structlog.get_logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY_HEADERS = {
    # a page that needs more sends its own policy
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


_STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


class Envelope:
    """Gives a request its id, its answer the security headers, and an unexpected error an answer without its trace."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool = False) -> None:
        """`strict_transport`: browsers that came over HTTPS are to come no other way for a year."""
        self.app = app
        headers = SECURITY_HEADERS | (_STRICT_TRANSPORT if strict_transport else {})
        self.headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        told = Headers(scope=scope).get("x-request-id", "")
        request_id = told if _REQUEST_ID.fullmatch(told) else str(uuid7())
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # by hand: every answer passes here
                given = [pair for pair in message.get("headers", ()) if pair[0] != b"x-request-id"]
                names = {name for name, _ in given}
                given.append((b"x-request-id", request_id.encode()))
                given += [pair for pair in self.headers if pair[0] not in names]
                message["headers"] = given
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_headers)
            except Exception as error:
                if started:
                    # half an answer is out: the server breaks the connection, so that nobody takes it for a whole one
                    raise
                await ProblemResponse(_unexpected(error, scope))(scope, receive, send_with_headers)


def _unexpected(error: Exception, scope: Scope) -> Problem:
    if is_outage(error) or is_contention(error):
        return Unavailable("The database is not reachable right now.", retry_after=2)
    log.error("request failed", method=scope["method"], path=without_tokens(scope["path"]), exc_info=error)
    return Problem("Something went wrong on our side. It was written down under the id in X-Request-ID.")


class BodyLimit:
    """Refuses bodies that are too large, before reading them where their length is told.

    `larger` is in bytes, by how a path ends; every other path takes `usual`.
    """

    def __init__(self, app: ASGIApp, *, usual: int, larger: Mapping[str, int]) -> None:
        self.app = app
        self.usual = usual
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((size for end, size in self.larger.items() if scope["path"].endswith(end)), self.usual)
        headers = Headers(scope=scope)
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told) > limit:
            if headers.get("expect", "").lower() != "100-continue":
                await _drain(receive)
            answer = ProblemResponse(TooLarge(f"At most {limit:,} bytes are accepted here."), {"Connection": "close"})
            await answer(scope, receive, send)
            return
        seen = 0

        async def receive_within_limit() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    # an HTTPException: FastAPI turns anything else that is raised while it reads a body into a 400
                    raise HTTPException(413, headers={"Connection": "close"})
            return message

        await self.app(scope, receive_within_limit, send)


async def _drain(receive: Receive, most: int = 128 * 2**20, seconds: float = 10) -> None:
    """Reads and forgets: a connection closed on a client that still sends is reset, and the answer with it is lost."""
    seen = 0
    try:
        async with timeout(seconds):
            while seen < most:
                message = await receive()
                seen += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


class OpenPaths(Container[str]):
    """Paths whose senders are known by a token that no browser adds by itself: some as they are, some by a pattern."""

    def __init__(self, paths: Collection[str], pattern: str = r"(?!)") -> None:
        """`pattern` is a regular expression that the whole path must match; unless given, none does."""
        self.paths = frozenset(paths)
        self.pattern = re.compile(pattern)

    def __contains__(self, path: object) -> bool:
        return path in self.paths or (isinstance(path, str) and self.pattern.fullmatch(path) is not None)


class SameSite:
    """Refuses what a page of another site makes a browser send in the name of somebody who is signed in here.

    A browser says where a request comes from (Sec-Fetch-Site, or Origin where it is old); what is no browser says
    nothing and is let through, as is a bearer token, which no browser adds by itself. So do `open_paths`, whose senders
    are known by one.
    """

    def __init__(self, app: ASGIApp, *, open_paths: Container[str]) -> None:
        self.app = app
        self.open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in _SAFE_METHODS or scope["path"] in self.open_paths:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if _is_cross_site(headers, scope["scheme"]) and not _has_bearer_token(headers):
            await ProblemResponse(Forbidden("Another site's page may not do this."))(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _has_bearer_token(headers: Headers) -> bool:
    return headers.get("authorization", "").lower().startswith("bearer ")


def _is_cross_site(headers: Headers, scheme: str) -> bool:
    site = headers.get("sec-fetch-site")
    if site is not None:
        # same-site is another port of this machine, or a neighbour's subdomain: not us
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is not None and origin.lower() != f"{scheme}://{headers.get('host', '')}".lower()
