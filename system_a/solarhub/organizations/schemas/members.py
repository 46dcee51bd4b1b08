"""Members as requests name them and answers show them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Recorded
from solarhub.kit.fields import Choice
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.organizations.vocabulary import MemberState, OrgMemberRole

_ROLE = Field(title="Role", examples=["viewer"])

Role = Annotated[OrgMemberRole, Choice(OrgMemberRole), _ROLE]


class MemberFilter(Page):
    """Which members to list, and in which order."""

    state: Annotated[MemberState | None, Field(title="Only those who joined, or who are invited")] = None
    role: Annotated[OrgMemberRole | None, Field(title="Only those in this role")] = None
    search: Annotated[
        Annotated[str, Text(100)] | None, Field(title="Part of a name or e-mail address", examples=["khan"])
    ] = None
    sort: Annotated[
        Literal["name", "-name", "joined_at", "-joined_at"], Field(title="Order", description="A minus turns it round")
    ] = "name"


class MemberAnswer(Recorded):
    """Somebody who belongs to the organization, or is invited to.

    Of whoever has not joined yet it shows what the inviter typed, and nothing that an account says.
    """

    user_id: Annotated[UUID | None, Field(title="User id; null until they joined")]
    state: Annotated[MemberState, Field(title="Joined, or invited")]
    role: Annotated[OrgMemberRole, _ROLE]
    name: Annotated[str | None, Field(title="Name", examples=["Ayesha Khan"])]
    email: Annotated[str, Field(title="E-mail address", examples=["ayesha@example.com"])]
    phone: Annotated[str | None, Field(title="Mobile number", examples=["+92 300 1234567"])]
    invited_by: Annotated[UUID | None, Field(title="User id of whoever invited them")]
    joined_at: Annotated[datetime | None, Field(title="Member since")]
    invitation_expires: Annotated[datetime | None, Field(title="Invitation is valid until")]


class MemberChange(Value):
    """Another role."""

    role: Role


class Transfer(Value):
    """Whose the organization is from now on: one of its members."""

    user_id: Annotated[UUID, Field(title="User id of the new owner", examples=["01a20000-0000-7000-8000-000000000000"])]
