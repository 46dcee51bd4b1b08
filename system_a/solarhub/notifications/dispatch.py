"""All ways side by side: what holds up one of them holds up none of the others."""

import asyncio
from collections.abc import Mapping

from solarhub.kit.db import Database
from solarhub.kit.sealing import Keyring
from solarhub.notifications.lane import Carrier, Lane, Pace
from solarhub.notifications.patience import Patience


class Dispatcher:
    """Sends what is in the outbox. Any number of them may work on one database."""

    name = "messages"

    def __init__(
        self,
        worker_database: Database,
        keyring: Keyring,
        ways: Mapping[str, tuple[Carrier, Patience]],
        *,
        pace: Pace = Pace(),  # noqa: B008 - it is frozen
    ) -> None:
        """`ways`: who carries the messages of each channel, and how long they try; others wait in the outbox."""
        self._lanes = [
            Lane(worker_database, keyring, channel=channel, carrier=carrier, patience=patience, pace=pace)
            for channel, (carrier, patience) in ways.items()
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and what was under way has been sent and noted."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(lane.run(stop), name=f"messages by {lane.channel}")
