"""Refuses what was sent to a name that is not the hub's.

A page of the open web may have its own name lead to this machine all of a sudden (DNS rebinding): to the browser the
hub is then that page's own site. An address cannot be rebound, and our names are not theirs to move.
"""

from collections.abc import Collection, Container
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from solarhub.kit.errors import Problem
from solarhub.kit.http.problems import ProblemResponse

Address = IPv4Address | IPv6Address


class Misdirected(Problem):
    """The hub does not go by that name: open it by its address, or tell it its name with SOLARHUB_PUBLIC_URL."""

    status = 421
    title = "Misdirected Request"


class KnownHosts:
    """Lets through what names the address it was sent to, the loopback for itself, or one of `names` (lower case).

    `open_paths` know their sender by a token that no browser adds by itself, and are open to every name.
    """

    def __init__(self, app: ASGIApp, *, names: Collection[str], open_paths: Container[str] = ()) -> None:
        self.app = app
        self.names = frozenset(names)
        self.open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.open_paths or self._is_ours(scope):
            await self.app(scope, receive, send)
        else:
            await ProblemResponse(Misdirected())(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1:
            return False
        asked = _without_port(hosts[0])
        if asked in self.names:
            return True
        reached = str((scope.get("server") or ("",))[0])
        if _is_loopback(reached):
            return _is_loopback(asked)
        address = _address(asked)
        return address is not None and address == _address(reached)


def _without_port(host: str) -> str:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower().removesuffix(".")


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(host: str) -> Address | None:
    try:
        parsed = ip_address(host)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
