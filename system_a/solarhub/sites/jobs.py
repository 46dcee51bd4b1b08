"""What sites need done while nobody asks."""

from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.sites import maintenance


def end_site_maintenance(worker_database: Database) -> Loop:
    """Maintenance of plants that was given an end, within 15 seconds of it."""

    async def step(session: Session) -> None:
        await maintenance.end_due(session)

    return Loop("site maintenance ends", worker_database, step, every_seconds=15.0)
