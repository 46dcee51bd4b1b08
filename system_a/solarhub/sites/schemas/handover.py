"""Plants that change hands, as requests name them and answers show them."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from solarhub.kit.answers import Answer
from solarhub.kit.paging import Page
from solarhub.kit.values import Contradiction
from solarhub.organizations.schemas.invitations import LinkAnswer
from solarhub.organizations.vocabulary import OrgMemberRole
from solarhub.sites.schemas.grant import Invitee


class HandoverRequest(Invitee):
    """To whom the plant goes with its devices, history, alerts and rules, and what stays behind for its giver.

    Named by an organization to which you may bring plants yourself, it goes at once. Otherwise it is an offer: an owner
    or admin accepts it for an organization of theirs.
    """

    keep_role: Literal["manager", "viewer", "installer"] | None = Field(
        default=None, title="Role to keep", description="What your organization may still do there", examples=["viewer"]
    )
    keep_until: AwareDatetime | None = Field(
        default=None,
        title="Kept until",
        description="With a time zone; null: until the new owner ends it",
        examples=["2026-12-31T23:59:00+05:00"],
    )

    def contradictions(self) -> Iterator[Contradiction]:
        yield from super().contradictions()
        if self.keep_until is not None and self.keep_role is None:
            yield Contradiction(("keep_until",), "says how long a role is kept, and none is named", "no value")


class HandoverState(StrEnum):
    """How far a handover is."""

    OFFERED = "offered"
    """Nobody has accepted yet."""
    LAPSED = "lapsed"
    """Nobody accepted in time."""
    WITHDRAWN = "withdrawn"
    """The giver thought better of it."""
    MOVING = "moving"
    """The plant has changed hands; raw measurements follow, the newest first."""
    DONE = "done"
    """Everything is there."""


class HandoverSide(StrEnum):
    """On which side of a handover this organization stands."""

    GIVEN = "given"
    RECEIVED = "received"


class HandoverFilter(Page):
    """Query parameters of the list of handovers."""

    state: HandoverState | None = Field(default=None, title="State")
    side: HandoverSide | None = Field(default=None, title="Given or received")


class HandoverAnswer(Answer):
    """A plant on its way to another organization."""

    id: UUID = Field(title="Handover")
    side: HandoverSide = Field(title="Given or received", examples=["given"])
    state: HandoverState = Field(title="State", examples=["offered"])
    site_id: UUID = Field(title="Plant")
    site_name: str = Field(title="Plant's name", description="As it was called then", examples=["Gulberg roof"])
    organization_id: UUID = Field(title="Giver")
    organization_name: str = Field(title="Giver's name", examples=["Acme Solar"])
    to_organization_id: UUID | None = Field(title="Receiver", description="Null until it is accepted")
    to_organization_name: str | None = Field(title="Receiver's name", description="Null until it is accepted")
    organization: str | None = Field(title="Receiver as it was named", examples=["beta-solar"])
    name: str | None = Field(title="Name of whom it is offered to")
    email: str | None = Field(title="E-mail address of whom it is offered to")
    phone: str | None = Field(title="Mobile number of whom it is offered to")
    keep_role: OrgMemberRole | None = Field(title="Role that the giver keeps")
    keep_until: datetime | None = Field(title="Kept until")
    offered_by: UUID = Field(title="Offered by", description="The person's id")
    created_at: datetime = Field(title="Offered")
    invitation_expires: datetime | None = Field(title="The offer is valid until")
    accepted_at: datetime | None = Field(title="Accepted")
    withdrawn_at: datetime | None = Field(title="Withdrawn")
    devices: int = Field(title="Devices that moved")
    telemetry_moved_to: date | None = Field(
        title="Measurements have followed back to", description="All of this day (UTC) and later ones are there"
    )
    telemetry_moved_at: datetime | None = Field(title="All measurements were there")


class SentHandover(HandoverAnswer):
    """A handover; while it is an offer, with the link that accepts it, which is shown this once."""

    invitation: LinkAnswer | None = Field(title="Link that accepts it")
