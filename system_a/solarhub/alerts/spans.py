"""Columns that grow, and runs of places in them."""

from typing import Any

import numpy as np
import numpy.typing as npt

Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_SMALLEST = 64


def spread(first: npt.NDArray[np.integer[Any]], count: npt.NDArray[np.integer[Any]]) -> tuple[Int64s, Int64s]:
    """All places of runs, `count[i]` of them from `first[i]` on, run after run; and for each place its `i`."""
    run = np.repeat(np.arange(len(count), dtype=np.int64), count)
    before = np.cumsum(count, dtype=np.int64) - count
    places = np.arange(len(run), dtype=np.int64) + (first - before)[run]
    return places, run


class Columns:
    """Named arrays of one length, of which the first `used` places are taken; subclasses say which, and what is empty.

    They are attributes, and other arrays after a growth: nobody keeps one of them.
    """

    EMPTY: dict[str, Any]
    """By name: a numpy scalar that an empty place holds; its type is the column's."""

    def __init__(self) -> None:
        self.used = 0
        self._room = _SMALLEST
        for name, empty in self.EMPTY.items():
            setattr(self, name, np.full(_SMALLEST, empty))

    def take_places(self, count: int) -> int:
        """So many empty places at the end; the first of them."""
        first, self.used = self.used, self.used + count
        if self.used > self._room:
            self._room = max(self.used, 2 * self._room)
            for name, empty in self.EMPTY.items():
                grown = np.full(self._room, empty)
                grown[:first] = getattr(self, name)[:first]
                setattr(self, name, grown)
        return first

    def clear(self, places: npt.NDArray[np.integer[Any]] | int) -> None:
        """Makes them empty; they stay taken."""
        for name, empty in self.EMPTY.items():
            getattr(self, name)[places] = empty

    def keep_only(self, places: Int64s) -> None:
        """The columns become what stands at these places, in this order."""
        for name in self.EMPTY:
            setattr(self, name, getattr(self, name)[places])
        self.used = self._room = len(places)
