"""The preview mailbox: letters of a hub without a mail server, to be read by whoever runs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from solarhub.kit.db import Session
from solarhub.kit.errors import NotFound
from solarhub.kit.paging import Page
from solarhub.kit.sealing import Keyring, Unsealable
from solarhub.notifications.message import with_link
from solarhub.notifications.models import Notification
from solarhub.notifications.outbox import LINK_PLACE
from solarhub.notifications.preview import PROVIDER
from solarhub.notifications.queries import reading

LINKS_KEPT_SECONDS = 7 * 24 * 3600.0
"""As long as the longest of them opens anything. A letter that was read stays readable: people open mail twice."""

_FORGOTTEN = "(this link is not kept any more)"


@dataclass(frozen=True)
class Letter:
    """One letter as its recipient would have got it; without its link once that has been wiped."""

    notification: Notification
    text: str
    has_link: bool


async def latest(auth: Session, page: Page) -> tuple[Sequence[Notification], int]:
    """A page of the letters, newest first and without their links, and how many there are (auth role)."""
    return await reading.of_provider(auth, PROVIDER, page)


async def one(auth: Session, keyring: Keyring, notification_id: UUID) -> Letter:
    """One letter with its link: whoever reads it can do what its recipient can. Raises NotFound (auth role)."""
    found = await reading.sealed_of_provider(auth, PROVIDER, notification_id)
    if found is None:
        raise NotFound("There is no such letter in the mailbox.")
    notification, sealed = found
    try:
        link = None if sealed is None else keyring.open(sealed, notification.id, LINK_PLACE)
    except Unsealable:
        link = None
    return Letter(notification, with_link(notification.content["text"], link or _FORGOTTEN), link is not None)


async def forget_links(session: Session) -> int:
    """Wipes the links of old letters, as the worker; returns how many."""
    return await reading.forget_links(session, PROVIDER, after_seconds=LINKS_KEPT_SECONDS)
