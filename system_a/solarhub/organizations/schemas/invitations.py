"""Invitations as requests name them and answers show them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.accounts.schemas import EMAIL, MaybeFirstName, MaybeLastName, MaybePhone
from solarhub.accounts.schemas.proofs import Form
from solarhub.accounts.secret_text import LinkToken, MaybeChosenPassword
from solarhub.kit.answers import Answer
from solarhub.kit.texts import Text
from solarhub.kit.values import Value
from solarhub.organizations.schemas.members import Role
from solarhub.organizations.vocabulary import InvitationSort, OrgMemberRole

_EMAIL = Field(title="E-mail address", examples=["ayesha@example.com"])
_ROLE = Field(title="Role", examples=["viewer"])


class InvitationRequest(Value):
    """Somebody who is to join, whether they have an account or not."""

    email: Annotated[str, EMAIL, _EMAIL]
    role: Role
    first_name: MaybeFirstName = None
    last_name: MaybeLastName = None
    phone: MaybePhone = None


class LinkAnswer(Answer):
    """A link that invites somebody, to be handed over in any of three ways. It is shown once."""

    link: Annotated[str, Field(title="Link to copy")]
    qr_svg: Annotated[str, Field(title="QR code of the link, as SVG")]
    whatsapp_link: Annotated[str, Field(title="Opens WhatsApp with the invitation written in it")]
    expires_at: Annotated[datetime, Field(title="Valid until")]


class InvitationAnswer(Answer):
    """An invitation that waits for its answer."""

    id: Annotated[UUID, Field(title="Id")]
    kind: Annotated[InvitationSort, Field(title="What one is invited to")]
    role: Annotated[OrgMemberRole, _ROLE]
    site_id: Annotated[UUID | None, Field(title="The one plant that it is about")]
    email: Annotated[str | None, _EMAIL]
    name: Annotated[str | None, Field(title="Name", examples=["Ayesha Khan"])]
    phone: Annotated[str | None, Field(title="Mobile number", examples=["+92 300 1234567"])]
    invited_by: Annotated[UUID | None, Field(title="User id of whoever invited them")]
    created_at: Annotated[datetime, Field(title="Invited at")]
    expires_at: Annotated[datetime | None, Field(title="Valid until")]


class SentInvitation(InvitationAnswer, LinkAnswer):
    """An invitation with its link, which is shown this once."""

    expires_at: Annotated[datetime, Field(title="Valid until")]


class InvitationToken(Form):
    """The token of an invitation."""

    token: LinkToken


class NextStep(StrEnum):
    """What stands between somebody who holds a link and taking it up."""

    ACCEPT = "accept"
    """Nothing: they are signed in as the right person."""
    SIGN_IN = "sign_in"
    """There is an account with a password."""
    SIGN_OUT = "sign_out"
    """They are signed in as somebody else."""
    SET_PASSWORD = "set_password"  # noqa: S105 - a step, and no password
    """The account begins here, with a name and a password."""
    SAY_WHO = "say_who"
    """The invitation names nobody: sign in, or begin an account with an e-mail address."""


class InvitedAnswer(Answer):
    """What an invitation is for, as whoever holds its link may know."""

    kind: Annotated[InvitationSort, Field(title="What one is invited to")]
    organization_name: Annotated[str, Field(title="Company")]
    site_name: Annotated[str | None, Field(title="Plant")]
    role: Annotated[OrgMemberRole | None, _ROLE]
    until: Annotated[datetime | None, Field(title="What is given ends at")]
    invited_by: Annotated[str | None, Field(title="Name of whoever invites")]
    expires_at: Annotated[datetime, Field(title="The invitation is valid until")]
    email: Annotated[str | None, Field(title="The only e-mail address that it is for; null for whoever holds it")]
    name: Annotated[str | None, Field(title="Who is invited, as the inviter wrote it")]
    next_step: Annotated[NextStep, Field(title="What to do next")]


class InvitationAcceptance(InvitationToken):
    """Taking an invitation up. Names and password are for whoever has no account yet, `email` where the invitation
    names nobody, the organization for a plant that is handed over: one of one's own, or a new one by its name."""

    first_name: MaybeFirstName = None
    last_name: MaybeLastName = None
    password: MaybeChosenPassword = None
    email: Annotated[Annotated[str, EMAIL] | None, _EMAIL] = None
    organization_id: Annotated[UUID | None, Field(title="Own company that takes the plant")] = None
    organization_name: Annotated[
        Annotated[str, Text(200)] | None, Field(title="Name of a new company for the plant")
    ] = None


class PlaceAnswer(Answer):
    """Where somebody stands now: in an organization, or at one site of it."""

    organization_id: Annotated[UUID, Field(title="Organization")]
    organization_name: Annotated[str, Field(title="Company", examples=["Acme Solar"])]
    role: Annotated[OrgMemberRole, _ROLE]
    site_id: Annotated[UUID | None, Field(title="Plant; null: the whole organization")]
    site_name: Annotated[str | None, Field(title="Plant's name", examples=["Gulberg roof"])]
