"""What this machine is called by others: its host name and the addresses of its network cards."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

Address = IPv4Address | IPv6Address

_LOCAL_V4 = re.compile(r"\|-- ([\d.]+)\n\s+/32 host LOCAL")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_SOMEWHERE_ELSE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))  # addresses of documentation


@dataclass(frozen=True)
class MachineNames:
    """`name`: the host's own; `addresses`: of this machine on its networks, the one that leads out first."""

    name: str
    addresses: tuple[Address, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which it may be called, localhost among them."""
        short = self.name.partition(".")[0]
        return tuple(dict.fromkeys(("localhost", self.name, f"{short}.local")))

    @property
    def all_addresses(self) -> tuple[Address, ...]:
        """Those of its networks and the loopback's."""
        return (*self.addresses, IPv4Address("127.0.0.1"), IPv6Address("::1"))


def machine_names() -> MachineNames:
    """Asks the system; nothing is sent."""
    host = socket.gethostname().lower()
    found = dict.fromkeys((*_leading_out(), *_of_cards()))
    usable = [address for address in found if not address.is_loopback and not address.is_link_local]
    return MachineNames(host if _HOST_NAME.fullmatch(host) else "localhost", tuple(usable))


def _leading_out() -> Iterator[Address]:
    """The addresses that a packet for somewhere else would carry; connecting a datagram socket sends none."""
    for place, family in _SOMEWHERE_ELSE:
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((place, 9))
            yield ip_address(probe.getsockname()[0])


def _of_cards() -> Iterator[Address]:
    """Linux lists them; elsewhere the host's name leads to one or the other."""
    with suppress(OSError):
        yield from map(ip_address, _LOCAL_V4.findall(Path("/proc/net/fib_trie").read_text()))
        for line in Path("/proc/net/if_inet6").read_text().splitlines():
            yield IPv6Address(bytes.fromhex(line.split()[0]))
        return
    with suppress(OSError):
        for *_, address in socket.getaddrinfo(socket.gethostname(), None):
            yield ip_address(str(address[0]).partition("%")[0])
