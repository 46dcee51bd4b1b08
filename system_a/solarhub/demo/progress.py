"""How far a replay has come: a bar on a terminal, otherwise a line now and then."""

import time
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from solarhub.demo.replay import Acknowledged

_SECONDS_BETWEEN_LINES = 5.0


class ReplayProgress:
    """Told of every answer; prints to `console`, times by the plant's clock."""

    def __init__(self, console: Console, zone: ZoneInfo, samples: int) -> None:
        self._zone = zone
        self._samples = samples
        self._acknowledged = self._duplicates = self._quarantined = 0
        self._began = time.monotonic()
        self._told = 0.0
        self._drawn = console.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            disable=not self._drawn,
        )
        self._task = self._bar.add_task("", total=samples, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        lasted = time.monotonic() - self._began
        print(
            f"{self._acknowledged:,} of {self._samples:,} samples acknowledged in {lasted:.1f} s "
            f"({self._duplicates:,} of them the hub had before), {self._quarantined:,} values quarantined.",
            flush=True,
        )

    def acknowledged(self, answer: Acknowledged) -> None:
        self._acknowledged += len(answer.samples)
        self._duplicates += answer.duplicates
        self._quarantined += answer.quarantined
        at = f"{answer.samples[-1].at.astimezone(self._zone):%d %b %H:%M}"
        now = time.monotonic()
        rate = f"{self._acknowledged / max(now - self._began, 0.1):,.0f}/s"
        self._bar.update(self._task, completed=self._acknowledged, description=at, rate=rate)
        if not self._drawn and now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            print(f"{at}  {self._acknowledged:,} of {self._samples:,} samples acknowledged, {rate}", flush=True)

    def waiting(self, device: str, reason: str) -> None:
        """Said once for each wait, however long it becomes."""
        self._bar.console.print(f"{device} waits: {reason}", highlight=False)
