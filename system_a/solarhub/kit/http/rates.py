"""How often one caller may ask: counted in this process, before the database is.

What protects passwords is counted in the database (it must hold across processes); this keeps one script from taking
the hub away from everybody else.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import ceil
from time import monotonic

from solarhub.kit.errors import TooManyRequests

_MOST_BUCKETS = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `per_second` in the long run."""

    per_second: float
    burst: int


class Rates:
    """Buckets by kind and name (GCRA: one number each, the instant at which the bucket is empty again)."""

    def __init__(self, rates: Mapping[str, Rate], *, clock: Callable[[], float] = monotonic) -> None:
        self._rates = dict(rates)
        self._clock = clock
        self._empty_at: dict[tuple[str, Hashable], float] = {}

    def spend(self, kind: str, name: Hashable) -> None:
        """Takes one from the bucket. Raises TooManyRequests, which says when to come back; other kinds pass."""
        rate = self._rates.get(kind)
        if rate is None:
            return
        at = self._clock()
        if len(self._empty_at) >= _MOST_BUCKETS:
            self._empty_at = {bucket: empty for bucket, empty in self._empty_at.items() if empty > at}
        empty = max(self._empty_at.get((kind, name), at), at) + 1 / rate.per_second
        wait = empty - at - rate.burst / rate.per_second
        if wait > 0:
            raise TooManyRequests("Too many requests at once; wait a moment.", retry_after=max(1, ceil(wait)))
        self._empty_at[kind, name] = empty
