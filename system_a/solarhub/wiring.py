"""Plugs what stands upstairs into the hooks that lower rooms declare; used by the roots and by tests."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from solarhub.accounts import own_words
from solarhub.accounts.jobs import forgetting
from solarhub.alerts import closing, delivery, moving
from solarhub.alerts.evaluation import Evaluator
from solarhub.alerts.jobs import announcements
from solarhub.devices import removal, sealing, senders
from solarhub.devices.jobs import broker_users
from solarhub.devices.jobs import loops as device_loops
from solarhub.devices.models import Device
from solarhub.drivers.dialects import Dialects
from solarhub.drivers.mqtt import Address
from solarhub.kit import idempotency
from solarhub.kit.db import Databases, Session, after_commit
from solarhub.kit.loop import Loop
from solarhub.kit.mosquitto import HUB, Broker
from solarhub.kit.sealing import Keyring
from solarhub.notifications.jobs import messages
from solarhub.notifications.smtp_settings import SmtpSettings
from solarhub.notifications.webhook_address import IpNetwork
from solarhub.organizations import invitations
from solarhub.organizations.inviting import MembershipInvitations
from solarhub.organizations.places import names_around
from solarhub.sites import hooks
from solarhub.sites.borrowing import SiteGrantInvitations
from solarhub.sites.jobs import end_site_maintenance
from solarhub.sites.offering import HandoverInvitations
from solarhub.telemetry import own_metrics
from solarhub.telemetry.batch import CommittedBatch
from solarhub.telemetry.catalogues import Catalogues
from solarhub.telemetry.found import adopting
from solarhub.telemetry.found.following import Following
from solarhub.telemetry.found.notebook import Notebook
from solarhub.telemetry.found.roster import Roster
from solarhub.telemetry.ingest import Ingest
from solarhub.telemetry.jobs import cold_days, found_senders, rollups, samples_follow
from solarhub.telemetry.live import Live
from solarhub.telemetry.mqtt_inbox import Found, Inbox


class Job(Protocol):
    """What goes on by itself until it is told to stop."""

    @property
    def name(self) -> str:
        """For the log, and for whoever asks what has ended."""

    async def run(self, stop: asyncio.Event) -> None:
        """Returns once `stop` is set and what was under way has ended."""


@dataclass(frozen=True)
class Corridor:
    """From the door to the disk, from there to the judge, and what goes on beside them."""

    ingest: Ingest
    catalogues: Catalogues
    evaluator: Evaluator
    live: Live
    dialects: Dialects
    found_changed: Callable[[], None]
    inbox: Inbox
    jobs: Sequence[Job]


def connect(
    databases: Databases,
    *,
    keyring: Keyring,
    public_url: str,
    exclusive: bool,
    smtp: SmtpSettings | None = None,
    webhook_networks: Iterable[IpNetwork] = (),
    broker: Broker | None = None,
    dialects: Dialects | None = None,
) -> Corridor:
    """Every committed batch is judged, and whatever closes, moves or is sent is heard of upstairs.

    `exclusive`: no other hub works on this database. Without `smtp`, letters go to the preview mailbox.
    `broker`: the hub's own, at which devices may publish.
    """
    worker = databases.worker
    evaluator = Evaluator(worker, exclusive=exclusive)
    catalogues = Catalogues(worker)
    live = Live()
    dialects = dialects or Dialects.load()
    roster = Roster(worker)
    notebook = Notebook(worker, dialects)
    following = found_senders(worker, Following(worker, dialects, catalogues))

    def committed(batch: CommittedBatch) -> None:
        evaluator.committed(batch)
        live.committed(batch)

    ingest = Ingest(worker, committed)
    own_broker = Address(broker.host, broker.port, username=HUB, password=broker.password) if broker else None
    found = Found(dialects, roster, notebook)
    inbox = Inbox(worker, keyring, ingest, catalogues, found, exclusive=exclusive, own_broker=own_broker)

    def look_again() -> None:
        senders.forget_all()
        evaluator.invalidate()
        catalogues.edited()
        inbox.look_again()
        found_changed()

    def found_changed() -> None:
        for loop in (roster.loop, *following[:1]):
            loop.hurry()

    async def leave(session: Session, device: Device) -> None:
        await closing.with_device(session, device)
        await adopting.let_go(session, device)
        after_commit(session, evaluator.invalidate)

    # set, not added to: the last hub of a process is the one that is told
    invitations.KINDS[:] = [MembershipInvitations(), SiteGrantInvitations(), HandoverInvitations()]
    own_words.SOURCES[:] = [names_around]
    removal.LEAVING[:] = [leave]
    hooks.AFTER_CLOSING[:] = [closing.with_site]
    hooks.BEFORE_HANDOVER[:] = [moving.hold]
    hooks.HANDING_OVER[:] = [sealing.reseal_site, own_metrics.follow_site]
    hooks.AFTER_HANDOVER[:] = [look_again]
    jobs: list[Job] = [
        *device_loops(worker, keyring, public_url),
        end_site_maintenance(worker),
        samples_follow(worker),
        *rollups(worker),
        *cold_days(worker),
        catalogues.loop,
        roster.loop,
        notebook,
        *following,
        inbox,
        *([broker_users(worker, broker.give_users)] if broker else ()),
        announcements(worker, keyring, public_url),
        *messages(worker, keyring, smtp=smtp, webhook_networks=webhook_networks, on_sent=delivery.note),
        forgetting(databases.auth),
        Loop("answers are forgotten", worker, _forget_answers, every_seconds=3600.0),
    ]
    return Corridor(ingest, catalogues, evaluator, live, dialects, found_changed, inbox, jobs)


async def _forget_answers(session: Session) -> None:
    await idempotency.forget_old(session)
