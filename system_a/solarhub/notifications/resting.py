"""Who is left alone for a while after failures, so that nobody is hammered and nobody waits behind them."""

from collections import Counter

_LONGEST_SECONDS = 60.0


class Rests:
    """Twice as long each time in a row, from a second up to a minute. Times are a monotonic clock's seconds."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()
        self._until: dict[str, float] = {}

    def begin(self, whom: str, now: float) -> bool:
        """After a failure; True when it is the first in a row. What fails during a rest was begun before it."""
        if now < self._until.get(whom, now):
            return False
        self._failures[whom] += 1
        self._until[whom] = now + min(2.0 ** min(self._failures[whom] - 1, 10), _LONGEST_SECONDS)
        return self._failures[whom] == 1

    def end(self, whom: str) -> bool:
        """After it worked; True when it had failed before."""
        self._until.pop(whom, None)
        return bool(self._failures.pop(whom, 0))

    def at(self, now: float) -> set[str]:
        """Who rests at that moment."""
        return {whom for whom, until in self._until.items() if until > now}
