"""Plants as requests name them and answers show them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from solarhub.kit.answers import Answer, Public, Recorded, unchanged
from solarhub.kit.fields import Choice, Number
from solarhub.kit.paging import Page
from solarhub.kit.texts import TIME_ZONE, Text
from solarhub.kit.values import Value
from solarhub.sites.address import Address
from solarhub.sites.configuration import Configuration
from solarhub.sites.location import Location
from solarhub.sites.vocabulary import SiteStatus

_ADDRESS = Field(title="Address", description="Where the post goes; replaced whole")
_CONFIGURATION = Field(
    title="What is installed",
    description="And how it hangs on the grid; replaced whole",
    examples=[{"system_capacity_kw": 100, "disco_provider": "lesco", "grid_connected": True}],
)
_STATUS = Field(title="Status", examples=["active"])

_Name = Annotated[str, Text(200), Field(title="Name", examples=["Gulberg roof"])]
_Description = Annotated[
    Annotated[str, Text(2000)] | None, Field(title="Description", examples=["Bank branch, key at the gate"])
]
_Latitude = Annotated[float, Number(-90, 90, "degrees"), Field(title="Latitude", examples=[31.5204])]
_Longitude = Annotated[float, Number(-180, 180, "degrees"), Field(title="Longitude", examples=[74.3587])]
_TimeZone = Annotated[str, TIME_ZONE, Field(title="Time zone", examples=["Asia/Karachi"])]


class SiteRegistration(Location):
    """A plant. Only its name and its place on Earth are needed to watch it."""

    name: _Name
    description: _Description = None
    status: Annotated[SiteStatus, Choice(SiteStatus), _STATUS] = SiteStatus.ACTIVE
    address: Annotated[Address, _ADDRESS] = Field(default_factory=Address)
    configuration: Annotated[Configuration, _CONFIGURATION] = Field(default_factory=Configuration)


class SiteChange(Value):
    """A merge patch: what is left out stays; `address` and `configuration` are replaced whole.

    Maintenance and decommissioning have verbs of their own.
    """

    name: _Name = unchanged()
    description: _Description = unchanged()
    status: Annotated[Literal["active", "inactive"], _STATUS] = unchanged()
    latitude: _Latitude = unchanged()
    longitude: _Longitude = unchanged()
    timezone: _TimeZone = unchanged()
    address: Annotated[Address, _ADDRESS] = unchanged()
    configuration: Annotated[Configuration, _CONFIGURATION] = unchanged()


class SiteMaintenance(Value):
    """From now on the plant is worked on, and its alerts wake nobody."""

    until: AwareDatetime | None = Field(
        default=None,
        title="Until",
        description="When it ends by itself, with a time zone and at most a year from now; without it somebody ends it",
        examples=["2026-06-01T17:00:00+05:00"],
    )
    note: Annotated[str, Text(500)] | None = Field(
        default=None, title="Why", description="Kept in the audit log", examples=["Panels are being washed"]
    )


class Decommissioning(Value):
    """The plant gives nothing any more, and nobody waits for it."""

    note: Annotated[str, Text(500)] | None = Field(
        default=None, title="Why", description="Kept in the audit log", examples=["Roof is being rebuilt"]
    )


class SiteAnswer(Recorded):
    """A plant; latitude and longitude in degrees, north and east positive."""

    organization_id: UUID = Field(title="Organization")
    name: _Name
    description: _Description
    status: Annotated[SiteStatus, _STATUS]
    maintenance_until: datetime | None = Field(
        title="In maintenance until", description="Null while it lasts until somebody ends it, and outside it"
    )
    latitude: _Latitude
    longitude: _Longitude
    timezone: _TimeZone
    address: Annotated[Public[Address], _ADDRESS]
    configuration: Annotated[Public[Configuration], _CONFIGURATION]
    removed_at: datetime | None = Field(title="Removed", description="Its history can still be asked for")


class SiteSort(StrEnum):
    """The order of a list of plants; a minus turns it round."""

    NAME = "name"
    NAME_DOWN = "-name"
    ENTERED = "created_at"
    ENTERED_DOWN = "-created_at"


class SiteSelection(BaseModel):
    """Every condition that is given must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: SiteStatus | None = Field(default=None, title="Status")
    disco: Annotated[str, Text(32)] | None = Field(
        default=None, title="Distribution company", description="Its code", examples=["lesco"]
    )
    city: Annotated[str, Text(100)] | None = Field(
        default=None, title="City", description="The whole name, in capitals or not", examples=["Lahore"]
    )
    text: Annotated[str, Text(100)] | None = Field(
        default=None, title="Name", description="Found anywhere in the name, in capitals or not", examples=["roof"]
    )
    removed: bool = Field(
        default=False, title="Removed", description="Those that were removed, instead of those that are there"
    )
    sort: SiteSort = Field(default=SiteSort.NAME, title="Order")


class SiteFilter(Page, SiteSelection):
    """Query parameters of the list of plants."""


class DiscoRegistration(Value):
    """A distribution company; sites name it by its code."""

    code: Annotated[str, Text(32, r"[a-z0-9_]{2,32}", "2 to 32 of a-z, 0-9 and underscore, such as hazeco")]
    name: Annotated[str, Text(200)]
    region: Annotated[str, Text(100)]


class DiscoAnswer(Answer):
    """A distribution company that a site may name."""

    code: str = Field(title="Code", examples=["lesco"])
    name: str = Field(title="Name", examples=["Lahore Electric Supply Company"])
    region: str = Field(title="Region", examples=["Lahore"])
