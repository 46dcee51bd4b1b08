"""Dispatchers that are quick, and what they hand messages to."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_network
from uuid import UUID

from solarhub.kit.ids import uuid7
from solarhub.notifications.dispatch import Dispatcher
from solarhub.notifications.lane import Carrier, Pace
from solarhub.notifications.parcel import Parcel, Receipt
from solarhub.notifications.patience import Patience
from solarhub.notifications.webhook import Webhook
from solarhub.notifications.webhook_secret import new_secret, seal_secret
from tests.conftest import Tenant
from tests.notifications.outboxes import Outbox, message
from tests.notifications.peers import Receiver

QUICK = Pace(look_seconds=0.05)
IMPATIENT = Patience(shortest=0.05, longest=0.1, total=60.0)


@dataclass
class Hand:
    """Takes letters as it is told to, and counts them."""

    deliver_one: Callable[[Parcel], Awaitable[Receipt]]
    at_once: int = 4
    each: int | None = None
    timeout_seconds: float = 5.0
    taken: Counter[UUID] = field(default_factory=Counter)

    async def deliver(self, parcel: Parcel) -> Receipt:
        self.taken[parcel.id] += 1
        return await self.deliver_one(parcel)

    async def rest(self) -> None:
        """Nothing is held."""


async def at_once(_parcel: Parcel) -> Receipt:
    return Receipt("taken")


def letters(outbox: Outbox, carrier: Carrier, patience: Patience = IMPATIENT, pace: Pace = QUICK) -> Dispatcher:
    return Dispatcher(outbox.worker, outbox.keyring, {"email": (carrier, patience)}, pace=pace)


@dataclass(frozen=True)
class Hooks:
    """Webhooks of a tenant, each at a path of a receiver that runs as long as the test."""

    outbox: Outbox
    tenant: Tenant
    receiving: Receiver

    async def at(self, path: str) -> str:
        """The id of a new one."""
        id_, organization_id = uuid7(), self.tenant.organization_id
        sealed = seal_secret(self.outbox.keyring, new_secret(), organization_id, id_)
        url = f"http://127.0.0.1:{self.receiving.port}{path}"
        await asyncio.to_thread(self.outbox.webhook, organization_id, self.tenant.owner_id, url, sealed, id_)
        return str(id_)

    async def post(self, hook_id: str, count: int = 1) -> None:
        one = message(channel="webhook", recipient=hook_id, organization_id=self.tenant.organization_id)
        await self.outbox.post(*(one for _ in range(count)))

    def sender(self, *, timeout_seconds: float = 5.0, patience: Patience = IMPATIENT) -> Dispatcher:
        way = Webhook(allowed=[ip_network("127.0.0.1")], timeout_seconds=timeout_seconds)
        return Dispatcher(self.outbox.worker, self.outbox.keyring, {"webhook": (way, patience)}, pace=QUICK)
