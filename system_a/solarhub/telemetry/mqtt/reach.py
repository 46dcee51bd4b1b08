"""Where the hub does not connect to, whoever names it as a broker. Pure.

Brokers stand in private networks, on this machine too: those addresses are the usual ones. What is left out are
addresses at which no broker is, among them those at which cloud machines are told their secrets, and our own database.
"""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address


class Limits:
    """`databases`: IP addresses and ports of the hub's own."""

    def __init__(self, databases: Collection[tuple[str, int]]) -> None:
        self._databases = {(_plain(ip), port) for ip, port in databases}

    def forbids(self, ip: str, port: int) -> str | None:
        """Why the hub does not connect there, as the end of a sentence; None where it may."""
        address = _plain(ip)
        nobodys = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
        if nobodys and not address.is_loopback:
            return "its address belongs to no broker that the hub may connect to"
        if (address, port) in self._databases:
            return "this is the address of the hub's own database"
        return None


def _plain(ip: str) -> IPv4Address | IPv6Address:
    address = ip_address(ip.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address
