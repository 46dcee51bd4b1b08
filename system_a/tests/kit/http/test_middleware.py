import io
import json
import logging
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI, Request
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.middleware import Middleware

from solarhub.kit import log
from solarhub.kit.http import BodyLimit, Envelope, SameSite, install
from tests.calling import client_of


def application() -> FastAPI:
    app = FastAPI(
        middleware=[
            Middleware(Envelope),
            Middleware(SameSite, open_paths=["/door"]),
            Middleware(BodyLimit, usual=1000, larger={"/door": 5000}),
        ]
    )
    install(app)

    @app.get("/")
    async def page() -> str:
        return "welcome"

    @app.post("/")
    @app.post("/door")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the password is swordfish")

    @app.get("/full")
    async def full() -> None:
        raise PoolTimeout

    return app


async def test_every_answer_carries_the_security_headers() -> None:
    async with client_of(application()) as client:
        answers = [await client.get("/"), await client.get("/nowhere"), await client.get("/broken")]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize(("given", "kept"), [("abc-1", True), ("a b", False), ("x" * 65, False), ("<b>", False)])
async def test_a_request_id_is_kept_when_it_is_harmless(given: str, *, kept: bool) -> None:
    async with client_of(application()) as client:
        answer = await client.get("/", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


async def test_an_unexpected_error_shows_nothing_and_is_logged_under_the_request_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    written = io.StringIO()
    log.configure(stream=written)
    async with client_of(application()) as client:
        answer = await client.get("/broken", headers={"X-Request-ID": "find-me"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "swordfish" not in answer.text
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    [line] = [line for line in lines if line["event"] == "request failed"]
    assert line["request_id"] == "find-me"
    assert line["level"] == "error"
    assert line["exception"][0]["exc_value"] == "the password is swordfish"


async def test_a_database_without_room_is_not_our_fault_but_passes() -> None:
    async with client_of(application()) as client:
        answer = await client.get("/full")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("path", "size", "status"), [("/", 1000, 200), ("/", 1001, 413), ("/door", 5000, 200), ("/door", 5001, 413)]
)
@pytest.mark.parametrize("told", [True, False])
async def test_a_body_over_the_limit_is_refused_with_and_without_a_length(
    path: str, size: int, status: int, *, told: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 100):
            yield b"x" * min(100, size - start)

    async with client_of(application()) as client:
        answer = await client.post(path, content=b"x" * size if told else pieces())
    assert answer.status_code == status
    if status == 413:
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.content)["status"] == 413


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://hub.example.org"}, False),
        ({"Origin": "https://hub.example.org"}, True),
        ({"Origin": "https://hub.example.org:3000"}, False),
        ({"Origin": "http://hub.example.org"}, False),
        ({"Origin": "https://other.example.org"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://evil.example", "Authorization": "Bearer shk_x"}, True),
        ({"Origin": "https://evil.example", "Authorization": "Basic eDp5"}, False),
    ],
)
async def test_what_another_sites_page_sends_is_refused_where_it_would_change_something(
    headers: dict[str, str], *, allowed: bool
) -> None:
    async with client_of(application()) as client:
        changing = await client.post("/", headers=headers)
        reading = await client.get("/", headers=headers)
        door = await client.post("/door", headers=headers)
    assert changing.status_code == (200 if allowed else 403)
    assert reading.status_code == 200
    assert door.status_code == 200
