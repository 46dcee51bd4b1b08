"""`solarhub migrate`: what `alembic upgrade head` does, from wherever the package is installed."""

from pathlib import Path

import typer

import solarhub

app = typer.Typer(rich_markup_mode=None)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema (SOLARHUB_OWNER_DATABASE_URL, or the embedded server)."""
    from alembic import command  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from alembic.config import Config  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from alembic.util import CommandError  # noqa: PLC0415 - heavy; `solarhub --help` stays quick

    config = Config()
    config.set_main_option("script_location", str(Path(solarhub.__file__).parent / "migrations"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise SystemExit(str(error)) from error
