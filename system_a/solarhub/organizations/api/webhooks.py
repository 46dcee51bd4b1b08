"""Webhooks over HTTP."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response, status

from solarhub.kit.errors import Conflict, Invalid, NotFound, PreconditionRequired, Stale, Unreadable
from solarhub.kit.http import IfMatch, Keys, Router, describe, tag
from solarhub.kit.paging import Listing, Page
from solarhub.notifications.webhook_address import IpNetwork
from solarhub.organizations import webhooks
from solarhub.organizations.deps import Here, TenantReading, TenantWriting, needs
from solarhub.organizations.models import Webhook
from solarhub.organizations.queries import keys as queries
from solarhub.organizations.roles import Permission
from solarhub.organizations.schemas.webhooks import (
    MadeWebhook,
    QueuedAnswer,
    WebhookAnswer,
    WebhookChange,
    WebhookRegistration,
)

_NEEDS = needs(Permission.WEBHOOKS_CHANGE)

router = Router(prefix="/organizations/{organization_id}/webhooks", tags=["webhooks"])


async def _allowed(request: Request) -> Sequence[IpNetwork]:
    found: Sequence[IpNetwork] = request.app.state.webhook_networks
    return found


async def _webhook(webhook_id: UUID, session: TenantReading) -> Webhook:
    return await webhooks.find(session, webhook_id)


async def _webhook_to_change(webhook_id: UUID, session: TenantWriting) -> Webhook:
    return await webhooks.find_to_change(session, webhook_id)


_Allowed = Annotated[Sequence[IpNetwork], Depends(_allowed)]
_Webhook = Annotated[Webhook, Depends(_webhook, scope="function")]
_WebhookToChange = Annotated[Webhook, Depends(_webhook_to_change, scope="function")]


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_NEEDS,
    responses=describe(Unreadable, NotFound, Conflict, Invalid),
)
async def register_webhook(
    *,
    wanted: WebhookRegistration,
    here: Here,
    session: TenantWriting,
    keyring: Keys,
    allowed: _Allowed,
    response: Response,
) -> MadeWebhook:
    """Name an address that is to be told of alerts. The secret that signs its messages is shown this once."""
    webhook, secret = await webhooks.register(session, keyring, here, wanted, allowed)
    response.headers["Location"] = f"/api/v1/organizations/{here.organization.id}/webhooks/{webhook.id}"
    tag(response, webhook.version)
    return MadeWebhook.model_validate({**WebhookAnswer.model_validate(webhook).model_dump(), "secret": secret})


@router.get("", openapi_extra=_NEEDS, responses=describe(NotFound, Invalid))
async def list_webhooks(page: Annotated[Page, Query()], session: TenantReading) -> Listing[WebhookAnswer]:
    """The organization's webhooks."""
    rows, counted = await queries.webhooks(session, page)
    return Listing.of([WebhookAnswer.model_validate(row) for row in rows], counted, page)


@router.get("/{webhook_id}", response_model=WebhookAnswer, openapi_extra=_NEEDS, responses=describe(NotFound))
async def get_webhook(webhook: _Webhook, response: Response) -> Webhook:
    """One webhook; its ETag is what a change must name."""
    tag(response, webhook.version)
    return webhook


@router.patch(
    "/{webhook_id}",
    response_model=WebhookAnswer,
    openapi_extra=_NEEDS,
    responses=describe(Unreadable, NotFound, Stale, Invalid, PreconditionRequired),
)
async def change_webhook(
    *,
    webhook: _WebhookToChange,
    wanted: WebhookChange,
    expected: IfMatch,
    session: TenantWriting,
    allowed: _Allowed,
    response: Response,
) -> Webhook:
    """Change what is named. The secret stays; for another one make another webhook."""
    expected.check(webhook.version)
    await webhooks.change(session, webhook, wanted, allowed)
    tag(response, webhook.version)
    return webhook


@router.delete(
    "/{webhook_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    openapi_extra=_NEEDS,
    responses=describe(Unreadable, NotFound, Stale, PreconditionRequired),
)
async def remove_webhook(webhook: _WebhookToChange, expected: IfMatch, session: TenantWriting) -> None:
    """Tell this address nothing any more."""
    expected.check(webhook.version)
    await webhooks.remove(session, webhook)


@router.post(
    "/{webhook_id}/test",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_NEEDS,
    responses=describe(NotFound, Conflict),
)
async def test_webhook(webhook: _WebhookToChange, here: Here, session: TenantWriting, keyring: Keys) -> QueuedAnswer:
    """Send a signed test message. How it ended stands among the notifications."""
    queued = await webhooks.test(session, keyring, here, webhook)
    return QueuedAnswer(event=webhooks.TEST_EVENT, queued=queued)
