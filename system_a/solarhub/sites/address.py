"""`sites.address`: where the post goes; for the sun and the map see `location`."""

from typing import Annotated

from solarhub.kit.texts import Text
from solarhub.kit.values import Value


class Address(Value):
    """A postal address; every line may be missing."""

    street: Annotated[str, Text(200)] | None = None
    city: Annotated[str, Text(100)] | None = None
    state: Annotated[str, Text(100)] | None = None
    postal_code: (
        Annotated[str, Text(16, r"[A-Za-z0-9][A-Za-z0-9 -]*", "up to 16 letters, digits, blanks and hyphens")] | None
    ) = None
    country: Annotated[str, Text(100)] | None = None
