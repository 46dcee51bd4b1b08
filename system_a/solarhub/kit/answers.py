"""What an answer shows of a row: bases and fields of response schemas."""

from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from solarhub.kit.values import Value

V = TypeVar("V", bound=Value)


class Answer(BaseModel):
    """Made from a mapped row or from keywords; times are in UTC."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Recorded(Answer):
    """A row of one of the versioned tables; its `version` is its ETag."""

    id: UUID = Field(title="Id", examples=["0197a8c0-5b0e-7c3a-9d54-2f1f6f0c7a11"])
    created_at: datetime = Field(title="Recorded at", examples=["2026-06-01T06:30:00Z"])
    updated_at: datetime = Field(title="Last changed at", examples=["2026-06-21T07:00:00Z"])
    version: int = Field(
        title="Version (for If-Match)", description="Grows with every change; a change names it", examples=[3]
    )


# no return type: pydantic then describes the value object itself in OpenAPI
_public = PlainSerializer(lambda value: value.to_public())

Public = Annotated[V, _public]
"""A value object as it is stored, without its secrets."""


def unchanged() -> Any:
    """The default of a field in a merge patch: left out means untouched, and null is a value like any other."""
    return Field(default=None, json_schema_extra=_without_default)


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)
