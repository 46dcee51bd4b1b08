"""What devices need done while nobody asks."""

from datetime import datetime, timedelta

from solarhub.devices.heartbeat import roll_forward
from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop

_EVERY = timedelta(seconds=15)


class _Heartbeat:
    """Remembers since when the hub has been listening: since its start, or since it last missed its own beats."""

    def __init__(self, started_at: datetime) -> None:
        self.listening_since = started_at
        self.last_beat = started_at

    async def beat(self, session: Session) -> None:
        at = now()
        if at - self.last_beat > 4 * _EVERY:
            # the database was away, or this machine slept: the devices' silence was our deafness
            self.listening_since = at
        await roll_forward(session, listening_since=self.listening_since, now=at)
        self.last_beat = at


def heartbeat(worker_database: Database) -> Loop:
    """The roll-forward every 15 seconds, for one hub from its start."""
    return Loop("heartbeat", worker_database, _Heartbeat(now()).beat, every_seconds=_EVERY.total_seconds())
