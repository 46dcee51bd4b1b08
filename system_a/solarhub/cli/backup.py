"""`solarhub backup FILE`: the whole database in one file, while the hub works."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from solarhub import __version__
from solarhub.cli.progress import shown
from solarhub.cli.secret_keys import KEY_FILE
from solarhub.config import Settings
from solarhub.kit.backup import Manifest, back_up
from solarhub.kit.postgres import ServerTrouble, default_data_dir, has_database, start, told

app = typer.Typer(rich_markup_mode=None)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="What to write: a zip that holds everything but the secret key.")],
    *,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the embedded server keeps its files.", metavar="DIR")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file where there is one.")] = False,
) -> None:
    """Back the database up into FILE, with checksums; everybody goes on working meanwhile.

    The secret key is not in it: keep it somewhere else, or passwords and tokens that lie sealed in the database cannot
    be opened again.
    """
    settings = Settings(data_dir=data_dir)
    if file.exists() and not force:
        raise SystemExit(f"{file} exists already; --force replaces it.")
    if not file.absolute().parent.is_dir():
        raise SystemExit(f"There is no folder {file.absolute().parent}.")
    if data_dir is None and settings.database_url is not None:
        manifest = write(backup_url(settings), settings.worker_database_url, file)
        key = "SOLARHUB_SECRET_KEY, or the file that SOLARHUB_SECRET_KEY_FILE names"
    else:
        place = settings.data_dir or default_data_dir()
        if not has_database(place):
            raise SystemExit(f"There is no database in {place}.")
        with start(place) as server:  # joins the one that runs
            manifest = write(server.url("solarhub_backup"), server.url("solarhub_worker"), file)
        key = str(place / KEY_FILE)
    rows = sum(table.rows for table in manifest.tables.values())
    print(
        f"{file}: {rows:,} rows of {len(manifest.tables)} tables, {file.stat().st_size:,} bytes, checksums read back."
    )
    print(f"The secret key is not in it; keep a copy of it apart from the backups: {key}", file=sys.stderr)


def backup_url(settings: Settings) -> str:
    """The login that sees every row, on another server than the embedded one. Ends the command where there is none."""
    if settings.backup_database_url is None:
        raise SystemExit(
            "With SOLARHUB_DATABASE_URL a backup also needs SOLARHUB_BACKUP_DATABASE_URL, a login that sees every row:"
            " `solarhub db init --url ADMIN_URL` makes solarhub_backup and prints its URL."
        )
    return settings.backup_database_url


def write(url: str, worker_url: str | None, file: Path) -> Manifest:
    """Takes the backup as the backup role, shows how far it is, and notes it as the worker where that is known."""
    with shown() as tell, told(url):
        manifest = back_up(url, file, hub=__version__, tell=tell)
    if worker_url is not None:
        asyncio.run(_note(worker_url, file.name, file.stat().st_size))
    return manifest


async def _note(worker_url: str, name: str, size: int) -> None:
    """So that the health endpoint knows how old the newest backup is."""
    from solarhub.kit.backup import runs  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from solarhub.kit.db import Database, transaction  # noqa: PLC0415 - the same
    from solarhub.kit.errors import Unavailable  # noqa: PLC0415 - the same

    database = Database(worker_url, "worker", pool_size=1)
    try:
        async with transaction(database) as session:
            await runs.note(session, name, size)
    except Unavailable as away:
        raise ServerTrouble(f"The backup is written, but could not be noted: {away.detail}") from away
    finally:
        await database.close()
