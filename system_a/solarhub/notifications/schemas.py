"""Messages as requests ask for them and answers show them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer
from solarhub.kit.moments import Instant
from solarhub.kit.paging import ByTime, CursorPage
from solarhub.kit.texts import Text
from solarhub.notifications.vocabulary import State, Way


class MessageFilter(CursorPage[ByTime]):
    """Which messages to list, newest first."""

    channel: Annotated[Way | None, Field(title="Only those that go this way")] = None
    state: Annotated[State | None, Field(title="Only those in this state")] = None
    event: Annotated[
        Annotated[str, Text(100)] | None, Field(title="What they are about", examples=["alert.opened"])
    ] = None
    subject: Annotated[UUID | None, Field(title="About which alert, or which other thing")] = None
    recipient: Annotated[Annotated[str, Text(254)] | None, Field(title="To whom", examples=["ayesha@example.com"])] = (
        None
    )
    since: Annotated[Instant | None, Field(title="Not before", examples=["2026-06-01T00:00:00Z"])] = None
    until: Annotated[Instant | None, Field(title="Before", examples=["2026-07-01T00:00:00Z"])] = None


class MessageAnswer(Answer):
    """One message to one recipient on one way. A link that was in it is not shown."""

    id: Annotated[UUID, Field(title="Id, also of every repetition")]
    created_at: Annotated[datetime, Field(title="Written at")]
    channel: Annotated[Way, Field(title="Way", examples=["email"])]
    recipient: Annotated[str, Field(title="To: an e-mail address, or the id of a webhook")]
    event: Annotated[str, Field(title="What it is about", examples=["alert.opened"])]
    subject_id: Annotated[UUID | None, Field(title="About which alert, or which other thing")]
    subject: Annotated[str | None, Field(title="Subject")]
    text: Annotated[str | None, Field(title="Text")]
    state: Annotated[State, Field(title="State", examples=["sent"])]
    attempts: Annotated[int, Field(title="How often it was tried")]
    not_before: Annotated[datetime, Field(title="Not sent before")]
    last_error: Annotated[str | None, Field(title="Why the last try failed")]
    settled_at: Annotated[datetime | None, Field(title="Sent or given up at")]
