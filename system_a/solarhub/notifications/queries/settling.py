"""SQL of what became of a message that was sent, or was to be."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from solarhub.kit.db import Session
from solarhub.notifications.models import Notification
from solarhub.notifications.queries.moments import seconds_from_now
from solarhub.notifications.vocabulary import State

_webhooks = sa.table("webhooks", sa.column("id", sa.Uuid), sa.column("is_active", sa.Boolean))  # upstairs


async def settle(
    session: Session,
    id_: UUID,
    token: UUID,
    state: State,
    *,
    provider_id: str | None = None,
    error: str | None = None,
    keep_secret: bool = False,
) -> bool:
    """Ends a message, unless somebody else has taken it meanwhile; then False."""
    values: dict[str, Any] = {
        "state": state,
        "settled_at": sa.func.now(),
        "provider_id": provider_id,
        "last_error": error,
        "lease_token": None,
        "lease_until": None,
    }
    return await _release(session, id_, token, values if keep_secret else {**values, "secret_sealed": None})


async def put_back(
    session: Session, id_: UUID, token: UUID, *, pause_seconds: float, error: str, is_attempt: bool = True
) -> bool:
    """Lets a message wait for its next attempt, unless somebody else has taken it meanwhile; then False."""
    return await _release(
        session,
        id_,
        token,
        {
            "state": State.PENDING,
            "not_before": seconds_from_now(pause_seconds),
            "last_error": error,
            "attempts": Notification.attempts if is_attempt else Notification.attempts - 1,
            "lease_token": None,
            "lease_until": None,
        },
    )


async def _release(session: Session, id_: UUID, token: UUID, values: Mapping[str, Any]) -> bool:
    released = await session.execute(
        sa.update(Notification)
        .where(Notification.id == id_, Notification.lease_token == token)
        .values(**values)
        .returning(Notification.id),
        execution_options={"synchronize_session": False},
    )
    return released.one_or_none() is not None


async def switch_off(session: Session, hook_id: UUID) -> None:
    """The receiver of a webhook wants nothing more."""
    await session.execute(
        sa.update(_webhooks).where(_webhooks.c.id == hook_id, _webhooks.c.is_active).values(is_active=False)
    )
