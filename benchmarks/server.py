"""A PostgreSQL that lives for one benchmark: the embedded one, at the newest schema, on a directory of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from solarhub.kit.postgres import ADMIN, Server, start


@contextmanager
def throw_away(settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`settings` are added to postgresql.conf."""
    data_dir = Path(tempfile.mkdtemp(prefix="shub-"))
    try:
        server = start(data_dir, settings=settings)
        try:
            environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": admin(server)}
            subprocess.run([sys.executable, "-m", "solarhub", "migrate"], env=environment, check=True)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(data_dir, ignore_errors=True)


def admin(server: Server) -> str:
    """The URL of the cluster's superuser: for migrating and loading, never for what is timed."""
    return server.url(ADMIN)
