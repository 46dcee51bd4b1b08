"""Values that a product sends one by one, in a burst without a time, put together into one sample.

It runs on the times at which messages arrived and on nothing else: the same messages close in the same way when they
are read again.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush, heapreplace
from typing import Any

from solarhub.drivers.dialects.told import Told

QUIET = timedelta(milliseconds=500)
"""A burst ends when nothing more came for so long."""
LONGEST = timedelta(seconds=2)
"""… and so long after its first value in any case."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One sample: `told` holds all values, `received_at` is when the first one came, `tickets` are its messages'."""

    key: Hashable
    told: Told
    received_at: datetime
    tickets: Sequence[Any]


@dataclass(slots=True)
class _Open:
    key: Hashable
    first: Told
    began: datetime
    latest: datetime
    at: datetime | None
    readings: dict[str, object]
    facts: dict[str, str]
    tickets: list[Any] = field(default_factory=list)
    is_open: bool = True

    @property
    def ends(self) -> datetime:
        return min(self.latest + QUIET, self.began + LONGEST)

    def takes(self, told: Told) -> bool:
        """Whether the value belongs to this burst: it repeats none, and is of no other time or version."""
        same_time = told.at is None or self.at is None or told.at == self.at
        same_voice = (told.dialect, told.version, told.historical) == (
            self.first.dialect,
            self.first.version,
            self.first.historical,
        )
        # a time that comes again begins the next burst, as a series does
        repeats = not told.readings and told.at is not None and self.at is not None
        return same_time and same_voice and not repeats and self.readings.keys().isdisjoint(told.readings)


class Gatherer:
    """Bursts that have not ended yet, one of each key at most."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Open] = {}
        self._ends: list[tuple[datetime, int, _Open]] = []
        """A heap with a place for each burst that was begun. Ends move away meanwhile: what comes up is asked again."""
        self._begun = 0

    def __len__(self) -> int:
        return len(self._open)

    def add(self, key: Hashable, told: Told, received_at: datetime, ticket: object) -> list[Gathered]:
        """Takes one value in; returns what has ended by now, the oldest first. `received_at` never goes back."""
        ended = self.due(received_at)
        burst = self._open.get(key)
        if burst is not None and not burst.takes(told):
            ended.append(self._close(burst))
            burst = None
        if burst is None:
            burst = self._open[key] = _Open(key, told, received_at, received_at, told.at, {}, {})
            self._begun += 1
            heappush(self._ends, (burst.ends, self._begun, burst))
        burst.readings.update(told.readings)
        burst.facts.update(told.facts)
        burst.at = burst.at or told.at
        burst.latest = max(burst.latest, received_at)
        burst.tickets.append(ticket)
        return ended

    def due(self, now: datetime) -> list[Gathered]:
        """What has ended by `now`, the oldest first."""
        ended: list[_Open] = []
        while (ends := self.next_due()) is not None and ends <= now:
            ended.append(heappop(self._ends)[2])
            ended[-1].is_open = False
        return [self._close(burst) for burst in sorted(ended, key=lambda burst: burst.began)]

    def next_due(self) -> datetime | None:
        """When to ask again; None while nothing is open."""
        while self._ends:
            told, number, burst = self._ends[0]
            if not burst.is_open:
                heappop(self._ends)
            elif burst.ends > told:
                heapreplace(self._ends, (burst.ends, number, burst))
            else:
                return told
        return None

    def close_all(self) -> list[Gathered]:
        """Ends every burst, as when the connection closes."""
        return [self._close(burst) for burst in list(self._open.values())]

    def _close(self, burst: _Open) -> Gathered:
        del self._open[burst.key]
        burst.is_open = False
        told = replace(burst.first, at=burst.at, readings=burst.readings, facts=burst.facts, scattered=False)
        return Gathered(burst.key, told, burst.began, burst.tickets)
