"""Webhooks as requests name them and answers show them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer, Recorded, unchanged
from solarhub.kit.fields import Flag
from solarhub.kit.texts import Text
from solarhub.kit.values import Value

_URL = Text(2000, r"https?://\S+", "an address such as https://example.com/hooks/solar")
_Url = Annotated[str, _URL, Field(title="Address that is called", examples=["https://example.com/hooks/solar"])]
_WHAT_FOR = Field(title="What it is for", examples=["Ticket system"])
_Description = Annotated[Annotated[str, Text(500)] | None, _WHAT_FOR]
_Active = Annotated[bool, Flag(), Field(title="Switched on", examples=[True])]


class WebhookRegistration(Value):
    """An address that is to be told of the organization's alerts."""

    url: _Url
    description: _Description = None
    is_active: _Active = True


class WebhookChange(Value):
    """A merge patch: what is left out stays."""

    url: _Url = unchanged()
    description: _Description = unchanged()
    is_active: _Active = unchanged()


class WebhookAnswer(Recorded):
    """An address that is told of the organization's alerts, without the secret that signs."""

    url: Annotated[str, Field(title="Address that is called")]
    description: Annotated[str | None, _WHAT_FOR]
    is_active: Annotated[bool, Field(title="Switched on")]
    created_by: Annotated[UUID, Field(title="User id of whoever made it")]


class MadeWebhook(WebhookAnswer):
    """A new webhook with the secret that signs its messages, which is shown this once."""

    secret: Annotated[str, Field(title="Secret for checking signatures (Standard Webhooks)")]


class QueuedAnswer(Answer):
    """A test message is on its way; how it ended stands among the organization's notifications."""

    event: Annotated[str, Field(title="What it is about", examples=["webhook.test"])]
    queued: Annotated[int, Field(title="Messages on their way")]
