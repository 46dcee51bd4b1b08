"""The schema of a database as normalised text, to be held against a committed one.

`alembic check` does not see a changed WHERE, access method, operator class, enum value, CHECK, view, trigger, function,
policy or grant; a dump of the catalogue sees all of them.
"""

import re
import subprocess

from solarhub.kit.postgres import Binaries

_NOISE = re.compile(r"^(--.*|SET .*;|SELECT pg_catalog\.set_config.*;|\\(un)?restrict .*)$")


def dump_schema(binaries: Binaries, url: str, *, without: str = "public.telemetry_samples_*") -> str:
    """The schema as SQL, by the server's own pg_dump, without comments, settings and the tables `without`.

    Owners and grants stay: they are half of what keeps tenants apart. Raises CalledProcessError when pg_dump refuses.
    """
    command = [str(binaries.bin_dir / "pg_dump"), "--schema-only", f"--exclude-table={without}", url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    lines = [line.rstrip() for line in text.splitlines() if not _NOISE.match(line)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
