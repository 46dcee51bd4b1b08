"""Day and night at many places, remembered while they last."""

import numpy as np

from solarhub.alerts.spans import Columns, Flags, Floats, Int64s
from solarhub.sites.sunlight import stretches


class Sun(Columns):
    """A place for each latitude and longitude (degrees); times are microseconds since 1970 UTC."""

    EMPTY = {  # noqa: RUF012 - a table of this class, as the base asks for it
        "latitude": np.float64(0),
        "longitude": np.float64(0),
        "begins": np.int64(0),
        "ends": np.int64(-1),
        "light": np.bool_(False),  # noqa: FBT003 - an empty place of a column of truths
    }
    latitude: Floats
    longitude: Floats
    begins: Int64s
    ends: Int64s
    light: Flags

    def __init__(self) -> None:
        super().__init__()
        self._places: dict[tuple[float, float], int] = {}

    def place(self, latitude: float, longitude: float) -> int:
        """Where the sun over these coordinates is asked for."""
        place = self._places.get((latitude, longitude))
        if place is None:
            place = self._places[latitude, longitude] = self.take_places(1)
            self.latitude[place], self.longitude[place] = latitude, longitude
        return place

    def shines(self, places: Int64s, at: Int64s) -> tuple[Flags, Int64s]:
        """Whether it is day at each place and instant, and an instant from which on it was so all the time."""
        known = (self.begins[places] <= at) & (at <= self.ends[places])
        if not known.all():
            asked = np.flatnonzero(~known)
            # the newest instant of each place stands for those that come next
            newest = asked[np.lexsort((at[asked], places[asked]))]
            newest = newest[np.append(places[newest][1:] != places[newest][:-1], True)]
            self._look(places[newest], at[newest])
        light, begins = self.light[places], self.begins[places]
        if not known.all():
            apart = np.flatnonzero((begins > at) | (at > self.ends[places]))
            if len(apart):
                where = places[apart]
                found = stretches(at[apart], self.latitude[where], self.longitude[where])
                light[apart], begins[apart] = found.light, found.begins
        return light, begins

    def _look(self, places: Int64s, at: Int64s) -> None:
        found = stretches(at, self.latitude[places], self.longitude[places])
        self.begins[places], self.ends[places], self.light[places] = found
