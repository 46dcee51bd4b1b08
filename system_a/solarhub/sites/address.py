"""`sites.address`: where the post goes; for the sun and the map see `location`."""

from typing import Annotated

from pydantic import Field

from solarhub.kit.texts import Text
from solarhub.kit.values import Value


class Address(Value):
    """A postal address; every line may be missing."""

    street: Annotated[str, Text(200)] | None = Field(default=None, title="Street", examples=["12 Main Boulevard"])
    city: Annotated[str, Text(100)] | None = Field(default=None, title="City", examples=["Lahore"])
    state: Annotated[str, Text(100)] | None = Field(default=None, title="Province", examples=["Punjab"])
    postal_code: (
        Annotated[str, Text(16, r"[A-Za-z0-9][A-Za-z0-9 -]*", "up to 16 letters, digits, blanks and hyphens")] | None
    ) = Field(default=None, title="Postal code", examples=["54660"])
    country: Annotated[str, Text(100)] | None = Field(default=None, title="Country", examples=["Pakistan"])
