"""Two ways to watch a plant's day: drawn in place on a terminal, or told line by line."""

from types import TracebackType
from typing import Protocol, Self

from solarhub.demo.scene import AlertEvent, Scene


class View(Protocol):
    """Shows a scene; entered when the day begins to pass and left when it has passed."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None: ...

    def say(self, sentence: str) -> None:
        """Something to be read once."""

    def moved(self, scene: Scene) -> None:
        """Samples were acknowledged, or time has passed."""

    def happened(self, event: AlertEvent) -> None:
        """An alert has opened or closed."""
