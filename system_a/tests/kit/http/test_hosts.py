import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from solarhub.kit.http.hosts import KnownHosts

NAMES = {"hub.example.com", "hub.local"}


async def answered(host: str | list[str], reached: str, path: str = "/") -> int:
    """The status that a request to this Host gets on a socket of the address `reached`."""

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("here")(scope, receive, send)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        known = KnownHosts(page, names=NAMES, open_paths=["/telemetry"])
        await known({**scope, "server": (reached, 8000)}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://anything") as client:
        hosts = [host] if isinstance(host, str) else host
        request = client.build_request("GET", path)
        request.headers = httpx.Headers([("host", each) for each in hosts])
        return (await client.send(request)).status_code


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("localhost:8000", "127.0.0.1"),
        ("LOCALHOST", "::1"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("192.168.1.10:8000", "192.168.1.10"),
        ("192.168.1.10", "::ffff:192.168.1.10"),
        ("[fd00::2]:8000", "fd00::2"),
        ("[fd00:0::2]", "fd00::2"),
        ("hub.example.com", "192.168.1.10"),
        ("Hub.Example.com.:443", "127.0.0.1"),
        ("hub.local:8000", "192.168.1.10"),
    ],
)
async def test_our_own_names_and_addresses_are_answered(host: str, reached: str) -> None:
    assert await answered(host, reached) == 200


@pytest.mark.parametrize(
    ("host", "reached"),
    [
        ("rebound.example", "127.0.0.1"),
        ("rebound.example:8000", "192.168.1.10"),
        ("localhost.rebound.example", "127.0.0.1"),
        ("127.0.0.1.rebound.example", "127.0.0.1"),
        ("192.168.1.11", "192.168.1.10"),
        ("127.0.0.1", "192.168.1.10"),
        ("localhost", "192.168.1.10"),
        ("hub.example.com.rebound.example", "192.168.1.10"),
        ("", "127.0.0.1"),
        ([], "127.0.0.1"),
        (["localhost", "rebound.example"], "127.0.0.1"),
        ("user@localhost", "127.0.0.1"),
    ],
)
async def test_other_names_are_refused(host: str | list[str], reached: str) -> None:
    assert await answered(host, reached) == 421


async def test_devices_are_known_by_their_token_under_whatever_name_they_have_for_the_hub() -> None:
    assert await answered("old-name.example", "192.168.1.10", "/telemetry") == 200
    assert await answered("old-name.example", "192.168.1.10", "/telemetry/more") == 421
