"""Files of plants, devices and customers: how they are entered, and what came of each row."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer


class ImportMode(StrEnum):
    """What becomes of good rows beside bad ones."""

    ALL_OR_NOTHING = "all_or_nothing"
    ROW_BY_ROW = "row_by_row"


class ImportWish(BaseModel):
    """Query parameters of an import."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dry_run: bool = Field(
        default=False, title="Try only", description="Nothing is stored; the answer says what would happen"
    )
    mode: ImportMode = Field(
        default=ImportMode.ALL_OR_NOTHING,
        title="Bad rows",
        description="`all_or_nothing` stores nothing while any row is bad; `row_by_row` stores what is good",
    )
    mail: bool = Field(
        default=False,
        title="Send mails",
        description="Also mail its link to each new customer who has an e-mail address",
    )


class Outcome(StrEnum):
    """What becomes of what a row asks for."""

    NEW = "new"
    ALREADY_THERE = "already_there"
    FAILED = "failed"


class RowErrorAnswer(Answer):
    """One wrong cell, or a whole row where `column` is null."""

    line: int = Field(
        title="Line", description="As an editor counts them, 1 for the headers; in JSON the object's number"
    )
    column: str | None = Field(title="Column", examples=["latitude"])
    value: str | float | bool | None = Field(title="What stands there", examples=["200"])
    message: str = Field(title="What is wrong", examples=["must be at most 90 degrees"])
    allowed: str | list[str] = Field(title="What is allowed", examples=["a number from -90 to 90 degrees"])


class DeviceOutcome(Answer):
    """What becomes of a device."""

    line: int = Field(title="Line")
    name: str = Field(title="Name", examples=["Inverter 1"])
    serial_number: str | None = Field(title="Serial number")
    outcome: Outcome = Field(title="Outcome")
    device_id: UUID | None = Field(title="Device", description="Null where it failed, and for a new one in a dry run")


class CustomerOutcome(Answer):
    """What becomes of a customer. The links of a new one are shown this once."""

    line: int = Field(title="Line")
    name: str | None = Field(title="Name", examples=["Bilal Ahmed"])
    phone: str | None = Field(title="Mobile number")
    email: str | None = Field(title="E-mail address")
    outcome: Outcome = Field(title="Outcome")
    link: str | None = Field(title="Link to copy")
    whatsapp_link: str | None = Field(title="Opens WhatsApp with the invitation written in it")
    expires_at: datetime | None = Field(title="The invitation is valid until")


class SiteOutcome(Answer):
    """What becomes of a plant, of its devices and its customers."""

    line: int = Field(title="Line", description="The first that names it")
    name: str = Field(title="Name", examples=["Gulberg roof"])
    outcome: Outcome = Field(title="Outcome")
    site_id: UUID | None = Field(title="Plant", description="Null where it failed, and for a new one in a dry run")
    devices: list[DeviceOutcome] = Field(title="Devices")
    customers: list[CustomerOutcome] = Field(title="Customers")


class Tally(Answer):
    """How many came to which outcome."""

    new: int = Field(default=0, title="New", examples=[300])
    already_there: int = Field(default=0, title="There already", examples=[0])
    failed: int = Field(default=0, title="Refused", examples=[0])


class ImportAnswer(Answer):
    """What came of a file, or would have."""

    stored: bool = Field(title="Stored", description="False for a dry run")
    rows: int = Field(title="Rows in the file")
    sites: Tally = Field(title="Plants")
    devices: Tally = Field(title="Devices")
    customers: Tally = Field(title="Customers")
    errors: list[RowErrorAnswer] = Field(title="What is wrong", description="Every bad cell, in the order of lines")
    results: list[SiteOutcome] = Field(title="Plant by plant, in the order of the file")


class ImportProgress(Answer):
    """A line of a streamed answer: how far it is."""

    kind: Literal["progress"] = "progress"
    done: int = Field(title="Plants that are through")
    total: int = Field(title="Plants in the file")


class ImportResult(ImportAnswer):
    """The last line of a streamed answer."""

    kind: Literal["result"] = "result"


class CustomerLine(Answer):
    """A line of the file with which links are handed to customers."""

    line: int
    site_name: str
    customer_name: str | None
    customer_phone: str | None
    customer_email: str | None
    outcome: Outcome
    link: str | None
    whatsapp_link: str | None
    expires_at: datetime | None
