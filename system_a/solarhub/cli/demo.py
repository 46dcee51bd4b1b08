"""`solarhub demo`: the main job on a real plant's day, with nothing to configure and nothing left behind."""

import asyncio
import signal
import sys
import time
from io import TextIOWrapper
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from solarhub.demo.day import Day
from solarhub.demo.hub import HubEnded, free_port
from solarhub.demo.plain import PlainView
from solarhub.demo.plants import PLANTS
from solarhub.demo.replay import Refused
from solarhub.demo.session import Session
from solarhub.demo.terminal import TerminalView
from solarhub.demo.views import View
from solarhub.kit.clock import now

_BEGAN = time.monotonic()
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(
    help="Watch a real plant: the hub on a throw-away directory, with one recorded day passing in two minutes."
)
def demo(
    speed: Annotated[float, typer.Option(min=1, help="How many times as fast as it happened.")] = 675,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where the page is served; 0 for a free port.")] = 0,
) -> None:
    """675 lets the recorded 22.5 hours pass in two minutes."""
    plant = PLANTS["pecos"]
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a degree sign must not end the show on a terminal without one
    watched = sys.stdout.isatty()
    view: View = TerminalView(Console()) if watched else PlainView(ZoneInfo(plant.timezone))
    session = Session(Day.of(plant, now()), port=port or free_port(), speed=speed, view=view, began=_BEGAN)
    try:
        asyncio.run(_until_interrupted(session, stay=watched))
    except asyncio.CancelledError:
        print("It has ended, and its directory is gone.", flush=True)
        raise typer.Exit(0 if session.shown else 130) from None
    except (HubEnded, Refused) as trouble:
        print(trouble, file=sys.stderr)
        raise typer.Exit(1) from None


async def _until_interrupted(session: Session, *, stay: bool) -> None:
    """Ctrl-C, a polite kill and a closed terminal end it in order; asking again changes nothing."""
    running = asyncio.ensure_future(session.run(stay=stay))
    for number in _SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    await running
