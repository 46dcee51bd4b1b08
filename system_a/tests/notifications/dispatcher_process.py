"""A dispatcher as a hub has it, in a process of its own, that a test can kill."""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass
from ipaddress import ip_network
from multiprocessing.context import ForkServerProcess

import sqlalchemy as sa

from solarhub.kit.db import Database, Session
from solarhub.kit.loop import Loop
from solarhub.kit.sealing import Keyring
from solarhub.notifications.dispatch import Dispatcher
from solarhub.notifications.email import Email
from solarhub.notifications.lane import Pace
from solarhub.notifications.patience import Patience
from solarhub.notifications.reporting import Sent, report
from solarhub.notifications.smtp_settings import SmtpSettings
from solarhub.notifications.webhook import Webhook

TIMEOUT_SECONDS = 2.0
LETTERS = Patience(shortest=0.1, longest=0.5, total=600.0)
HOOKS = Patience(shortest=0.1, longest=0.5, total=3600.0)


@dataclass(frozen=True)
class Place:
    """What the process needs to know."""

    worker_url: str
    keys: str
    smtp_url: str
    authorities: str


def start(place: Place) -> ForkServerProcess:
    """A new one. What it needs is loaded once, beforehand, so that each is at work within a moment."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_main, args=(place,))
    process.start()
    return process


def end(process: ForkServerProcess) -> None:
    """As an init system does; the exit status must be 0."""
    process.terminate()
    process.join(30)
    assert process.exitcode == 0


def _main(place: Place) -> None:
    os.environ["SSL_CERT_FILE"] = place.authorities
    asyncio.run(_run(place))


async def _run(place: Place) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    database = Database(place.worker_url, "worker", pool_size=4)
    email = Email(SmtpSettings.parse(place.smtp_url), timeout_seconds=TIMEOUT_SECONDS)
    webhook = Webhook(allowed=[ip_network("127.0.0.0/8"), ip_network("::1/128")], timeout_seconds=TIMEOUT_SECONDS)
    dispatcher = Dispatcher(
        database,
        Keyring.parse(place.keys),
        {"email": (email, LETTERS), "webhook": (webhook, HOOKS)},
        pace=Pace(lease=2.1, look_seconds=0.05),
    )
    telling = Loop("messages are noted", database, _tell, every_seconds=0.05)
    await asyncio.gather(dispatcher.run(stop), telling.run(stop))
    await database.close()


async def _tell(session: Session) -> None:
    await report(session, _note)


async def _note(session: Session, sent: list[Sent]) -> None:
    """Into a table of the test's own, as an alert notes that people heard of it."""
    rows = [{"subject_id": one.subject_id, "channel": one.channel} for one in sent]
    await session.execute(sa.text("insert into told values (:subject_id, :channel)"), rows)
