"""Whose a topic is at the hub's own broker: the broker lets a device publish under its own id alone."""

from collections.abc import Iterable, Sequence
from time import monotonic
from uuid import UUID

from solarhub.devices import publishers
from solarhub.kit.db import Database, outages
from solarhub.telemetry.found.roster import zone_of
from solarhub.telemetry.mqtt.subscriber import DROPPED
from solarhub.telemetry.mqtt.topics import OWN_ROOT, Owner, own_device

TRUSTED_SECONDS = 10.0
"""So long after its last token was revoked a device is still taken; the broker then keeps it out by itself."""

_MOST_REMEMBERED = 200_000


class OwnBroker:
    """Asks who holds a token at most every ten seconds, for all devices of a batch at once."""

    def __init__(self, database: Database) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._topics: dict[bytes, UUID | None] = {}
        self._known: dict[UUID, tuple[float, tuple[Owner, ...]]] = {}

    def filters(self) -> frozenset[str]:
        return frozenset({f"{OWN_ROOT}/+/#", DROPPED.decode()})

    async def meet(self, topics: Iterable[bytes]) -> None:
        at = monotonic()
        wanted = {device_id for topic in topics if (device_id := self._device_of(topic)) is not None}
        strangers = [each for each in wanted if each not in self._known or self._known[each][0] < at]
        if not strangers:
            return
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()
            strangers = list(wanted)
        async with outages(), self._database.session() as worker:
            found = await publishers.holders(worker, strangers)
        for each in strangers:
            owners: tuple[Owner, ...] = ()
            if each in found:
                device, time_zone = found[each]
                owners = (Owner(device, f"{OWN_ROOT}/{each}", zone_of(time_zone), f"own/{each}"),)
            self._known[each] = (at + TRUSTED_SECONDS, owners)

    def owners(self, topic: bytes) -> Sequence[Owner]:
        device_id = self._device_of(topic)
        return () if device_id is None else self._known.get(device_id, (0.0, ()))[1]

    def _device_of(self, topic: bytes) -> UUID | None:
        try:
            return self._topics[topic]
        except KeyError:
            if len(self._topics) > _MOST_REMEMBERED:
                self._topics.clear()
            found = self._topics[topic] = own_device(topic)
            return found
