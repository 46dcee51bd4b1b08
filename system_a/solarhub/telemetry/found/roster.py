"""Who of those who were found is which device, held in memory: the door asks for every message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from solarhub.devices import metadata
from solarhub.devices.identity import KnownDevice
from solarhub.drivers.dialects import Dialects, Memory
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.loop import Loop
from solarhub.telemetry.queries import found as shown_queries
from solarhub.telemetry.queries import found_worker as queries

LOOK_SECONDS = 2.0
"""How long what another process did may stay unknown here."""

_Name = tuple[UUID, str, str]


@dataclass(frozen=True, slots=True)
class Adopted:
    """`zone` is that of times that name none."""

    device: KnownDevice
    sender_id: UUID
    zone: tzinfo


class Roster:
    """Looks again every two seconds, and at once after `changed()`."""

    def __init__(self, database: Database) -> None:
        """`database` logs in as solarhub_worker."""
        self._database = database
        self._adopted: Mapping[_Name, Adopted] = {}
        self._ignored: frozenset[_Name] = frozenset()
        self._stand = ""
        self.loop = Loop("found senders are known", database, self._look, every_seconds=LOOK_SECONDS)

    def device_of(self, organization_id: UUID, broker_key: str, sender: str) -> Adopted | None:
        return self._adopted.get((organization_id, broker_key, sender))

    def is_ignored(self, organization_id: UUID, broker_key: str, sender: str) -> bool:
        return (organization_id, broker_key, sender) in self._ignored

    def changed(self) -> None:
        """Somebody was adopted, ignored or let go in this process."""
        self.loop.hurry()

    async def refresh(self) -> None:
        """Raises Unavailable."""
        async with transaction(self._database) as worker:
            await self._look(worker)

    async def remembered(self, organization_id: UUID, broker_key: str, dialects: Dialects) -> Memory:
        """What was announced at a broker before this process began. Raises Unavailable."""
        async with transaction(self._database) as worker:
            said = await shown_queries.announcements(worker, organization_id, broker_key)
        return dialects.remembering(said)

    async def _look(self, worker: Session) -> None:
        stand = await queries.stand(worker)
        if stand == self._stand:
            return
        adopted, ignored = {}, set()
        for row in await queries.standings(worker):
            name = (row.organization_id, row.broker_key, row.sender)
            found = adopted_of(row)
            if found is not None:
                adopted[name] = found
            elif row.device_id is None:
                ignored.add(name)
        self._adopted, self._ignored, self._stand = adopted, frozenset(ignored - adopted.keys()), stand


def adopted_of(row: queries.Standing) -> Adopted | None:
    """The device that one is; None for one without, or whose device is gone or not served now."""
    if row.device_id is None or row.device_key is None or row.organization_key is None:
        return None
    device = KnownDevice(
        row.device_id, row.organization_id, row.organization_key, row.device_key, metadata.rated_kw(row.notes or {})
    )
    return Adopted(device, row.sender_id, zone_of(row.time_zone or row.site_time_zone))


def zone_of(name: str | None) -> tzinfo:
    """UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
