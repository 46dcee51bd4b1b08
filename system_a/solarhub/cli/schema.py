"""`solarhub schema`: prints docs/schema.sql afresh."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def schema() -> None:
    """Print the schema at head as SQL: what docs/schema.sql holds."""
    from solarhub.kit.catalogue import dump_schema  # noqa: PLC0415 - heavy; `solarhub --help` stays quick
    from solarhub.kit.postgres import find_binaries, start  # noqa: PLC0415 - heavy; `solarhub --help` stays quick

    data_dir = Path(tempfile.mkdtemp(prefix="shub-"))
    try:
        server = start(data_dir)
        try:
            url = server.url("solarhub_admin")
            environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": url}
            subprocess.run([sys.executable, "-m", "solarhub", "migrate"], env=environment, check=True)
            sys.stdout.write(dump_schema(find_binaries(), url))
        finally:
            server.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)
