"""`solarhub permissions`: prints docs/permissions.md afresh."""

import sys

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def permissions() -> None:
    """Print who may do what, as Markdown: what docs/permissions.md holds."""
    from solarhub.organizations.permission_table import permission_table  # noqa: PLC0415 - `solarhub --help` stays quick

    sys.stdout.write(permission_table())
