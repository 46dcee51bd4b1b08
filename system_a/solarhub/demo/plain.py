"""The day told in lines, for a log or a pipe: one for each hour of the plant, and one for each alert."""

from datetime import datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from solarhub.demo.scene import AlertEvent, Scene


class PlainView:
    """Prints a line when there is something new to say, and at once, so that a pipe shows it when it happens."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._told: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        pass

    def say(self, sentence: str) -> None:
        print(sentence, flush=True)

    def moved(self, scene: Scene) -> None:
        if scene.now is None:
            return
        hour = scene.now.astimezone(self._zone).replace(minute=0, second=0, microsecond=0)
        if hour == self._told:
            return
        self._told = hour
        readings = "  ".join(f"{curve.device} {curve.reading}" for curve in scene.curves)
        self.say(
            f"{scene.now.astimezone(self._zone):%H:%M}  {readings}  "
            f"{scene.acknowledged:,} of {scene.samples:,} samples acknowledged, {scene.rate:,.0f}/s, "
            f"{scene.quarantined} quarantined, {scene.open_alerts} alerts open"
        )

    def happened(self, event: AlertEvent) -> None:
        what = f"opens   {event.rule}: {event.message}" if event.opened else f"closes  {event.rule}: {event.device}"
        self.say(f"{event.at.astimezone(self._zone):%H:%M}  {what}")
