"""Where on Earth a plant stands, and which clock hangs there: three columns of `sites`."""

from typing import Annotated

from solarhub.kit.fields import Number
from solarhub.kit.texts import TIME_ZONE
from solarhub.kit.values import Value


class Location(Value):
    """Degrees in WGS 84, north and east positive."""

    latitude: Annotated[float, Number(-90, 90, "degrees")]
    longitude: Annotated[float, Number(-180, 180, "degrees")]
    timezone: Annotated[str, TIME_ZONE] = "Asia/Karachi"
