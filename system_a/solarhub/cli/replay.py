"""`solarhub replay PLANT`: a recorded plant's devices send their samples to a hub that is already running."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.console import Console

from solarhub.demo.commissioning import RIGHTS, commission
from solarhub.demo.day import Day
from solarhub.demo.ledger import Ledger
from solarhub.demo.plant import Plant
from solarhub.demo.plants import PLANTS
from solarhub.demo.progress import ReplayProgress
from solarhub.demo.replay import Acknowledged, Refused, replay
from solarhub.kit.clock import now

_TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("replay", help="Send a recorded plant through the public API, as its devices would.")
def replay_plant(
    plant_name: Annotated[str, typer.Argument(metavar="PLANT", help=f"Which one: {', '.join(PLANTS)}.")],
    *,
    url: Annotated[str, typer.Option(help="The hub.")] = "http://127.0.0.1:8000",
    speed: Annotated[float, typer.Option(min=1, help="How many times as fast as it happened.")] = 600,
    start: Annotated[
        datetime | None,
        typer.Option("--from", formats=_TIMES, help="First instant of the recording, by its own clock."),
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_TIMES, help="Last instant, likewise.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Append what was acknowledged to this file.", metavar="FILE")
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(help="The devices' tokens, a JSON object by name; written by --create.", metavar="FILE"),
    ] = None,
    create: Annotated[
        bool, typer.Option("--create", help="First enter the plant, its devices and its rules, with an API key.")
    ] = False,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="SOLARHUB_API_KEY", show_envvar=False, help="For --create (or SOLARHUB_API_KEY)."),
    ] = None,
) -> None:
    """Each sample is moved by whole days, so that the recording's last is not in the future."""
    if plant_name not in PLANTS:
        raise typer.BadParameter(f"is none of {', '.join(PLANTS)}", param_hint="PLANT")
    plant = PLANTS[plant_name]
    if not create and tokens is None:
        raise typer.BadParameter(
            "is needed for devices that the hub knows already; --create enters them", param_hint="--tokens"
        )
    if create and not api_key:
        rights = " ".join(f"--may {right.value}" for right in RIGHTS)
        raise typer.BadParameter(
            f"is needed for --create; on the hub's machine: solarhub tokens issue -o ORGANIZATION {rights}",
            param_hint="--api-key",
        )
    try:
        day = Day.of(plant, now(), start=start, until=until)
    except ValueError as trouble:
        raise typer.BadParameter(str(trouble), param_hint="--from or --until") from None
    try:
        asyncio.run(_send(day, url=url, speed=speed, ledger=ledger, tokens=tokens, api_key=api_key if create else None))
    except (Refused, httpx.TransportError) as trouble:
        print(trouble, file=sys.stderr)
        raise typer.Exit(1) from None


async def _send(
    day: Day, *, url: str, speed: float, ledger: Path | None, tokens: Path | None, api_key: str | None
) -> None:
    """With an `api_key` the plant is entered first."""
    plant, samples = day.plant, day.samples
    known = {} if api_key or tokens is None else _read(tokens, plant)
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        if api_key:
            client.headers["Authorization"] = f"Bearer {api_key}"
            entered = await commission(client, plant)
            known = entered.tokens
            print(f"Entered {plant.name} as organization {entered.organization_id}, site {entered.site_id}.")
            if tokens is not None:
                _keep(tokens, known)
        with ExitStack() as stack:
            book = stack.enter_context(Ledger(ledger)) if ledger else None
            telling = stack.enter_context(ReplayProgress(Console(), ZoneInfo(plant.timezone), len(samples)))

            def acknowledged(answer: Acknowledged) -> None:
                if book is not None:
                    book.record(answer)
                telling.acknowledged(answer)

            await replay(
                samples,
                client=client,
                tokens=known,
                speed=speed,
                on_acknowledged=acknowledged,
                on_waiting=telling.waiting,
            )


def _read(path: Path, plant: Plant) -> dict[str, str]:
    try:
        tokens = json.loads(path.read_text("utf-8"))
        return {device.name: str(tokens[device.name]) for device in plant.devices}
    except (OSError, ValueError, TypeError, KeyError) as trouble:
        raise typer.BadParameter(f"cannot be used: {trouble}", param_hint="--tokens") from None


def _keep(path: Path, tokens: Mapping[str, str]) -> None:
    """For the owner's eyes only: whoever reads a token can speak as its device."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(tokens, file, indent=2)
        file.write("\n")
