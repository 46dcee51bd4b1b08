"""Which addresses a webhook may have. Whoever names one could otherwise have the hub knock at doors of its own network.

By default: https, on the usual ports, and nothing but public addresses. An operator opens networks of theirs
(`allowed`): there http and any port are fine too. A name is judged by what it resolves to, at each attempt.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NoReturn
from urllib.parse import SplitResult, quote, urlsplit

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

PORTS = (443, 80, 8443)
_LONGEST = 2000
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# beyond what Python calls not global: addresses that stand for others, and some that its lists lack
_REFUSED = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/3"),
        *("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20"),
        *("5f00::/16", "fc00::/7", "fe80::/9", "ff00::/8"),
    )
)


class AddressRefused(ValueError):  # noqa: N818 - says what happened
    """A webhook's address that is not taken; the sentence completes "The address"."""


@dataclass(frozen=True)
class Target:
    """The parts of an address, read once: what is checked is what is connected to."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """For the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def check_url(url: str, allowed: Sequence[IpNetwork] = ()) -> Target:
    """For saving: everything that can be said without asking anybody. Raises AddressRefused."""
    parts, port = _split(url)
    host = _host(parts.hostname or "", bracketed="[" in parts.netloc)
    target = Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), _path(parts))
    literal = _literal(host)
    if literal is not None:
        vet([literal], target, allowed)
    elif not allowed:
        if "." not in host:
            raise AddressRefused("must name a host on the internet, such as hooks.example.org.")
        _insist_on_the_usual(target)
    return target


def vet(found: Iterable[IpAddress], target: Target, allowed: Sequence[IpNetwork] = ()) -> list[IpAddress]:
    """The addresses that a host resolved to, when every one of them may be connected to. Raises AddressRefused."""
    addresses = list(found)
    if not addresses:
        raise AddressRefused("leads nowhere: its host has no address.")
    opened = [any(address in network for network in allowed) for address in addresses]
    if not all(is_open or is_public(address) for address, is_open in zip(addresses, opened, strict=True)):
        # which one, and what is there, is nobody's business who may be asking just that
        raise AddressRefused("must lead to a public address; its host does not.")
    if not all(opened):
        _insist_on_the_usual(target)
    return addresses


def is_public(address: IpAddress) -> bool:
    """Whether it is one machine on the internet, and stands for no other address."""
    return (
        address.is_global
        and not address.is_multicast
        and not any(address in network for network in _REFUSED)
        and not (isinstance(address, IPv6Address) and address.scope_id is not None)
    )


def _insist_on_the_usual(target: Target) -> None:
    if target.scheme != "https":
        raise AddressRefused("must begin with https://.")
    if target.port not in PORTS:
        raise AddressRefused(f"must use port {', '.join(map(str, PORTS[:-1]))} or {PORTS[-1]}.")


def _split(url: str) -> tuple[SplitResult, int | None]:
    if len(url) > _LONGEST:
        raise AddressRefused(f"must be at most {_LONGEST} characters long.")
    if re.search(r"[\s\\\x00-\x20\x7f]", url):
        raise AddressRefused("must not contain blanks, backslashes or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("cannot be read; one looks like https://hooks.example.org/solar.") from None
    if parts.scheme not in {"https", "http"} or port == 0:
        raise AddressRefused("must begin with https://, and name a port that exists, if any.")
    if "@" in parts.netloc:
        raise AddressRefused("must not contain a user name or password; every message is signed instead.")
    if parts.fragment or url.endswith("#"):
        raise AddressRefused("must not have a part behind #, which is never sent.")
    return parts, port


def _host(written: str, *, bracketed: bool) -> str:
    """As it is looked up: ASCII and lower case."""
    if bracketed:
        try:
            address = IPv6Address(written)
        except ValueError:
            _refuse_host()
        if address.scope_id is not None:
            _refuse_host()
        return str(address)
    try:
        host = written.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        _refuse_host()
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        _refuse_host()
    if _NUMBER.fullmatch(labels[-1]):  # then it is an address, and there are many ways to write one that look harmless
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise AddressRefused("must write a numeric address with four decimal numbers.") from None
    return host


def _refuse_host() -> NoReturn:
    raise AddressRefused("must name a host, such as hooks.example.org.")


def _literal(host: str) -> IpAddress | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _path(parts: SplitResult) -> str:
    asked = f"?{parts.query}" if parts.query else ""
    return quote((parts.path or "/") + asked, safe="/?%:@!$&'()*+,;=-._~[]")
