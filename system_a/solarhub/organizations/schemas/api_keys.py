"""API keys as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer
from solarhub.kit.fields import Choice, Several
from solarhub.kit.moments import Instant
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.organizations.roles import Permission

_Right = Annotated[Permission, Choice(Permission)]


class ApiKeyRequest(Value):
    """A key for a script. It may do what it names and its maker may do, whichever is less, at each use."""

    name: Annotated[str, Text(200), Field(title="What it is for", examples=["Nightly report"])]
    permissions: Annotated[
        tuple[_Right, ...],
        Several(len(Permission), unique=True),
        Field(title="What it may do", examples=[["sites:read", "telemetry:read"]]),
    ]
    expires_at: Annotated[
        Instant | None,
        Field(
            title="Valid until",
            description="With a time zone; 90 days when left out, 366 at most",
            examples=["2026-12-31T23:59:00+05:00"],
        ),
    ] = None


class ApiKeyAnswer(Answer):
    """A key, without what it signs in with."""

    id: Annotated[UUID, Field(title="Id")]
    name: Annotated[str, Field(title="What it is for")]
    permissions: Annotated[list[str], Field(title="What it may do")]
    created_by: Annotated[UUID, Field(title="User id of its maker")]
    created_at: Annotated[datetime, Field(title="Made at")]
    expires_at: Annotated[datetime, Field(title="Valid until")]
    last_used_at: Annotated[datetime | None, Field(title="Last used", description="Null: never")]
    revoked_at: Annotated[datetime | None, Field(title="Ended by a person at")]


class IssuedApiKey(ApiKeyAnswer):
    """A new key with its token, which is shown this once."""

    token: Annotated[str, Field(title="Send it as `Authorization: Bearer …`")]
