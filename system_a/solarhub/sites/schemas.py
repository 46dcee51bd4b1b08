"""Sites as requests name them and answers show them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from solarhub.kit.answers import Answer, Public, Recorded, unchanged
from solarhub.kit.fields import Choice, Number
from solarhub.kit.texts import TIME_ZONE, Text
from solarhub.kit.values import Value
from solarhub.sites.address import Address
from solarhub.sites.configuration import Configuration
from solarhub.sites.location import Location
from solarhub.sites.vocabulary import SiteStatus

_NAME = Text(200)
_DESCRIPTION = Text(2000)


class SiteRegistration(Location):
    """A plant. Only its name and its place on Earth are needed to watch it."""

    name: Annotated[str, _NAME]
    description: Annotated[str, _DESCRIPTION] | None = None
    status: Annotated[SiteStatus, Choice(SiteStatus)] = SiteStatus.ACTIVE
    address: Address = Field(default_factory=Address)
    configuration: Configuration = Field(default_factory=Configuration)


class SiteChange(Value):
    """A merge patch: what is left out stays; `address` and `configuration` are replaced whole."""

    name: Annotated[str, _NAME] = unchanged()
    description: Annotated[str, _DESCRIPTION] | None = unchanged()
    status: Annotated[SiteStatus, Choice(SiteStatus)] = unchanged()
    latitude: Annotated[float, Number(-90, 90, "degrees")] = unchanged()
    longitude: Annotated[float, Number(-180, 180, "degrees")] = unchanged()
    timezone: Annotated[str, TIME_ZONE] = unchanged()
    address: Address = unchanged()
    configuration: Configuration = unchanged()


class SiteAnswer(Recorded):
    """A plant; latitude and longitude in degrees, north and east positive."""

    organization_id: UUID
    name: str
    description: str | None
    status: SiteStatus
    latitude: float
    longitude: float
    timezone: str
    address: Public[Address]
    configuration: Public[Configuration]


class DiscoRegistration(Value):
    """A distribution company; sites name it by its code."""

    code: Annotated[str, Text(32, r"[a-z0-9_]{2,32}", "2 to 32 of a-z, 0-9 and underscore, such as hazeco")]
    name: Annotated[str, _NAME]
    region: Annotated[str, Text(100)]


class DiscoAnswer(Answer):
    """A distribution company that a site may name."""

    code: str
    name: str
    region: str
