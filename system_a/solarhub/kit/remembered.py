"""Answers that hold for some seconds: pure, the time is an argument."""

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """At most `most` answers, each for `seconds`; when there are too many, all are forgotten at once."""

    def __init__(self, *, seconds: float, most: int) -> None:
        self.seconds = seconds
        self.most = most
        self._held: dict[K, tuple[float, V]] = {}

    def get(self, key: K, at: float) -> V | None:
        """The answer, unless it is older than allowed. `at` counts seconds on any clock that never goes back."""
        until, value = self._held.get(key, (at, None))
        return value if at < until else None

    def put(self, key: K, value: V, at: float) -> None:
        if len(self._held) >= self.most:
            self._held.clear()
        self._held[key] = (at + self.seconds, value)

    def forget(self, key: K) -> None:
        self._held.pop(key, None)

    def forget_all(self) -> None:
        self._held.clear()
