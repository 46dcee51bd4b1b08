"""What an operator wants to know about a server, ours or another."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from solarhub.kit.postgres.errors import Unreachable


@dataclass(frozen=True, slots=True)
class Overview:
    """`size` and `connections` are for people to read; `migration` is None where the login may not see it."""

    version: str
    size: str
    connections: str
    migration: str | None


async def overview(url: str) -> Overview:
    """Looks into the database that `url` names."""
    connection = await asyncpg.connect(url, timeout=10, command_timeout=30)
    try:
        [row] = await connection.fetch(
            "SELECT 'PostgreSQL ' || current_setting('server_version') AS version,"
            " pg_size_pretty(pg_database_size(current_database())) AS size,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')"
            " || ' of ' || current_setting('max_connections') AS connections"
        )
        return Overview(**row, migration=await _migration(connection))
    finally:
        await connection.close()


async def _migration(connection: asyncpg.Connection) -> str | None:
    if await connection.fetchval("SELECT to_regclass('public.alembic_version') IS NULL"):
        return "none yet"
    if not await connection.fetchval("SELECT has_table_privilege('public.alembic_version', 'SELECT')"):
        return None
    heads = await connection.fetch("SELECT version_num FROM public.alembic_version")
    return ", ".join(head[0] for head in heads) or "none yet"


@contextmanager
def told(url: str) -> Iterator[None]:
    """Turns what the driver and the server of `url` raise inside into Unreachable, which does not show the password."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise Unreachable(f"The server at {without_password(url)} refuses or does not answer: {reason}") from error


def without_password(url: str) -> str:
    """Where a URL leads, for people to read."""
    parts = urlsplit(url)
    return f"{parts.hostname or 'localhost'}{f':{parts.port}' if parts.port else ''}"
