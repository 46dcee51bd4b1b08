"""The audit log as requests ask for it and answers show it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer
from solarhub.kit.moments import Instant
from solarhub.kit.paging import ById, CursorPage
from solarhub.kit.texts import Text


class AuditFilter(CursorPage[ById]):
    """Which acts to list, newest first."""

    actor: Annotated[UUID | None, Field(title="User id of who acted, or of who made the key")] = None
    action: Annotated[Annotated[str, Text(100)] | None, Field(title="What was done", examples=["member.change"])] = None
    kind: Annotated[Annotated[str, Text(100)] | None, Field(title="On what kind of thing", examples=["site"])] = None
    target: Annotated[UUID | None, Field(title="On which one")] = None
    since: Annotated[Instant | None, Field(title="Not before", examples=["2026-06-01T00:00:00Z"])] = None
    until: Annotated[Instant | None, Field(title="Before", examples=["2026-07-01T00:00:00Z"])] = None


class AuditAnswer(Answer):
    """One act of one actor on one thing. `before` and `after` hold the fields that changed; secrets are masked."""

    id: Annotated[UUID, Field(title="Id")]
    at: Annotated[datetime, Field(title="When")]
    actor_kind: Annotated[str, Field(title="What acted", examples=["person"])]
    actor_id: Annotated[UUID | None, Field(title="User id of who acted, or of who made the key")]
    actor_name: Annotated[str | None, Field(title="Their name")]
    api_key_id: Annotated[UUID | None, Field(title="The API key that was used")]
    action: Annotated[str, Field(title="What was done", examples=["member.change"])]
    target_type: Annotated[str, Field(title="On what kind of thing", examples=["member"])]
    target_id: Annotated[UUID | None, Field(title="On which one")]
    before: Annotated[dict[str, Any] | None, Field(title="What it was")]
    after: Annotated[dict[str, Any] | None, Field(title="What it became")]
    address: Annotated[str | None, Field(title="From which address")]
    request_id: Annotated[str | None, Field(title="In which request")]
