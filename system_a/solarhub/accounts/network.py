"""Whose address an address is, as far as counting goes."""

from ipaddress import IPv6Address, ip_address, ip_network

_IPV6_CUSTOMER_BITS = 64


def network_of(address: str) -> str:
    """The address itself, or the /64 of an IPv6 one: a single customer has at least that many of them.

    What is no IP address, such as the peer of a Unix socket, counts as itself.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, _IPV6_CUSTOMER_BITS), strict=False))
    return str(parsed)
