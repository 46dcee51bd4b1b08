"""Organizations as requests name them and answers show them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from solarhub.accounts.schemas import Person
from solarhub.kit.answers import Answer, Public, Recorded, unchanged
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.organizations.settings import OrganizationSettings
from solarhub.organizations.vocabulary import OrganizationStatus, OrgMemberRole

_SLUG = Text(63, r"[a-z0-9](-?[a-z0-9])*", "up to 63 of a-z and 0-9, with single hyphens between them")
_WEBSITE = Text(500, r"https?://[^\s/?#@]+\.[^\s/?#@]+([/?#]\S*)?", "an address such as https://acme-solar.example")

OrganizationName = Annotated[str, Text(200), Field(title="Company name", examples=["Acme Solar"])]
_Slug = Annotated[str, _SLUG, Field(title="Short name in addresses", examples=["acme-solar"])]
_Description = Annotated[str, Text(2000), Field(title="Description", examples=["Rooftops in Lahore since 2014"])]
_Website = Annotated[str, _WEBSITE, Field(title="Website", examples=["https://acme-solar.example"])]


class OrganizationProfile(Value):
    """A company; without a slug one is made of the name."""

    name: OrganizationName
    slug: _Slug | None = None
    description: _Description | None = None
    website: _Website | None = None
    settings: OrganizationSettings = Field(default_factory=OrganizationSettings)


class OrganizationRegistration(OrganizationProfile):
    """A company and the person it belongs to."""

    owner: Annotated[Person, Field(title="Owner")]


class OrganizationFilter(Page):
    """Which organizations to list."""

    status: Annotated[OrganizationStatus | None, Field(title="Only those in this state")] = None
    search: Annotated[Annotated[str, Text(100)] | None, Field(title="Part of a name or slug")] = None


class OrganizationChange(Value):
    """A merge patch: what is left out stays; `settings` are replaced whole."""

    name: OrganizationName = unchanged()
    slug: _Slug = unchanged()
    description: _Description | None = unchanged()
    website: _Website | None = unchanged()
    settings: OrganizationSettings = unchanged()


def _as_settings(stored: object) -> object:
    return OrganizationSettings.from_stored(stored) if isinstance(stored, Mapping) else stored


class OrganizationAnswer(Recorded):
    """A tenant of this hub. One that is suspended can be read and not changed."""

    name: Annotated[str, Field(title="Company name")]
    slug: Annotated[str, Field(title="Short name in addresses")]
    description: str | None
    logo_url: Annotated[str | None, Field(title="Where its logo is served")]
    website: str | None
    status: OrganizationStatus
    settings: Annotated[Public[OrganizationSettings], BeforeValidator(_as_settings)]
    owner_id: Annotated[UUID, Field(title="User id of its owner")]


class RegisteredOrganization(OrganizationAnswer):
    """A new tenant. `invitation` is there when its owner has no password yet: pass it on, it is shown once."""

    invitation: LinkAnswer | None = None


class OrganizationPlace(Answer):
    """An organization in which somebody stands."""

    id: UUID
    name: str
    slug: str
    status: OrganizationStatus
    role: OrgMemberRole
    logo_url: str | None


class SitePlace(Answer):
    """One plant that somebody sees without belonging to its organization."""

    id: UUID
    name: str
    organization_id: UUID
    organization_name: Annotated[str, Field(title="Company it belongs to")]
    role: OrgMemberRole
    until: Annotated[datetime | None, Field(title="Seen until; null for no end")]
    through: Annotated[str | None, Field(title="Own company that it was lent to, if not to the person")]


class PlacesAnswer(Answer):
    """Everywhere somebody stands."""

    organizations: list[OrganizationPlace]
    sites: list[SitePlace]
