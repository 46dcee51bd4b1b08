"""An outbox with its database: posts, looks at rows, and runs what sends them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from solarhub.kit.db import Database, transaction
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post
from tests.conftest import TestDatabase

SECONDS = 15.0
"""How long a test waits for what takes a moment."""


def message(**changes: object) -> Message:
    values = {"channel": "email", "recipient": "a@example.org", "event": "invitation", "subject": "Hi", "text": "Hello"}
    return Message(**(values | changes))  # type: ignore[arg-type]  # a test names what it changes


@dataclass(frozen=True)
class Outbox:
    """`worker` is what dispatchers use; posts are the worker's too."""

    database: TestDatabase
    worker: Database
    keyring: Keyring

    async def post(self, *messages: Message) -> int:
        async with transaction(self.worker) as session:
            return await post(session, self.keyring, messages)

    async def rows(self, condition: str = "true") -> list[Mapping[str, Any]]:
        return await asyncio.to_thread(
            self.database.fetch, f"select * from notifications where {condition} order by created_at, id"
        )

    async def row(self) -> Mapping[str, Any]:
        [row] = await self.rows()
        return row

    async def change(self, columns: str) -> None:
        await asyncio.to_thread(self.database.fetch, f"update notifications set {columns}")

    async def until(self, condition: str, count: int) -> list[Mapping[str, Any]]:
        """Those rows, as soon as there are so many of them."""
        for _ in range(int(SECONDS / 0.02)):
            if len(found := await self.rows(condition)) >= count:
                return found
            await asyncio.sleep(0.02)
        states = [(row["state"], row["attempts"], row["last_error"]) for row in await self.rows()]
        raise AssertionError(f"not {count} rows with {condition} after {SECONDS} s: {states}")

    def webhook(self, organization_id: UUID, owner_id: UUID, url: str, sealed: str, id_: UUID) -> None:
        self.database.fetch(
            "insert into webhooks (id, organization_id, url, secret_sealed, created_by)"
            f" values ('{id_}', '{organization_id}', '{url}', '{sealed}', '{owner_id}')"
        )


@asynccontextmanager
async def running(*jobs: Any) -> AsyncIterator[None]:
    """The jobs of a hub, ended in order."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(job.run(stop)) for job in jobs]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
