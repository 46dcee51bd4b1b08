"""Who sees one plant, as requests name them and answers show them."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.accounts.schemas import EMAIL, PHONE
from solarhub.kit.answers import Answer, Recorded, unchanged
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Contradiction, Value
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.organizations.vocabulary import OrgMemberRole

_ORGANIZATION = Text(63, r"[0-9a-f-]{36}|[a-z0-9](-?[a-z0-9])*", "an organization's slug or id, as they told you")

_Role = Annotated[
    Literal["manager", "viewer", "installer"],
    Field(title="Role", description="What they may do at this one plant", examples=["viewer"]),
]
_Until = Annotated[
    AwareDatetime | None,
    Field(
        title="Until",
        description="When it ends by itself, with a time zone; null: until somebody ends it",
        examples=["2026-12-31T23:59:00+05:00"],
    ),
]


class Invitee(Value):
    """Whom an invitation is for: a person, by e-mail address, telephone number or just a name, or an organization.

    With an e-mail address it is for that person alone; otherwise for whoever holds the link.
    """

    email: Annotated[str, EMAIL] | None = Field(default=None, title="E-mail address", examples=["bilal@example.com"])
    name: Annotated[str, Text(200)] | None = Field(default=None, title="Name", examples=["Bilal Ahmed"])
    phone: Annotated[str, PHONE] | None = Field(default=None, title="Mobile number", examples=["+92 300 1234567"])
    organization: Annotated[str, _ORGANIZATION] | None = Field(
        default=None,
        title="Organization, instead of a person",
        description="Its slug or id. Nobody says whether there is one: its owner or an admin accepts, by the link or in"
        " their list of offers",
    )

    def contradictions(self) -> Iterator[Contradiction]:
        if self.organization is not None:
            for key in ("email", "name"):
                if getattr(self, key) is not None:
                    yield Contradiction((key,), "belongs to a person, not to an organization", "no value")
        elif self.email is None and self.name is None and self.phone is None:
            yield Contradiction(("email",), "is required, or else a phone, a name or an organization", EMAIL.allowed)


class GrantRequest(Invitee):
    """Who is to see the plant, what they may do there, and until when."""

    role: _Role
    expires_at: _Until = None


class GrantChange(Value):
    """A merge patch: what is left out stays."""

    role: _Role = unchanged()
    expires_at: _Until = unchanged()


class GrantState(StrEnum):
    """How a grant stands."""

    ACTIVE = "active"
    """They see the plant."""
    INVITED = "invited"
    """Nobody has accepted yet."""
    LAPSED = "lapsed"
    """Nobody accepted in time: send the invitation again."""
    EXPIRED = "expired"
    """It ended by itself."""


class GrantSelection(BaseModel):
    """Every condition that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: GrantState | None = Field(default=None, title="State")
    site_id: UUID | None = Field(default=None, title="Plant")


class GrantFilter(Page, GrantSelection):
    """Query parameters of the list of grants."""


class GrantAnswer(Recorded):
    """Somebody who sees one plant, or is invited to.

    Until they accept, name, e-mail address and telephone number are what whoever granted it wrote.
    """

    site_id: UUID = Field(title="Plant")
    site_name: str = Field(title="Plant's name", examples=["Gulberg roof"])
    state: GrantState = Field(title="State", examples=["active"])
    role: OrgMemberRole = Field(title="Role", examples=["viewer"])
    expires_at: datetime | None = Field(title="Until", description="Null: until somebody ends it")
    user_id: UUID | None = Field(title="Person", description="Null until they accept, and for an organization")
    name: str | None = Field(title="Name", examples=["Bilal Ahmed"])
    email: str | None = Field(title="E-mail address", examples=["bilal@example.com"])
    phone: str | None = Field(title="Mobile number", examples=["+92 300 1234567"])
    grantee_organization_id: UUID | None = Field(title="Organization", description="Null until it accepts")
    organization: str | None = Field(title="Organization as it was named", examples=["beta-solar"])
    granted_by: UUID = Field(title="Granted by", description="The person's id")
    granted_by_name: str = Field(title="Name of whoever granted it", examples=["Ayesha Khan"])
    accepted_at: datetime | None = Field(title="Accepted")
    invitation_expires: datetime | None = Field(title="The invitation is valid until")


class SentGrant(GrantAnswer):
    """A grant, with the link that accepts it: it is shown this once."""

    invitation: LinkAnswer = Field(title="Link that accepts it")


class LoanState(StrEnum):
    """How a plant is lent to this organization."""

    ACTIVE = "active"
    """Its members see the plant."""
    OFFERED = "offered"
    """Nobody here has accepted yet."""
    EXPIRED = "expired"
    """It ended by itself."""


class LoanAnswer(Answer):
    """A plant of another organization that this one sees, or is offered to see."""

    id: UUID = Field(title="Loan")
    organization_id: UUID = Field(title="Whose plant it is")
    organization_name: str = Field(title="Its name", examples=["Acme Solar"])
    site_id: UUID = Field(title="Plant")
    site_name: str = Field(title="Plant's name", examples=["Gulberg roof"])
    role: OrgMemberRole = Field(title="Role", description="The most that a member here may do there")
    state: LoanState = Field(title="State", examples=["active"])
    expires_at: datetime | None = Field(title="Until")
    created_at: datetime = Field(title="Since")
