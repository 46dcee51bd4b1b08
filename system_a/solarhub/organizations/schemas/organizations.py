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
_SHORT_NAME = Field(title="Short name in addresses", examples=["acme-solar"])
_Description = Annotated[
    Annotated[str, Text(2000)] | None, Field(title="Description", examples=["Rooftops in Lahore since 2014"])
]
_Website = Annotated[Annotated[str, _WEBSITE] | None, Field(title="Website", examples=["https://acme-solar.example"])]
_SETTINGS = Field(title="Settings", description="What is asked of its people, and how strangers are spoken to")
_STATUS = Field(title="Status", description="A suspended one can be read and not changed", examples=["active"])
_ROLE = Field(title="Role", examples=["viewer"])


class OrganizationProfile(Value):
    """A company; without a slug one is made of the name."""

    name: OrganizationName
    slug: Annotated[Annotated[str, _SLUG] | None, _SHORT_NAME] = None
    description: _Description = None
    website: _Website = None
    settings: Annotated[OrganizationSettings, _SETTINGS] = Field(default_factory=OrganizationSettings)


class OrganizationRegistration(OrganizationProfile):
    """A company and the person it belongs to."""

    owner: Annotated[Person, Field(title="Owner")]


class OrganizationFilter(Page):
    """Which organizations to list."""

    status: Annotated[OrganizationStatus | None, Field(title="Only those in this state")] = None
    search: Annotated[Annotated[str, Text(100)] | None, Field(title="Part of a name or slug", examples=["acme"])] = None


class OrganizationChange(Value):
    """A merge patch: what is left out stays; `settings` are replaced whole."""

    name: OrganizationName = unchanged()
    slug: Annotated[str, _SLUG, _SHORT_NAME] = unchanged()
    description: _Description = unchanged()
    website: _Website = unchanged()
    settings: Annotated[OrganizationSettings, _SETTINGS] = unchanged()


def _as_settings(stored: object) -> object:
    return OrganizationSettings.from_stored(stored) if isinstance(stored, Mapping) else stored


class OrganizationAnswer(Recorded):
    """A tenant of this hub. One that is suspended can be read and not changed."""

    name: Annotated[str, Field(title="Company name", examples=["Acme Solar"])]
    slug: Annotated[str, _SHORT_NAME]
    description: Annotated[str | None, Field(title="Description")]
    logo_url: Annotated[str | None, Field(title="Where its logo is served")]
    website: Annotated[str | None, Field(title="Website", examples=["https://acme-solar.example"])]
    status: Annotated[OrganizationStatus, _STATUS]
    settings: Annotated[Public[OrganizationSettings], BeforeValidator(_as_settings), _SETTINGS]
    owner_id: Annotated[UUID, Field(title="User id of its owner")]


class RegisteredOrganization(OrganizationAnswer):
    """A new tenant. `invitation` is there when its owner has no password yet: pass it on, it is shown once."""

    invitation: Annotated[LinkAnswer | None, Field(title="Link for its owner")] = None


class OrganizationPlace(Answer):
    """An organization in which somebody stands."""

    id: Annotated[UUID, Field(title="Organization")]
    name: Annotated[str, Field(title="Company name", examples=["Acme Solar"])]
    slug: Annotated[str, _SHORT_NAME]
    status: Annotated[OrganizationStatus, _STATUS]
    role: Annotated[OrgMemberRole, _ROLE]
    logo_url: Annotated[str | None, Field(title="Where its logo is served")]


class SitePlace(Answer):
    """One plant that somebody sees without belonging to its organization."""

    id: Annotated[UUID, Field(title="Plant")]
    name: Annotated[str, Field(title="Plant's name", examples=["Gulberg roof"])]
    organization_id: Annotated[UUID, Field(title="Organization")]
    organization_name: Annotated[str, Field(title="Company it belongs to")]
    role: Annotated[OrgMemberRole, _ROLE]
    until: Annotated[datetime | None, Field(title="Seen until; null for no end")]
    through: Annotated[str | None, Field(title="Own company that it was lent to, if not to the person")]


class PlacesAnswer(Answer):
    """Everywhere somebody stands."""

    organizations: Annotated[list[OrganizationPlace], Field(title="Companies you belong to")]
    sites: Annotated[list[SitePlace], Field(title="Plants you see without belonging to their company")]
