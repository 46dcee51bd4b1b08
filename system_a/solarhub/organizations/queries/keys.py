"""SQL of API keys and webhooks, as those see them who look after them."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.kit.listing import page_of
from solarhub.kit.paging import Page
from solarhub.organizations.models import ApiKey, Webhook


async def api_keys(session: Session, page: Page) -> tuple[Sequence[ApiKey], int]:
    """A page of keys, newest first and those revoked or expired among them, and how many there are."""
    return await page_of(session, sa.select(ApiKey).order_by(ApiKey.id.desc()), page)


async def api_key_to_change(session: Session, key_id: UUID) -> ApiKey | None:
    """Locked until the transaction ends."""
    return await session.scalar(sa.select(ApiKey).where(ApiKey.id == key_id).with_for_update(key_share=True))


async def webhooks(session: Session, page: Page) -> tuple[Sequence[Webhook], int]:
    """A page of them, oldest first, and how many there are."""
    return await page_of(session, sa.select(Webhook).where(Webhook.removed_at.is_(None)).order_by(Webhook.id), page)


async def webhook(session: Session, webhook_id: UUID) -> Webhook | None:
    return await session.scalar(sa.select(Webhook).where(Webhook.id == webhook_id, Webhook.removed_at.is_(None)))


async def webhook_to_change(session: Session, webhook_id: UUID) -> Webhook | None:
    """Locked until the transaction ends, so that the version that is checked is the version that is changed."""
    return await session.scalar(
        sa.select(Webhook).where(Webhook.id == webhook_id, Webhook.removed_at.is_(None)).with_for_update(key_share=True)
    )


async def count_webhooks(session: Session) -> int:
    return await session.scalar(sa.select(sa.func.count(Webhook.id)).where(Webhook.removed_at.is_(None))) or 0
