"""Who may use what is made for people, until people can sign in: whoever sits at the machine the hub runs on."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from fastapi import Request
from starlette.datastructures import Headers

from solarhub.kit.errors import Forbidden

_RELAYED = ("forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip")


async def local_operator(request: Request) -> None:
    """Refuses whoever is not at this machine.

    The peer is a loopback address; the Host is one too, or a page of the open web whose name was rebound to 127.0.0.1
    could read the answers; and nothing relayed the request, or a proxy on this machine would lend its address to all.
    """
    peer = request.client.host if request.client else ""
    if not (_is_loopback(peer) and _names_loopback(request.headers) and not _is_relayed(request.headers)):
        raise Forbidden("People are served on the hub's own machine only, until they can sign in.")


def _is_loopback(address: str) -> bool:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_loopback


def _names_loopback(headers: Headers) -> bool:
    hosts = headers.getlist("host")
    if len(hosts) != 1:
        return False
    name = hosts[0][1:].partition("]")[0] if hosts[0].startswith("[") else hosts[0].partition(":")[0]
    return name.lower() == "localhost" or _is_loopback(name)


def _is_relayed(headers: Headers) -> bool:
    return any(name in _RELAYED or name.startswith("x-forwarded-") for name in headers)
