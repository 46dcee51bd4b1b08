"""`solarhub db …`: the hub's own PostgreSQL from the command line, and the roles on anybody else's."""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from solarhub.config import Settings
from solarhub.kit.postgres import (
    ADMIN,
    LOGINS,
    HubAlreadyRunning,
    ServerTrouble,
    Unreachable,
    attach,
    default_data_dir,
    ensure_roles,
    existing_logins,
    find_binaries,
    has_database,
    hub_lock,
    overview,
    stop_running,
    told,
    with_database,
    with_login,
    without_password,
)
from solarhub.kit.postgres import start as start_server
from solarhub.kit.sealing import new_key

app = typer.Typer(
    help="The database: create, start, stop, look inside.",
    no_args_is_help=True,
    rich_markup_mode=None,
    add_completion=False,
)

DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Where the embedded server keeps its files (or SOLARHUB_DATA_DIR).", metavar="DIR"),
]

_VARIABLES = {
    "solarhub_app": "SOLARHUB_DATABASE_URL",
    "solarhub_auth": "SOLARHUB_AUTH_DATABASE_URL",
    "solarhub_worker": "SOLARHUB_WORKER_DATABASE_URL",
}
_NOT_RUNNING = 3  # what "status" commands of services answer


class Role(StrEnum):
    """Whom `psql` logs in as."""

    app = "app"
    worker = "worker"
    backup = "backup"
    admin = "admin"


@app.command()
def init(
    data_dir: DataDir = None,
    url: Annotated[
        str | None,
        typer.Option(
            metavar="ADMIN_URL",
            help="Another server: postgresql://login:password@host/postgres of a superuser, or of a login with"
            " CREATEROLE and CREATEDB. Prints the hub's variables, with new passwords, once.",
        ),
    ] = None,
    new_passwords: Annotated[
        bool, typer.Option("--new-passwords", help="With --url: replace the passwords of logins that exist already.")
    ] = False,
) -> None:
    """Create the database and its roles; what is there already stays."""
    with _sentences():
        if url is not None:
            _init_elsewhere(url, new_passwords=new_passwords)
        else:
            place = _embedded(data_dir)
            with start_server(place, on_progress=_progress):
                print(f"The database in {place} is ready.")


@app.command()
def start(data_dir: DataDir = None) -> None:
    """Start the embedded server and leave it running."""
    with _sentences():
        server = start_server(_embedded(data_dir), lifetime="detached", on_progress=_progress)
        if not server.joined:
            print(f"PostgreSQL runs on {server.data_dir} (process {server.pid}); stop it with: solarhub db stop")
        elif server.ends_with_owner:
            print(f"PostgreSQL runs on {server.data_dir} already (process {server.pid}) and ends with its hub.")
        else:
            print(f"PostgreSQL runs on {server.data_dir} already (process {server.pid}).")


@app.command()
def stop(data_dir: DataDir = None) -> None:
    """Stop the embedded server."""
    with _sentences():
        place = _existing(data_dir)
        try:
            with hub_lock(place):
                pid = stop_running(place)
        except HubAlreadyRunning as trouble:
            _refuse(f"A hub (process {trouble.pid}) works with the database in {place}: stop the hub first.")
        print("PostgreSQL was not running." if pid is None else f"PostgreSQL (process {pid}) has stopped.")


@app.command()
def status(data_dir: DataDir = None) -> None:
    """Say whether the database runs, its version, size, connections and migration. Ends with 3 when it does not run."""
    settings = Settings()
    with _sentences():
        if data_dir is None and settings.database_url is not None:
            facts = {"server": without_password(settings.database_url)}
            url = settings.owner_database_url or settings.database_url
        else:
            server = attach(_existing(data_dir))
            pid = server.pid
            facts = {"directory": str(server.data_dir)}
            if not server.alive():
                facts["running"] = "no" if pid is None else f"process {pid} does not answer yet"
                _print_facts(facts)
                raise typer.Exit(_NOT_RUNNING)
            facts["running"] = f"process {pid}, {'ends with its hub' if server.ends_with_owner else 'detached'}"
            url = server.url(ADMIN)
        try:
            with told(url):
                seen = asyncio.run(overview(url))
        except Unreachable as trouble:
            _print_facts({"running": str(trouble)})
            raise typer.Exit(_NOT_RUNNING) from trouble
        _print_facts(facts | {name: value for name, value in asdict(seen).items() if value is not None})


@app.command()
def psql(
    data_dir: DataDir = None,
    role: Annotated[Role, typer.Option(help="Whom to log in as.")] = Role.app,
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[-- PSQL_ARGUMENT...]", show_default=False)] = None,
) -> None:
    """Open psql on the database; joins the running server, or starts it for the session.

    As app, tables of organizations show no rows until app.organization_ids is set; worker sees every row.
    """
    settings = Settings()
    with _sentences():
        if data_dir is None and settings.database_url is not None:
            _become_psql(_elsewhere(settings, role), arguments)
        server = start_server(_existing(data_dir), on_progress=_progress)
        url = server.url(ADMIN if role is Role.admin else f"solarhub_{role}")
        if server.joined:
            _become_psql(url, arguments)
        with server, subprocess.Popen([_psql_program(), "-d", url, *(arguments or [])]) as session:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends a query, not the server under it
            code = session.wait()
    raise typer.Exit(code)


def _elsewhere(settings: Settings, role: Role) -> str:
    urls = {
        Role.app: settings.database_url,
        Role.worker: settings.worker_database_url,
        Role.admin: settings.owner_database_url,
    }
    return urls.get(role) or _refuse(f"No variable of the environment holds a URL for the role {role}.")


def _become_psql(url: str, arguments: list[str] | None) -> NoReturn:
    os.execv(_psql_program(), ["psql", "-d", url, *(arguments or [])])  # noqa: S606 - no shell is wanted


def _psql_program() -> str:
    try:
        return str(find_binaries().program("psql"))
    except ServerTrouble:
        return shutil.which("psql") or _refuse("There is no psql on this machine: install PostgreSQL's client.")


def _init_elsewhere(url: str, *, new_passwords: bool) -> None:
    with told(url):
        found = asyncio.run(existing_logins(url))
        known = set() if new_passwords else found
        passwords = {login: secrets.token_urlsafe(24) for login in LOGINS if login not in known}
        left = asyncio.run(ensure_roles(url, passwords=passwords))
    owner_url = with_database(url, "solarhub")
    for login, password in passwords.items():
        line = with_login(owner_url, login, password)
        print(f"{_VARIABLES[login]}={line}" if login in _VARIABLES else f"# for pg_dump: {line}")
    print(f"# the login that you gave; only migrations use it\nSOLARHUB_OWNER_DATABASE_URL={owner_url}")
    if not found:  # a hub that works there already has its own, and with another could not read what it sealed
        print(f"# seals secrets in the database; keep it apart from the backups\nSOLARHUB_SECRET_KEY={new_key()}")
    if passwords:
        print("What is secret here is shown this once.", file=sys.stderr)
    if known:
        print(f"Unchanged passwords: {', '.join(sorted(known))}; --new-passwords replaces them.", file=sys.stderr)
    for sentence in left:
        print(sentence, file=sys.stderr)


def _embedded(data_dir: Path | None) -> Path:
    """The embedded server's directory, when it is the one in use."""
    settings = Settings()
    if data_dir is None and settings.database_url is not None:
        _refuse(
            f"SOLARHUB_DATABASE_URL names another server, {without_password(settings.database_url)}, which is not "
            "ours to start or stop: give --data-dir for the embedded one, or init --url for that server."
        )
    return data_dir or settings.data_dir or default_data_dir()


def _existing(data_dir: Path | None) -> Path:
    place = _embedded(data_dir)
    if not has_database(place):
        _refuse(f"There is no database in {place} yet: solarhub db init creates it.")
    return place


def _print_facts(facts: dict[str, str]) -> None:
    for name, value in facts.items():
        print(f"{name:<12} {value}")


def _progress(sentence: str) -> None:
    print(sentence, file=sys.stderr)


@contextmanager
def _sentences() -> Iterator[None]:
    """Ends the command with the trouble's sentence instead of a traceback."""
    try:
        yield
    except ServerTrouble as trouble:
        _refuse(str(trouble))


def _refuse(sentence: str) -> NoReturn:
    raise SystemExit(sentence)
