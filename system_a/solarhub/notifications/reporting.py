"""Tells whoever caused a message that it went out: once, in the transaction that notes that they were told."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import structlog

from solarhub.kit.db import Session
from solarhub.notifications.queries.reading import mark_reported, unreported

log = structlog.get_logger(__name__)

_AT_ONCE = 500


@dataclass(frozen=True)
class Sent:
    """A message about `subject_id` that went out."""

    subject_id: UUID
    event: str
    channel: str
    recipient: str


OnSent = Callable[[Session, list[Sent]], Awaitable[None]]
"""Hook: called with a session of the worker, which commits once it has returned."""


async def report(session: Session, on_sent: OnSent) -> int:
    """Reports up to 500 messages, in the order in which they went out; returns how many.

    Where the hook refuses them together, each is reported alone, so that one does not keep the others from being told.
    """
    rows = await unreported(session, at_most=_AT_ONCE)
    if not rows:
        return 0
    told = {row.id: Sent(row.subject_id, row.event, row.channel, row.recipient) for row in rows}
    try:
        async with session.begin_nested():
            await on_sent(session, list(told.values()))
            await mark_reported(session, list(told))
    except Exception:  # whatever it is, it may be the fault of one
        log.exception("sent messages are not noted together", messages=len(told))
    else:
        return len(told)
    noted = 0
    for id_, sent in told.items():
        try:
            async with session.begin_nested():
                await on_sent(session, [sent])
                await mark_reported(session, [id_])
        except Exception:  # the next one may do better; this one is tried again
            log.exception("a sent message is not noted", notification=str(id_))
        else:
            noted += 1
    return noted
