"""The day drawn in place: what each device does now and did so far, and the alerts as they come and go."""

from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from solarhub.demo.scene import AlertEvent, Curve, Scene
from solarhub.demo.sparkline import ASCII, BLOCKS, sparkline

_BAR_WIDTH = 16
_LINES_ABOVE_EVENTS = 9
_LONGEST_RULE = 42
_FRAMES_PER_SECOND = 8


class TerminalView:
    """Redraws the scene a few times a second for as long as it is entered."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._scene: Scene | None = None
        self._live = Live(
            console=console, get_renderable=self._draw, refresh_per_second=_FRAMES_PER_SECOND, vertical_overflow="crop"
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def say(self, sentence: str) -> None:
        self._console.print(sentence, highlight=False)

    def moved(self, scene: Scene) -> None:
        self._scene = scene

    def happened(self, event: AlertEvent) -> None:
        """It is drawn with the rest of the scene."""

    def _draw(self) -> RenderableType:
        scene = self._scene
        if scene is None:
            return Text()
        room = max(3, self._console.height - _LINES_ABOVE_EVENTS - len(scene.curves))
        return Group(
            Text(),
            _headline(scene),
            Text(scene.page, style="underline"),
            Text(),
            self._curves(scene),
            Text(),
            _counts(scene),
            Text(),
            _events(scene, room, self._console.width),
        )

    def _curves(self, scene: Scene) -> Table:
        ascii_only = self._console.options.ascii_only
        width = max(10, self._console.width - _BAR_WIDTH - 40)
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, width=_BAR_WIDTH)
        table.add_column(no_wrap=True, justify="right", min_width=10)
        table.add_column(no_wrap=True)
        for curve in scene.curves:
            colour = "yellow" if curve.unit == "W/m2" else "green"
            line = ""
            if scene.first and scene.last:
                levels = ASCII if ascii_only else BLOCKS
                line = sparkline(
                    curve.points, first=scene.first, last=scene.last, full=curve.full, width=width, levels=levels
                )
            table.add_row(
                curve.device, _bar(curve, colour, ascii_only=ascii_only), curve.reading, Text(line, style=colour)
            )
        return table


def _headline(scene: Scene) -> Text:
    local = scene.now.astimezone(ZoneInfo(scene.plant.timezone)) if scene.now else None
    return Text.assemble(
        (scene.plant.name, "bold"),
        "   ",
        (f"{local:%a %d %b %H:%M %Z}" if local else "waiting for the first sample", "bold cyan"),
        f"   {scene.speed:g} times as fast",
    )


def _bar(curve: Curve, colour: str, *, ascii_only: bool) -> Text:
    full, empty = ("#", ".") if ascii_only else ("█", "░")
    filled = round(_BAR_WIDTH * min(max((curve.now or 0.0) / curve.full, 0.0), 1.0))
    return Text.assemble((full * filled, colour), (empty * (_BAR_WIDTH - filled), "dim"))


def _counts(scene: Scene) -> Text:
    text = Text.assemble(
        (f"{scene.acknowledged:,}", "bold"),
        f" of {scene.samples:,} samples acknowledged, {scene.rate:,.0f}/s   ",
        (f"{scene.quarantined:,} quarantined", "red" if scene.quarantined else ""),
        "   ",
        (f"{scene.open_alerts} open alerts", "bold red" if scene.open_alerts else "bold"),
        f" of {len(scene.alerts)}",
    )
    if scene.waiting:
        text.append(f"   waiting: {scene.waiting}", "yellow")
    return text


def _events(scene: Scene, room: int, width: int) -> Group:
    """The newest, one line each: what does not fit is cut off at the right."""
    zone = ZoneInfo(scene.plant.timezone)
    rule_width = min(_LONGEST_RULE, (width - 15) // 2)
    return Group(
        *(
            Text.assemble(
                (f"{event.at.astimezone(zone):%H:%M}  ", "cyan"),
                ("opens   ", "red") if event.opened else ("closes  ", "green"),
                (f"{event.rule[:rule_width]:<{rule_width}}  ", "bold"),
                event.message if event.opened else event.device,
                no_wrap=True,
                overflow="crop",
            )
            for event in scene.events[-room:]
        )
    )
