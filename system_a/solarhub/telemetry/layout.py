"""Which series stands at which place of a sample's readings, and how that grows while a device reports more."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

WIDEST = 500
"""Series in one layout; a device that keeps inventing channels gets a layout per sample instead of an endless one."""

Series = tuple[str, ...]
"""Sorted, so that devices which report the same share one layout."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A stored row of `telemetry_layouts`."""

    id: int
    series: Series
    known: frozenset[str]

    @classmethod
    def of(cls, layout_id: int, series: Iterable[str]) -> "Layout":
        places = tuple(series)
        return cls(layout_id, places, frozenset(places))


def wanted(present: Layout | None, reported: Iterable[Collection[str]]) -> list[Series]:
    """The series under which each of these samples of one device is to be stored.

    All fit into the present layout, or it grows to the union; past `WIDEST` each sample stands for itself.
    """
    samples = list(reported)
    union: set[str] = set(present.series) if present else set()
    grown = union.union(*samples)
    if len(grown) > WIDEST:
        return [tuple(sorted(series)) for series in samples]
    series = present.series if present and len(grown) == len(union) else tuple(sorted(grown))
    return [series] * len(samples)


def place(readings: Mapping[str, float], series: Series) -> list[float | None]:
    """The readings in the order of a layout; None: not reported."""
    return [readings.get(name) for name in series]


def fingerprint(series: Series) -> bytes:
    """What a layout is found by: no name holds a line break."""
    return sha256("\n".join(series).encode()).digest()
