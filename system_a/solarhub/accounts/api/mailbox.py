"""The preview mailbox over HTTP: what a hub without a mail server would have sent, for those who run it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from solarhub.accounts.deps import OwnWriting, SuperAdmin
from solarhub.accounts.schemas.answers import LetterAnswer, WholeLetterAnswer
from solarhub.audit.recording import record
from solarhub.kit.errors import Invalid, NotFound
from solarhub.kit.http import AuthSession, Keys, Router, describe
from solarhub.kit.paging import Listing, Page
from solarhub.notifications import mailbox
from solarhub.notifications.models import Notification

router = Router(prefix="/mailbox", tags=["mailbox"])


@router.get("", responses=describe(Invalid))
async def list_mailbox(
    page: Annotated[Page, Query()], _person: SuperAdmin, session: AuthSession
) -> Listing[LetterAnswer]:
    """The letters that nobody was sent, newest first."""
    rows, counted = await mailbox.latest(session, page)
    return Listing.of([LetterAnswer.model_validate(_envelope(row)) for row in rows], counted, page)


@router.get("/{letter_id}", responses=describe(NotFound))
async def read_mailbox(letter_id: UUID, _person: SuperAdmin, session: OwnWriting, keys: Keys) -> WholeLetterAnswer:
    """One letter with its link. That you read it is written down."""
    letter = await mailbox.one(session, keys, letter_id)
    await record(session, "mailbox.read", "notification", letter_id, after={"recipient": letter.notification.recipient})
    whole = {**_envelope(letter.notification), "text": letter.text, "has_link": letter.has_link}
    return WholeLetterAnswer.model_validate(whole)


def _envelope(row: Notification) -> dict[str, object]:
    return {
        "id": row.id,
        "recipient": row.recipient,
        "event": row.event,
        "subject": row.content["subject"],
        "created_at": row.created_at,
    }
