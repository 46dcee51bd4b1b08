"""What alerts need done while nobody asks."""

from solarhub.alerts.delivery import tell
from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.kit.sealing import Keyring


def announcements(worker_database: Database, keyring: Keyring, public_url: str) -> Loop:
    """Makes messages of alerts that opened and closed, for whoever is to hear of them."""

    async def step(session: Session) -> None:
        await tell(session, keyring, public_url)

    return Loop("announcements", worker_database, step, every_seconds=1.0)
