"""Claims on serial numbers: as the claimant sees them, and as the present holder does."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.devices.models import DeviceClaimRequest
from solarhub.devices.vocabulary import ClaimState, RequestState
from solarhub.kit.answers import Answer
from solarhub.kit.paging import Page
from solarhub.kit.texts import Text
from solarhub.kit.tokens import DEVICE
from solarhub.kit.values import Value

_MESSAGE = Field(
    title="Message to whoever holds the number",
    description="Your organization's name and this message is all that they see",
    examples=["We took this plant over on 1 May; the inverter is on our roof."],
)
_SERIAL = Field(title="Serial number", examples=["HV2140123456"])


class ClaimWish(Value):
    """A serial number that should stand on one of your devices."""

    device_id: UUID = Field(
        title="Your device",
        description="The one with this number on its case",
        examples=["0197a8c1-0d2b-7d11-a2b0-6a6a1f9d1c02"],
    )
    serial_number: Annotated[Annotated[str, Text(100)], _SERIAL]
    message: Annotated[Annotated[str, Text(500)] | None, _MESSAGE] = None


class Proof(Value):
    """The token with which the device in question reports to this hub: who has it, has the device."""

    token: Annotated[str, Text(47, rf"{DEVICE}[A-Za-z0-9_-]{{43}}", "a device's token: shd_ and 43 characters")] = (
        Field(
            title="The device's token",
            json_schema_extra={"writeOnly": True},
            examples=["shd_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        )
    )


class ClaimSelection(BaseModel):
    """Every condition that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: ClaimState | None = Field(default=None, title="State")
    device_id: UUID | None = Field(default=None, title="Your device")


class ClaimFilter(Page, ClaimSelection):
    """Query parameters of the list of claims."""


class RequestSelection(BaseModel):
    """Which of the requests to give a number up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: RequestState | None = Field(default=None, title="State")


class RequestFilter(Page, RequestSelection):
    """Query parameters of the list of requests to give a number up."""


class ClaimAnswer(Answer):
    """A claim, as whoever made it sees it: the same whether anybody holds the number or not."""

    id: UUID = Field(title="Id")
    device_id: UUID = Field(title="Your device")
    serial_number: str = Field(title="Serial number", examples=["HV2140123456"])
    message: str | None = Field(title="Your message")
    claimed_by: UUID = Field(title="Claimed by", description="Who of your organization made it")
    state: ClaimState = Field(title="State")
    created_at: datetime = Field(title="Made")
    settled_at: datetime | None = Field(title="Settled", description="When it was granted, refused or withdrawn")


class ClaimRequestAnswer(Answer):
    """A claim on a number of yours, as you are asked about it."""

    id: UUID = Field(title="Id")
    device_id: UUID = Field(title="Your device")
    claimant_name: str = Field(title="Who claims it", description="The name of their organization")
    message: str | None = Field(title="Their message")
    state: RequestState = Field(
        title="State",
        description="`proven`: they showed the device's token; `lapsed`: nothing is left to answer",
    )
    answered_by: UUID | None = Field(title="Answered by", description="Who of your organization; null for the hub")
    answered_at: datetime | None = Field(title="Answered")
    created_at: datetime = Field(title="Asked")

    @classmethod
    def of(cls, row: DeviceClaimRequest) -> Self:
        columns = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate(columns | {"state": row.answer or RequestState.OPEN})
