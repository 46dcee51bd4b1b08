import pytest
from fastapi import Depends, FastAPI

from solarhub.kit.http import install, local_operator
from tests.clients import client_of


def people() -> FastAPI:
    app = FastAPI(dependencies=[Depends(local_operator)])
    install(app)

    @app.get("/")
    async def page() -> str:
        return "welcome"

    return app


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "LOCALHOST", "[::1]:8000"])
async def test_somebody_at_the_machine_is_let_in(peer: str, host: str) -> None:
    async with client_of(people(), peer=(peer, 1)) as client:
        assert (await client.get("/", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("peer", ["192.168.1.20", "203.0.113.9", "::ffff:10.0.0.1", "fe80::1", "", "unix"])
async def test_a_peer_on_the_network_is_refused(peer: str) -> None:
    async with client_of(people(), peer=(peer, 1)) as client:
        answer = await client.get("/")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "People are served on the hub's own machine only, until they can sign in."


@pytest.mark.parametrize(
    "host",
    [
        "hub.example.com",
        "hub.example.com:8000",
        "localhost.example.com",
        "127.0.0.1.nip.io",
        "192.168.1.5:8000",
        "[fe80::1]",
        "",
    ],
)
async def test_a_name_rebound_to_this_machine_is_refused(host: str) -> None:
    async with client_of(people()) as client:
        assert (await client.get("/", headers={"Host": host})).status_code == 403


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"]
)
async def test_what_a_proxy_on_this_machine_relays_is_refused(header: str) -> None:
    async with client_of(people()) as client:
        assert (await client.get("/", headers={header: "127.0.0.1"})).status_code == 403


async def test_two_host_headers_are_refused() -> None:
    async with client_of(people()) as client:
        answer = await client.get("/", headers=[("Host", "localhost"), ("Host", "hub.example.com")])
    assert answer.status_code == 403
