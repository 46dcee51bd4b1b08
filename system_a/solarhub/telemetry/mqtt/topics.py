"""Whose a topic is, at one broker. Pure.

A device is known by its broker, the hub's credential there and the topics it was given, never by what it sends.
"""

from collections.abc import Iterable
from datetime import tzinfo
from typing import NamedTuple
from uuid import UUID

from solarhub.devices.identity import KnownDevice

OWN_ROOT = "solarhub"
"""At the hub's own broker a device publishes under `solarhub/<its id>/`, and the broker keeps it there."""

_MOST_REMEMBERED = 200_000


class Owner(NamedTuple):
    """A device and the topic that it was given: it owns that, and what lies below. `zone`: its plant's.

    `broker_key` names the place in which senders below it have names of their own.
    """

    device: KnownDevice
    prefix: str
    zone: tzinfo
    broker_key: str


class Routes:
    """The topics of one broker. Each organization has its own say: what one enters takes nothing from another."""

    def __init__(self, owners: Iterable[Owner]) -> None:
        """Of two devices of an organization with one prefix, the one that was entered first owns it."""
        self.doubled: dict[UUID, Owner] = {}
        """Devices that own nothing because another one, which is told here, has their prefix."""
        self._by_levels: dict[tuple[str, ...], dict[UUID, Owner]] = {}
        for owner in sorted(owners, key=lambda each: each.device.device_key):
            here = self._by_levels.setdefault(levels_of(owner.prefix), {})
            first = here.setdefault(owner.device.organization_id, owner)
            if first.device != owner.device:
                self.doubled[owner.device.device_id] = first
        self._longest = max((len(levels) for levels in self._by_levels), default=0)
        self._remembered: dict[bytes, tuple[Owner, ...]] = {}

    def filters(self) -> frozenset[str]:
        """What must be subscribed to; what lies below another filter needs none of its own."""
        return frozenset(self.filter_of("/".join(levels)) for levels in self._by_levels)

    def filter_of(self, prefix: str) -> str:
        """The one among them by which the topics of `prefix` come."""
        levels = levels_of(prefix)
        depth = next((depth for depth in range(1, len(levels)) if levels[:depth] in self._by_levels), len(levels))
        return "/".join((*levels[:depth], "#"))

    async def meet(self, topics: Iterable[bytes]) -> None:
        """Nothing need be looked up: all of them are known."""

    def owners(self, topic: bytes) -> tuple[Owner, ...]:
        """Whose it is: in each organization the device with the longest prefix; nobody's where nobody claims it."""
        found = self._remembered.get(topic)
        if found is None:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            found = self._remembered[topic] = self._find(topic)
        return found

    def _find(self, topic: bytes) -> tuple[Owner, ...]:
        levels = tuple(topic.decode("utf-8", "replace").split("/"))
        found: dict[UUID, Owner] = {}
        for depth in range(min(self._longest, len(levels)), 0, -1):
            for organization_id, owner in self._by_levels.get(levels[:depth], {}).items():
                found.setdefault(organization_id, owner)
        return tuple(found.values())


def levels_of(prefix: str) -> tuple[str, ...]:
    """A slash at the end changes nothing; one at the beginning is a level without a name, as MQTT has it."""
    return tuple(prefix.rstrip("/").split("/"))


def below(topic: str) -> frozenset[str]:
    """Every filter of the hub's that the topic could have come by."""
    levels = topic.split("/")
    return frozenset("/".join((*levels[:depth], "#")) for depth in range(1, len(levels) + 1))


def own_device(topic: bytes) -> UUID | None:
    """Whose topic it is at the hub's own broker; None for a topic that is no device's."""
    parts = topic.split(b"/", 2)
    if len(parts) < 2 or parts[0] != OWN_ROOT.encode():
        return None
    try:
        return UUID(parts[1].decode("ascii"))
    except ValueError:
        return None
