"""`solarhub up`: the whole hub on this machine."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn

from solarhub.config import Settings
from solarhub.kit import log
from solarhub.kit.errors import Unavailable
from solarhub.kit.postgres import Server, ServerTrouble, default_data_dir, hub_lock, start

if TYPE_CHECKING:
    from fastapi import FastAPI

app = typer.Typer(rich_markup_mode=None)

_GRACE_SECONDS = 10


@app.command()
def up(
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the database and its log live.", show_default=False)
    ] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on (127.0.0.1).", show_default=False)] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on (8000).", show_default=False)] = None,
) -> None:
    """Run the whole hub: database, API, web page and workers. Ctrl-C ends it in order."""
    log.configure()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = Settings()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    try:
        with ExitStack() as stack:
            listener = stack.enter_context(_listen(host or settings.host, settings.port if port is None else port))
            if data_dir is None and settings.database_url is not None:
                _run_elsewhere(settings, listener)
            else:
                _run_embedded(stack, data_dir or settings.data_dir, listener)
    except _Left:
        raise typer.Exit(0) from None


class _Left(Exception):  # noqa: N818 - an event, not a mistake
    """Somebody asked the hub to end while it was starting."""


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # once is enough: what follows is the way out
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise _Left


def _run_embedded(stack: ExitStack, data_dir: Path | None, listener: socket.socket) -> None:
    place = data_dir or default_data_dir()
    try:
        stack.enter_context(hub_lock(place))
        server = stack.enter_context(start(place, on_progress=_tell))
    except ServerTrouble as trouble:
        raise SystemExit(str(trouble)) from None
    with _migrations(server.url("solarhub_admin")):
        make_app = _load()
    application = make_app(
        server.url("solarhub_app"), server.url("solarhub_auth"), server.url("solarhub_worker"), exclusive=True
    )
    _serve(application, listener, server)


def _run_elsewhere(settings: Settings, listener: socket.socket) -> None:
    urls = (settings.database_url, settings.auth_database_url, settings.worker_database_url)
    if None in urls:
        raise SystemExit(
            "With SOLARHUB_DATABASE_URL the hub also needs SOLARHUB_AUTH_DATABASE_URL and SOLARHUB_WORKER_DATABASE_URL:"
            " `solarhub db init --url ADMIN_URL` makes the roles and prints all of them."
        )
    if settings.owner_database_url is None:
        _tell("SOLARHUB_OWNER_DATABASE_URL is not set: migrations are left to whoever owns the database.")
        make_app = _load()
    else:
        with _migrations(settings.owner_database_url):
            make_app = _load()
    _serve(make_app(*(str(url) for url in urls), exclusive=False), listener, None)


@contextmanager
def _migrations(owner_url: str) -> Iterator[None]:
    """Runs them in a process of their own, beside what the block does; both have ended when it is left."""
    command = [sys.executable, "-m", "solarhub", "migrate"]
    environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": owner_url}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield
        said, _ = process.communicate()
    except BaseException:
        process.terminate()
        process.communicate()
        raise
    if process.returncode != 0:
        raise SystemExit(f"The database could not be brought to this version's schema:\n{said.strip()}")


def _load() -> "Callable[..., FastAPI]":
    from solarhub.app import create_app  # noqa: PLC0415 - heavy; loaded while migrations run
    from solarhub.kit.db import Database, Databases  # noqa: PLC0415 - the same

    def make(app_url: str, auth_url: str, worker_url: str, *, exclusive: bool) -> "FastAPI":
        databases = Databases(
            app=Database(app_url, "app"), auth=Database(auth_url, "auth"), worker=Database(worker_url, "worker")
        )
        return create_app(databases, exclusive=exclusive)

    return make


def _listen(host: str, port: int) -> socket.socket:
    """Taken before anything is started: a port that is in use is the commonest reason not to start at all."""
    try:
        [family, kind, protocol, _, address] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        raise SystemExit(f"Nobody can listen on {host} port {port}: {error.strerror}. Try another --port.") from None
    return listener


def _serve(application: "FastAPI", listener: socket.socket, server: "Server | None") -> None:
    config = uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,  # the peer's own address decides who is local
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    web = _Web(config)

    async def run() -> None:
        await _refuse_unsafe(application)
        watching = asyncio.create_task(server.watch()) if server is not None else None
        try:
            await web.serve(sockets=[listener])
        finally:
            if watching is not None:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    def end(_signal: int, _frame: FrameType | None) -> None:
        web.should_exit = True

    # uvicorn takes the signals while it serves, and raises them again for these handlers once it has ended
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(run())


async def _refuse_unsafe(application: "FastAPI") -> None:
    from solarhub.app import UnsafeDatabase  # noqa: PLC0415 - loaded by now

    try:
        await application.state.hub.refuse_unsafe()
    except UnsafeDatabase as unsafe:
        raise SystemExit(str(unsafe)) from None
    except Unavailable:
        return  # /health/ready says so until it is there


class _Web(uvicorn.Server):
    """Says where it is as soon as it takes connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or []:
            _announce(*listener.getsockname()[:2])


def _announce(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    if ip_address(host).is_loopback:
        print(f"Solar Hub is at http://{shown}:{port}/", flush=True)
    else:
        print(f"Solar Hub is at http://127.0.0.1:{port}/ and takes telemetry on {shown} port {port}.", flush=True)
        print("People's pages answer on this machine only, until people can sign in.", flush=True)


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
