"""Organizations as requests name them and answers show them."""

from typing import Annotated, Any
from uuid import UUID

from solarhub.accounts.schemas import Person
from solarhub.kit.answers import Recorded
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.organizations.vocabulary import OrganizationStatus

_SLUG = Text(63, r"[a-z0-9](-?[a-z0-9])*", "up to 63 of a-z and 0-9, with single hyphens between them")


class OrganizationRegistration(Value):
    """A company and the person it belongs to; without a slug one is made of the name."""

    name: Annotated[str, Text(200)]
    slug: Annotated[str, _SLUG] | None = None
    description: Annotated[str, Text(2000)] | None = None
    owner: Person


class OrganizationAnswer(Recorded):
    """A tenant of this hub."""

    name: str
    slug: str
    description: str | None
    logo_url: str | None
    website: str | None
    status: OrganizationStatus
    settings: dict[str, Any]
    owner_id: UUID
