"""A message on its way: opened, addressed, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Endpoint:
    """Where a webhook's messages go, and what they are signed with (`whsec_…`)."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Parcel:
    """What a way needs to send one message. `id` stays the same however often it is sent."""

    id: UUID
    recipient: str
    event: str
    subject: str
    text: str = field(repr=False)  # a link may be in it
    created_at: datetime
    subject_id: UUID | None = None
    payload: Mapping[str, Any] | None = None
    endpoint: Endpoint | None = None


@dataclass(frozen=True)
class Receipt:
    """The other side took it. `provider_id` is what it said, for whoever looks for the message there.

    `keep_link`: nobody has seen the link yet.
    """

    provider_id: str
    keep_link: bool = False


class DeliveryFailed(Exception):  # noqa: N818 - says what happened
    """The other side did not take it, or nobody knows. The sentence is for the people of the organization.

    `permanent`: trying again helps nobody. `retry_after`: seconds for which it asked to be left alone. `everyone`: the
    way itself is blocked, so that others need not be tried on it for a while. `gone`: the receiver wants no more of
    anything.
    """

    def __init__(
        self,
        sentence: str,
        *,
        permanent: bool = False,
        retry_after: float = 0.0,
        everyone: bool = False,
        gone: bool = False,
    ) -> None:
        self.sentence = sentence
        self.permanent = permanent or gone
        self.retry_after = retry_after
        self.everyone = everyone
        self.gone = gone
        super().__init__(sentence)
