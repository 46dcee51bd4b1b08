"""`solarhub restore FILE`: a backup, brought back into an empty place."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from solarhub.cli.progress import shown
from solarhub.cli.secret_keys import KEY_FILE
from solarhub.config import Settings
from solarhub.kit.backup import Damaged, Manifest, verify
from solarhub.kit.backup import restore as bring_back
from solarhub.kit.backup.sealed import Sealed, sealed_without
from solarhub.kit.postgres import ADMIN, default_data_dir, has_database, hub_lock, start, told
from solarhub.kit.sealing import BadKey, Keyring

app = typer.Typer(rich_markup_mode=None)

_STILL_WORKS = (
    "Everything else works: devices whose password is lost are asked for it anew, people sign in with their recovery"
    " codes, webhooks get a new secret."
)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `solarhub backup` wrote.")],
    *,
    data_dir: Annotated[
        Path | None, typer.Option(help="An empty place for the embedded server's files.", metavar="DIR")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="Another server: the empty database that `solarhub db init --url` made, as the login given there.",
            metavar="OWNER_URL",
        ),
    ] = None,
    secret_key: Annotated[
        Path | None, typer.Option(help="The copy of the secret key that was kept apart.", metavar="FILE")
    ] = None,
) -> None:
    """Bring a backup back, all of it or nothing, and compare every table with what was backed up.

    A hub that is newer than the backup brings the schema up to date when it starts.
    """
    settings = Settings(data_dir=data_dir)
    keyring = _kept_apart(secret_key, settings)
    try:
        if url is not None:
            with told(url):
                manifest = _bring_back(url, file)
            lost = sealed_without(url, keyring)
            where = "there"
        else:
            place = settings.data_dir or default_data_dir()
            manifest, lost = _into(place, file, secret_key, keyring)
            where = f"in {place}; start the hub with: solarhub up --data-dir {place}"
    except Damaged as damaged:
        raise SystemExit(str(damaged)) from None
    rows = sum(table.rows for table in manifest.tables.values())
    print(
        f"Everything of {manifest.made_at} is {where}\n"
        f"{rows:,} rows of {len(manifest.tables)} tables, counted and compared."
    )
    for sentence in _without_key(lost):
        print(sentence, file=sys.stderr)


def _bring_back(url: str, file: Path, verified: Manifest | None = None) -> Manifest:
    with shown() as tell:
        return bring_back(url, file, verified=verified, tell=tell)


def _into(place: Path, file: Path, secret_key: Path | None, keyring: Keyring | None) -> tuple[Manifest, list[Sealed]]:
    if has_database(place):
        raise SystemExit(f"There is a database in {place} already: a backup goes into an empty place (--data-dir).")
    verified = verify(file)  # before anything is made
    with ExitStack() as stack:
        stack.enter_context(hub_lock(place))
        server = stack.enter_context(start(place))
        manifest = _bring_back(server.url(ADMIN), file, verified)
        if keyring is not None and secret_key is not None:
            target = place / KEY_FILE
            target.write_text(secret_key.read_text("ascii"), "ascii")
            target.chmod(0o600)
        return manifest, sealed_without(server.url(ADMIN), keyring)


def _kept_apart(secret_key: Path | None, settings: Settings) -> Keyring | None:
    try:
        if secret_key is not None:
            return Keyring.parse(secret_key.read_text("ascii"))
        if settings.secret_key is not None:
            return Keyring.parse(settings.secret_key.replace(",", "\n"))
        if settings.secret_key_file is not None:
            return Keyring.parse(settings.secret_key_file.read_text("ascii"))
    except (BadKey, OSError, UnicodeError) as trouble:
        raise SystemExit(f"The secret key cannot be read: {trouble}") from None
    return None


def _without_key(lost: list[Sealed]) -> list[str]:
    if not lost:
        return []
    return [
        "Sealed with a secret key that is not here, and lost unless that key is put in its place:",
        *(f"  {each.table}.{each.column}: {each.rows:,} rows (key {', '.join(each.keys)})" for each in lost),
        _STILL_WORKS,
    ]
