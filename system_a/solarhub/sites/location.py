"""Where on Earth a plant stands, and which clock hangs there: three columns of `sites`."""

from typing import Annotated

from pydantic import Field

from solarhub.kit.fields import Number
from solarhub.kit.texts import TIME_ZONE
from solarhub.kit.values import Value


class Location(Value):
    """Degrees in WGS 84, north and east positive."""

    latitude: Annotated[float, Number(-90, 90, "degrees")] = Field(title="Latitude", examples=[31.5204])
    longitude: Annotated[float, Number(-180, 180, "degrees")] = Field(title="Longitude", examples=[74.3587])
    timezone: Annotated[str, TIME_ZONE] = Field(default="Asia/Karachi", title="Time zone", examples=["Asia/Karachi"])
