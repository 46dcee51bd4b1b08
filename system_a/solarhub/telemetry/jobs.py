"""What telemetry needs done while nobody asks."""

from solarhub.kit.clock import now
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.telemetry.cold.compaction import Compaction
from solarhub.telemetry.cold.retention import Retention
from solarhub.telemetry.found.following import Following
from solarhub.telemetry.found.tidying import tidy
from solarhub.telemetry.moving import follow
from solarhub.telemetry.rollups import rolling


def samples_follow(worker_database: Database) -> Loop:
    """Raw samples of plants that were handed over, every second while there are any."""

    async def step(session: Session) -> None:
        await follow(session, now())

    return Loop("samples follow handovers", worker_database, step, every_seconds=1.0)


def rollups(worker_database: Database) -> list[Loop]:
    """From the corridor's marks to quarters, hours and days, and by and by to months."""

    async def take(session: Session) -> None:
        await rolling.take(session, now())

    async def roll(session: Session) -> None:
        await rolling.roll(session, now())

    async def months(session: Session) -> None:
        await rolling.roll_months(session, now())

    return [
        Loop("marks are taken", worker_database, take, every_seconds=5.0),
        Loop("rows are rolled up", worker_database, roll, every_seconds=0.5),
        Loop("months are put together", worker_database, months, every_seconds=30.0),
    ]


def found_senders(worker_database: Database, following: Following) -> list[Loop]:
    """Messages of those who were adopted become samples, kept ones are read anew, old ones are forgotten."""

    async def forget(session: Session) -> None:
        await tidy(session, now())

    return [
        Loop("found senders follow", worker_database, following.store_waiting, every_seconds=2.0),
        Loop("kept messages are read anew", worker_database, following.replay, every_seconds=2.0),
        Loop("kept messages are forgotten", worker_database, forget, every_seconds=300.0),
    ]


def cold_days(worker_database: Database) -> list[Loop]:
    """Days that are over become blocks, and what nobody keeps any more leaves; in small steps, with pauses between."""
    compaction, retention = Compaction(), Retention()

    async def compress(session: Session) -> None:
        await compaction.step(session, now())

    async def remove(session: Session) -> None:
        await retention.step(session, now())

    return [
        Loop("closed days become blocks", worker_database, compress, every_seconds=0.5),
        Loop("old rows are removed", worker_database, remove, every_seconds=2.0),
    ]
