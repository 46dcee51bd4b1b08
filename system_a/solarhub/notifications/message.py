"""What one recipient is told on one way: decided when something happens, sent later by somebody else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

LINK = "{link}"
"""Stands alone on a line of the text, where the message's link is put in when it is sent."""

_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BREAKS = re.compile(r"\r\n?")


@dataclass(frozen=True, kw_only=True)
class Message:
    """`recipient` is an e-mail address, or the id of a webhook.

    `event` (`alert.opened`, `invitation`) and `subject_id` say what it is about: the same of both goes to a recipient
    on one way once, whoever posts it again. `text` is plain, with empty lines between paragraphs; `link`, which may
    open something by itself, stays out of it and is kept sealed until the message has been sent. `payload` is the
    `data` of a webhook's body. Not sent before `not_before`.

    Raises ValueError for a link without its place in the text.
    """

    channel: str
    recipient: str
    event: str
    subject: str
    text: str
    organization_id: UUID | None = None
    user_id: UUID | None = None
    subject_id: UUID | None = None
    link: str | None = None
    payload: Mapping[str, Any] | None = None
    not_before: datetime | None = None

    def __post_init__(self) -> None:
        # alone on its line: inside a sentence, a name that somebody chose could stand around it and lead it elsewhere
        if self.link is not None and LINK not in _printable(self.text).split("\n"):
            raise ValueError(f"a text with a link has a line that is {LINK} and nothing else: {self.event}")

    @property
    def content(self) -> dict[str, Any]:
        """What is kept and sent. Characters that no letter and no JSON column can hold have become blanks."""
        content: dict[str, Any] = {
            "subject": " ".join(_UNSENDABLE.sub(" ", self.subject).split()),
            "text": _printable(self.text),
        }
        if self.payload is not None:
            content["payload"] = dict(self.payload)
        if self.not_before is not None:
            content["due"] = self.not_before.isoformat()  # retries move the column
        return content


def with_link(text: str, link: str | None) -> str:
    """The text as the recipient gets it."""
    if link is None:
        return text
    return "\n".join(link if line == LINK else line for line in text.split("\n"))


def _printable(text: str) -> str:
    return _UNSENDABLE.sub(" ", _BREAKS.sub("\n", text))
