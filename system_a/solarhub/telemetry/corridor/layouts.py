"""Under which layout rows are stored: the exact set of series that they report, as long as a device keeps to a few.

A device that reports another set each time (some send only what changed) would make a layout of each. After a few new
ones its rows are stored under the union of what it was seen to report, with NULLs where it reported nothing. Pure.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from solarhub.telemetry.batch import Int32s
from solarhub.telemetry.corridor.sheet import Sheet
from solarhub.telemetry.layout import WIDEST, Series

MOST_OF_A_DEVICE = 8
"""New layouts for the sake of one device, since the hub started."""
MOST_OF_AN_ORGANIZATION = 20_000
"""Layouts; more than that are not devices that differ, but something that invents names."""
_REMEMBERED_SERIES = 1_000_000

UNKNOWN = -1


class Layouts:
    """Remembers layouts that are committed."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int, Series], int] = {}
        self._remembered = 0
        self._counts: dict[int, int] = {}
        self._made_for: dict[int, int] = defaultdict(int)
        self._unions: dict[int, frozenset[str]] = {}

    def forget(self) -> None:
        self._ids.clear()
        self._counts.clear()
        self._remembered = 0

    def ids(self, sheet: Sheet) -> Int32s:
        """The layout of each row, UNKNOWN where it is not remembered."""
        keys = sheet.organization_keys
        if (keys == keys[0]).all():
            return np.full(len(keys), self._ids.get((int(keys[0]), sheet.series), UNKNOWN), np.int32)
        organizations, places = np.unique(keys, return_inverse=True)
        found = [self._ids.get((key, sheet.series), UNKNOWN) for key in organizations.tolist()]
        ids: Int32s = np.array(found, np.int32)[places]
        return ids

    def learn(self, organization_key: int, series: Series, layout_id: int) -> None:
        """A layout that is there."""
        if self._remembered > _REMEMBERED_SERIES:
            self.forget()
        self._ids[organization_key, series] = layout_id
        self._remembered += len(series)

    def counted(self, organization_key: int) -> int | None:
        """How many layouts an organization has, if that is known."""
        return self._counts.get(organization_key)

    def count(self, organization_key: int, layouts: int) -> None:
        self._counts[organization_key] = layouts

    def is_exact(self, device_keys: Sequence[int]) -> bool:
        """Whether a new layout may be made for what these devices report alike; it is then put to one's account."""
        for key in device_keys:
            if self._made_for[key] < MOST_OF_A_DEVICE:
                self._made_for[key] += 1
                return True
        return False

    def union(self, device_key: int, series: Series) -> Series | None:
        """What a device was seen to report in all, with these; None: too much to stand in one layout."""
        union = self._unions.get(device_key, frozenset()) | set(series)
        if len(union) > WIDEST:
            return None
        self._unions[device_key] = union
        return tuple(sorted(union))


def widened(sheet: Sheet, series: Series) -> Sheet:
    """The same rows with places for more series, which they do not report."""
    places = {name: place for place, name in enumerate(series)}
    readings = np.full((len(sheet), len(series)), np.nan)
    readings[:, [places[name] for name in sheet.series]] = sheet.readings
    return Sheet(
        series,
        sheet.organization_keys,
        sheet.device_keys,
        sheet.at,
        readings,
        sheet.load,
        sheet.origin,
        sheet.sources,
    )
