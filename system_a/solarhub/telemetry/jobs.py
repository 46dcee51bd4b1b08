"""What telemetry needs done while nobody asks."""

from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.telemetry.moving import follow


def samples_follow(worker_database: Database) -> Loop:
    """Raw samples of plants that were handed over, every second while there are any."""

    async def step(session: Session) -> None:
        await follow(session, now())

    return Loop("samples follow handovers", worker_database, step, every_seconds=1.0)
