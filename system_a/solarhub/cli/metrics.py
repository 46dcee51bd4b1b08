"""`solarhub metrics`: prints docs/metrics.md afresh, or the catalogue for programs."""

import json
import sys
from typing import Annotated

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def metrics(
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: a list of metrics with all their facts")
    ] = False,
) -> None:
    """Print what devices may report, as Markdown: what docs/metrics.md holds."""
    from solarhub.metrics import CATALOGUE  # noqa: PLC0415 - `solarhub --help` stays quick
    from solarhub.metrics.page import facts, table  # noqa: PLC0415 - the same

    if as_json:
        json.dump([facts(metric) for metric in CATALOGUE.values()], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(table(CATALOGUE))
