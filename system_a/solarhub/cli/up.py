"""`solarhub up`: the whole hub on this machine."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from solarhub.cli.broker import broker_of, told
from solarhub.cli.migrate import BACKING_UP
from solarhub.cli.portals import portal_maps_of
from solarhub.cli.reach import Reach, Unreachable, listen, reach, remember_public_url
from solarhub.cli.schedule import keep_backing_up
from solarhub.cli.secret_keys import keyring_of
from solarhub.cli.serving import serve
from solarhub.config import Settings, WrongSettings
from solarhub.kit import log
from solarhub.kit.mosquitto import Broker, BrokerTrouble
from solarhub.kit.postgres import ServerTrouble, default_data_dir, hub_lock, start
from solarhub.kit.sealing import Keyring
from solarhub.notifications.smtp_settings import SmtpSettings, UnusableMailServer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from solarhub.drivers.dialects import Dialects

Urls: TypeAlias = tuple[str, str, str]
"""Of the database, as the roles app, auth and worker."""

MakeApp: TypeAlias = "Callable[..., FastAPI]"

app = typer.Typer(rich_markup_mode=None)


@app.command()
def up(
    *,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the database and its log live.", show_default=False)
    ] = None,
    host: Annotated[
        str | None,
        typer.Option(help="The address to listen on (127.0.0.1; with TLS every address).", show_default=False),
    ] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on (8000).", show_default=False)] = None,
    public_url: Annotated[
        str | None,
        typer.Option(help="What links in messages begin with (where the hub listens).", metavar="URL"),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="Serve HTTPS with this certificate (PEM, its chain included).", metavar="FILE")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).", metavar="FILE")] = None,
    tls_local: Annotated[
        bool | None,
        typer.Option("--tls-local", help="Serve HTTPS with a certificate that the hub makes for its network."),
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None,
        typer.Option(help="A proxy whose word on its client's address counts; may be repeated.", metavar="ADDRESS"),
    ] = None,
    mqtt: Annotated[
        bool | None, typer.Option("--mqtt", help="Run an MQTT broker (mosquitto) beside the hub, for its devices.")
    ] = None,
    mqtt_host: Annotated[
        str | None,
        typer.Option(
            help="Where plain MQTT is served (127.0.0.1): passwords cross a network readable.",
            metavar="ADDRESS",
            show_default=False,
        ),
    ] = None,
    mqtt_port: Annotated[int | None, typer.Option(help="The port of plain MQTT (1883).", show_default=False)] = None,
    mqtt_tls_port: Annotated[
        int | None, typer.Option(help="The port of MQTT over TLS, where the hub serves TLS (8883).", show_default=False)
    ] = None,
) -> None:
    """Run the whole hub: database, API, web page and workers. Ctrl-C ends it in order.

    Plain HTTP is served on this machine alone; elsewhere HTTPS, with --tls-certificate, --tls-local or a proxy.
    """
    log.configure()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = Settings(
        data_dir=data_dir,
        host=host,
        port=port,
        public_url=public_url,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        tls_local=tls_local,
        trusted_proxies=trusted_proxy or None,
        mqtt=mqtt,
        mqtt_host=mqtt_host,
        mqtt_port=mqtt_port,
        mqtt_tls_port=mqtt_tls_port,
    )
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    place = settings.data_dir or default_data_dir()
    try:
        with ExitStack() as stack:
            smtp = _mail_server(settings)
            listener = stack.enter_context(listen(settings))
            if data_dir is None and settings.database_url is not None:
                _run_elsewhere(stack, _Given(settings, reach(settings, listener, place), smtp), place)
            else:
                # the lock makes the directory, in which a certificate may have to be kept
                stack.enter_context(hub_lock(place))
                _run_embedded(stack, _Given(settings, reach(settings, listener, place), smtp), place)
    except (Unreachable, ServerTrouble, BrokerTrouble) as trouble:
        raise SystemExit(str(trouble)) from None
    except _Left:
        raise typer.Exit(0) from None


@dataclass(frozen=True)
class _Given:
    """What the hub runs with, as far as it is known before there is a database."""

    settings: Settings
    way: Reach
    smtp: SmtpSettings | None


class _Left(Exception):  # noqa: N818 - an event, not a mistake
    """Somebody asked the hub to end while it was starting."""


def _leave(_signal: int, _frame: FrameType | None) -> None:
    # once is enough: what follows is the way out
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise _Left


def _run_embedded(stack: ExitStack, given: _Given, place: Path) -> None:
    server = stack.enter_context(start(place, on_progress=_tell))
    broker = _broker(stack, given, place)
    keyring = keyring_of(given.settings, place)
    remember_public_url(place, given.way.public_url)
    backups = given.settings.backup_dir or place / "backups"
    with _migrations(server.url("solarhub_admin"), server.url("solarhub_backup"), backups):
        make_app = _load()
    urls = (server.url("solarhub_app"), server.url("solarhub_auth"), server.url("solarhub_worker"))
    backing_up = partial(keep_backing_up, given.settings, place)
    app = make_app(urls, given, keyring=keyring, exclusive=True, broker=broker)
    serve(app, given.way, server, beside=[backing_up, *([broker.watch] if broker else ())])


def _run_elsewhere(stack: ExitStack, given: _Given, place: Path) -> None:
    settings = given.settings
    app, auth, worker = settings.database_url, settings.auth_database_url, settings.worker_database_url
    if app is None or auth is None or worker is None:
        raise SystemExit(
            "With SOLARHUB_DATABASE_URL the hub also needs SOLARHUB_AUTH_DATABASE_URL and SOLARHUB_WORKER_DATABASE_URL:"
            " `solarhub db init --url ADMIN_URL` makes the roles and prints all of them."
        )
    keyring = keyring_of(settings, None)
    if settings.owner_database_url is None:
        _tell("SOLARHUB_OWNER_DATABASE_URL is not set: migrations are left to whoever owns the database.")
        make_app = _load()
    else:
        with _migrations(settings.owner_database_url, settings.backup_database_url, settings.backup_dir):
            make_app = _load()
    backing_up = partial(keep_backing_up, settings, None)
    broker = _broker(stack, given, place)
    urls = (app, auth, worker)
    made = make_app(urls, given, keyring=keyring, exclusive=False, broker=broker)
    serve(made, given.way, None, beside=[backing_up, *([broker.watch] if broker else ())])


def _broker(stack: ExitStack, given: _Given, place: Path) -> Broker | None:
    if not given.settings.mqtt:
        return None
    broker = stack.enter_context(broker_of(given.settings, given.way, place))
    _tell(told(given.settings, given.way))
    return broker


@contextmanager
def _migrations(owner_url: str, backup_url: str | None, backups: Path | None) -> Iterator[None]:
    """Runs them in a process of their own, beside what the block does; both have ended when it is left.

    A schema that is to be changed is backed up before, into the folder `backups`.
    """
    command = [sys.executable, "-m", "solarhub", "migrate"]
    environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": owner_url}
    if backup_url is not None and backups is not None:
        command += ["--backup-to", str(backups)]
        environment["SOLARHUB_BACKUP_DATABASE_URL"] = backup_url
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said: list[str] = []
    listener = threading.Thread(target=_listen, args=(process.stdout, said), daemon=True)
    listener.start()
    try:
        yield
        process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    finally:
        listener.join()
    if process.returncode != 0:
        raise SystemExit(f"The database could not be brought to this version's schema:\n{''.join(said).strip()}")


def _listen(output: Iterable[str], said: list[str]) -> None:
    for line in output:
        if line.startswith(BACKING_UP):
            _tell(line.rstrip())
        else:
            said.append(line)


def _load() -> MakeApp:
    from solarhub.app import create_app  # noqa: PLC0415 - heavy; loaded while migrations run
    from solarhub.kit.db import Database, Databases  # noqa: PLC0415 - the same

    def make(
        urls: Urls, given: _Given, *, keyring: Keyring, exclusive: bool, broker: Broker | None = None
    ) -> "FastAPI":
        app_url, auth_url, worker_url = urls
        way = given.way
        databases = Databases(
            app=Database(app_url, "app"), auth=Database(auth_url, "auth"), worker=Database(worker_url, "worker")
        )
        return create_app(
            databases,
            keyring=keyring,
            public_url=way.public_url,
            exclusive=exclusive,
            host_names=way.host_names,
            trust_anchor=way.trust.authority.anchor if way.trust else None,
            smtp=given.smtp,
            webhook_networks=given.settings.webhook_allowed_cidrs,
            watchers=given.settings.metrics_networks,
            broker=broker,
            dialects=_dialects(given.settings.dialects_dir),
            portal_maps=portal_maps_of(given.settings),
        )

    return make


def _dialects(directory: Path | None) -> "Dialects":
    from solarhub.drivers.dialects import Dialects, WrongDialect  # noqa: PLC0415 - heavy; loaded while migrations run

    try:
        return Dialects.load(directory)
    except WrongDialect as wrong:
        raise WrongSettings(f"SOLARHUB_DIALECTS_DIR cannot be used. {wrong}.") from None


def _mail_server(settings: Settings) -> SmtpSettings | None:
    try:
        return SmtpSettings.parse(settings.smtp_url) if settings.smtp_url is not None else None
    except UnusableMailServer as trouble:
        raise SystemExit(f"SOLARHUB_SMTP_URL: {trouble}") from None


def _tell(sentence: str) -> None:
    with suppress(OSError):  # a full disk, as where the hub says where it is
        print(sentence, file=sys.stderr, flush=True)
