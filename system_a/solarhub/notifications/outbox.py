"""Where messages wait: rows that exist if, and only if, what they tell of has been committed."""

from collections.abc import Iterable, Sequence

from solarhub.kit.db import Session, after_commit
from solarhub.kit.ids import uuid7
from solarhub.kit.resealing import SealedColumn
from solarhub.kit.sealing import Keyring
from solarhub.notifications.bell import ring_all
from solarhub.notifications.message import Message
from solarhub.notifications.models import Notification
from solarhub.notifications.queries import reading
from solarhub.notifications.queries.posting import NewRow, add

LINK_PLACE = "link"
SEALED = SealedColumn(Notification.secret_sealed, (Notification.id, LINK_PLACE))


async def post(session: Session, keyring: Keyring, messages: Iterable[Message]) -> int:
    """Puts messages into the caller's transaction; returns how many were not there before.

    For sessions of the app, the auth and the worker role alike. What an auth session posts belongs to no organization:
    the database refuses its `organization_id`. Sending begins with the commit.
    """
    rows = []
    for message in messages:
        id_ = uuid7()
        rows.append(
            NewRow(
                id=id_,
                organization_id=message.organization_id,
                user_id=message.user_id,
                channel=str(message.channel),
                recipient=message.recipient,
                event=message.event,
                subject_id=message.subject_id,
                content=message.content,
                secret_sealed=None if message.link is None else keyring.seal(message.link, id_, LINK_PLACE),
                not_before=message.not_before,
            )
        )
    if not rows:
        return 0
    posted = await add(session, rows)
    if posted:
        after_commit(session, ring_all)
    return posted


async def newest(session: Session, *, at_most: int) -> Sequence[Notification]:
    """What was posted last by anybody, for whoever operates the hub (worker role)."""
    return await reading.newest(session, at_most=at_most)
