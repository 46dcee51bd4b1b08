"""What messages need done while nobody asks."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.kit.sealing import Keyring
from solarhub.notifications import mailbox
from solarhub.notifications.dispatch import Dispatcher
from solarhub.notifications.email import Email
from solarhub.notifications.lane import Carrier
from solarhub.notifications.patience import LETTER, WEBHOOK, Patience
from solarhub.notifications.preview import Preview
from solarhub.notifications.reporting import OnSent, report
from solarhub.notifications.smtp_settings import SmtpSettings
from solarhub.notifications.vocabulary import Way
from solarhub.notifications.webhook import Webhook
from solarhub.notifications.webhook_address import IpNetwork


class Job(Protocol):
    """What a root runs until it is told to stop."""

    @property
    def name(self) -> str:
        """For the log."""

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and what was under way has ended."""


def messages(
    worker_database: Database,
    keyring: Keyring,
    *,
    smtp: SmtpSettings | None,
    webhook_networks: Iterable[IpNetwork] = (),
    on_sent: OnSent,
) -> list[Job]:
    """Sending, telling that it was sent, and forgetting.

    Without `smtp` letters go to the preview mailbox. `webhook_networks`: those of the operator's own that webhooks may
    lead into. `on_sent` hears of every message that has a subject, once.
    """
    letters: Carrier = Preview() if smtp is None else Email(smtp)
    ways: dict[str, tuple[Carrier, Patience]] = {
        Way.EMAIL: (letters, LETTER),
        Way.WEBHOOK: (Webhook(allowed=tuple(webhook_networks)), WEBHOOK),
    }

    async def tell(session: Session) -> None:
        await report(session, on_sent)

    async def forget(session: Session) -> None:
        await mailbox.forget_links(session)

    return [
        Dispatcher(worker_database, keyring, ways),
        Loop("messages are noted", worker_database, tell, every_seconds=1.0),
        Loop("links are forgotten", worker_database, forget, every_seconds=3600.0),
    ]
