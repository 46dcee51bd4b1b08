"""`solarhub migrate`: what `alembic upgrade head` does, from wherever the package is installed."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import solarhub
from solarhub.config import Settings

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

app = typer.Typer(rich_markup_mode=None)

BACKING_UP = "Backing up"
"""What lines begin with that whoever started this wants to see at once."""


@app.command()
def migrate(
    backup_to: Annotated[
        Path | None,
        typer.Option(
            help="Where a backup is put first, when there is a schema to be changed (SOLARHUB_BACKUP_DATABASE_URL).",
            metavar="DIR",
        ),
    ] = None,
) -> None:
    """Bring the database to this version's schema (SOLARHUB_OWNER_DATABASE_URL, or the embedded server)."""
    from alembic import command  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from alembic.config import Config  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from alembic.util import CommandError  # noqa: PLC0415 - heavy; `solarhub --help` stays quick

    config = Config()
    config.set_main_option("script_location", str(Path(solarhub.__file__).parent / "migrations"))
    try:
        if backup_to is not None:
            _back_up_first(ScriptDirectory.from_config(config), backup_to)
        command.upgrade(config, "head")
    except CommandError as error:
        raise SystemExit(_sentence(str(error))) from error


def _sentence(said: str) -> str:
    _, newer, revision = said.partition("Can't locate revision identified by ")
    if not newer:
        return said
    return (
        f"The database stands at revision {revision}, which hub {solarhub.__version__} does not know: a newer hub wrote"
        " it. Install that version or a later one; going back is restoring a backup that this version made."
    )


def _back_up_first(scripts: "ScriptDirectory", folder: Path) -> None:
    """Where a schema is about to be changed; a new database has nothing to lose, and a present one nothing to fear."""
    from solarhub.cli.backup import backup_url  # noqa: PLC0415 - only where it is wanted
    from solarhub.kit.backup import back_up  # noqa: PLC0415 - the same
    from solarhub.kit.clock import now  # noqa: PLC0415 - the same
    from solarhub.kit.postgres import overview  # noqa: PLC0415 - the same

    settings = Settings()
    url = backup_url(settings)
    present, head = asyncio.run(overview(url)).migration, scripts.get_current_head()
    known = {script.revision for script in scripts.walk_revisions()}
    if present == head or present not in known:
        return
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"before-{head}-{now():%Y%m%dT%H%M%SZ}.zip"
    print(f"{BACKING_UP} before the schema goes from {present} to {head}: {file}", flush=True)
    back_up(url, file, hub=solarhub.__version__, tell=_Tenths())


class _Tenths:
    """A line for each tenth."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, _what: str, share: float) -> None:
        if int(share * 10) > self._told:
            self._told = int(share * 10)
            print(f"{BACKING_UP}: {self._told * 10} %", flush=True)
