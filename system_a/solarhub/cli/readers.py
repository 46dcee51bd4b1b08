"""`solarhub readers …`: logins of the database for dashboards and notebooks."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NamedTuple, TypeVar

import typer

from solarhub.cli.operator import DataDir, Desk, OrganizationName, operate
from solarhub.cli.shown import AsJson, show_done, show_list
from solarhub.config import Settings
from solarhub.kit.answers import Answer
from solarhub.kit.db import Database, Session, transaction
from solarhub.kit.postgres import ADMIN, attach, default_data_dir, with_login
from solarhub.kit.postgres.directory import PORT
from solarhub.kit.postgres.forwarding import serve as serve_door
from solarhub.telemetry import readers

T = TypeVar("T")

app = typer.Typer(
    help="Logins of the database for dashboards and notebooks, each for one organization.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

AdminUrl = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="ADMIN_URL",
        help="Not the embedded server: a login there that may make roles (or SOLARHUB_OWNER_DATABASE_URL).",
    ),
]
_COLUMNS = {"role": "Login", "organization": "Organization", "created_at": "Made", "may_log_in": "May log in"}


class ReaderAnswer(Answer):
    """A login, as it is listed."""

    role: str
    organization: str
    created_at: str
    may_log_in: bool


class _Place(NamedTuple):
    """The server, as somebody who may make roles there, and as it is shown to others."""

    admin_url: str
    shown: Callable[[str, str], str]


def _place(data_dir: Path | None, url: str | None) -> _Place:
    settings = Settings(data_dir=data_dir)
    elsewhere = url or (settings.owner_database_url if data_dir is None else None)
    if elsewhere is not None:
        return _Place(elsewhere, lambda role, password: with_login(elsewhere, role, password))
    server = attach(settings.data_dir or default_data_dir())
    socket = server.socket_dir
    return _Place(
        server.url(ADMIN),
        lambda role, password: f"postgresql://{role}:{password}@/solarhub?host={socket}&port={PORT}",
    )


def _with_admin(data_dir: Path | None, url: str | None, work: Callable[[Session, Desk, _Place], Awaitable[T]]) -> T:
    async def sit_down(desk: Desk) -> T:
        place = _place(data_dir, url)
        database = Database(place.admin_url, "worker", pool_size=1)
        try:
            async with transaction(database) as session:
                return await work(session, desk, place)
        finally:
            await database.close()

    return operate(data_dir, sit_down)


@app.command()
def add(
    organization: OrganizationName,
    name: Annotated[str | None, typer.Option(help="One of several: part of the login's name.")] = None,
    url: AdminUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a login that reads one organization's views, or give it a new password; prints its URL, once."""

    async def work(session: Session, desk: Desk, place: _Place) -> tuple[str, str]:
        every = await desk.every()
        known = await desk.organization(organization)
        role = readers.role_of(known.slug, name)
        password = await readers.add(session, role, known.id, known.key, [each.id for each in every])
        return role, place.shown(role, password)

    role, shown = _with_admin(data_dir, url, work)
    show_done(shown, {"role": role, "url": shown}, as_json=as_json)


@app.command("list")
def list_them(url: AdminUrl = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Print every such login, and which organization it reads."""

    async def work(session: Session, desk: Desk, _place: _Place) -> list[ReaderAnswer]:
        found = await readers.listed(session, [each.id for each in await desk.every()])
        return [
            ReaderAnswer(
                role=each.role,
                organization=each.organization,
                created_at=each.created_at.isoformat(),
                may_log_in=each.may_log_in,
            )
            for each in found
        ]

    show_list(_with_admin(data_dir, url, work), _COLUMNS, as_json=as_json)


@app.command()
def remove(
    role: Annotated[str, typer.Argument(metavar="LOGIN", help="As `solarhub readers list` prints it.")],
    organization: OrganizationName,
    url: AdminUrl = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """End a login and its sessions."""

    async def work(session: Session, desk: Desk, _place: _Place) -> None:
        await readers.remove(session, role, (await desk.organization(organization)).id)

    _with_admin(data_dir, url, work)
    show_done(f"{role} has ended.", {"role": role, "removed": True}, as_json=as_json)


@app.command()
def serve(
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where: without encryption, so keep it on this machine.")
    ] = "127.0.0.1:5433",
    data_dir: DataDir = None,
) -> None:
    """Let these logins reach the embedded database, which serves no network itself; until Ctrl-C."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise SystemExit(f"{listen} is no HOST:PORT, such as 127.0.0.1:5433.")
    socket = attach(data_dir or Settings().data_dir or default_data_dir()).socket_dir / f".s.PGSQL.{PORT}"
    print(f"Readers reach the database at {listen}; Ctrl-C ends that.")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, int(port), socket))


async def _serve(host: str, port: int, socket: Path) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await serve_door(host, port, socket, readers.is_reader, stop)
