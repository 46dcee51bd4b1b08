"""Addresses of an organization's own that are told of its alerts."""

from collections.abc import Sequence
from uuid import UUID

from solarhub.audit.recording import acting, record
from solarhub.kit.clock import now
from solarhub.kit.db import Session
from solarhub.kit.errors import Conflict, FieldError, Invalid, NotFound
from solarhub.kit.ids import uuid7
from solarhub.kit.resealing import SealedColumn
from solarhub.kit.sealing import Keyring
from solarhub.notifications.message import Message
from solarhub.notifications.outbox import post
from solarhub.notifications.vocabulary import Way
from solarhub.notifications.webhook_address import AddressRefused, IpNetwork, check_url
from solarhub.notifications.webhook_secret import PLACE, new_secret, seal_secret
from solarhub.organizations.access import Standing
from solarhub.organizations.models import Webhook
from solarhub.organizations.queries import keys as queries
from solarhub.organizations.schemas.webhooks import WebhookChange, WebhookRegistration

MOST = 20
TEST_EVENT = "webhook.test"
SEALED = SealedColumn(Webhook.secret_sealed, (Webhook.organization_id, Webhook.id, PLACE))


async def register(
    session: Session, keyring: Keyring, here: Standing, wanted: WebhookRegistration, allowed: Sequence[IpNetwork]
) -> tuple[Webhook, str]:
    """A new one, and the secret that signs its messages: it can be shown now and never again.

    `allowed` are networks of the operator's own that it may lead into. Invalid for an address that is not taken,
    Conflict when there are too many.
    """
    _check(wanted.url, allowed)
    if await queries.count_webhooks(session) >= MOST:
        raise Conflict(f"An organization has at most {MOST} webhooks; remove one first.")
    webhook_id, secret = uuid7(), new_secret()
    webhook = Webhook(
        id=webhook_id,
        organization_id=here.organization.id,
        url=wanted.url,
        description=wanted.description,
        is_active=wanted.is_active,
        created_by=here.actor.user_id,
        secret_sealed=seal_secret(keyring, secret, here.organization.id, webhook_id),
    )
    session.add(webhook)
    await session.flush()
    return webhook, secret


async def find(session: Session, webhook_id: UUID) -> Webhook:
    """NotFound for one that is not there, was removed, or is somebody else's."""
    found = await queries.webhook(session, webhook_id)
    if found is None:
        raise NotFound
    return found


async def find_to_change(session: Session, webhook_id: UUID) -> Webhook:
    """As `find`, and locked."""
    found = await queries.webhook_to_change(session, webhook_id)
    if found is None:
        raise NotFound
    return found


async def change(session: Session, webhook: Webhook, wanted: WebhookChange, allowed: Sequence[IpNetwork]) -> None:
    """Sets what the request named. Invalid for an address that is not taken."""
    if "url" in wanted.model_fields_set:
        _check(wanted.url, allowed)
    for name in wanted.model_fields_set:
        setattr(webhook, name, getattr(wanted, name))
    await session.flush()


async def remove(session: Session, webhook: Webhook) -> None:
    """Nothing more is sent there; what has been is remembered."""
    acting(session, "webhook.remove")
    webhook.removed_at = now()
    await session.flush()


async def test(session: Session, keyring: Keyring, here: Standing, webhook: Webhook) -> int:
    """Puts a signed test message on its way; returns how many. Conflict for one that is switched off."""
    if not webhook.is_active:
        raise Conflict("The webhook is switched off; switch it on first.")
    message = Message(
        channel=Way.WEBHOOK,
        recipient=str(webhook.id),
        event=TEST_EVENT,
        subject="A test of this webhook",
        text=f"{here.organization.name} tests whether messages of its hub arrive here and are signed as expected.",
        organization_id=here.organization.id,
        payload={"organization_id": str(here.organization.id), "organization_name": here.organization.name},
    )
    await record(session, TEST_EVENT, "webhook", webhook.id, organization_id=here.organization.id)
    return await post(session, keyring, [message])


def _check(url: str, allowed: Sequence[IpNetwork]) -> None:
    try:
        check_url(url, allowed)
    except AddressRefused as refused:
        allowed_words = "an https address on the internet, such as https://example.com/hooks/solar"
        raise Invalid([FieldError("url", url, str(refused), allowed_words)]) from None
