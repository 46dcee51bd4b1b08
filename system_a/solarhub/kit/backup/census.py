"""How many rows each table has, and a checksum of them: the same before and after, on any version of the server."""

from collections.abc import Callable, Mapping

import asyncpg

from solarhub.kit.backup.archive import Table
from solarhub.kit.postgres import ServerTrouble
from solarhub.kit.postgres.roles import BACKUP

_TABLES = """
select c.relname, pg_total_relation_size(c.oid) + coalesce((
    select sum(pg_total_relation_size(i.inhrelid)) from pg_inherits i where i.inhparent = c.oid
), 0) as bytes
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
order by c.relname
"""

# What a row looks like as text must not depend on who looks.
_PLAIN_TEXT = """
set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set extra_float_digits = 1;
set bytea_output = 'hex'
"""


async def speak_plainly(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Settings under which a row has the same text on every server."""
    await connection.execute(_PLAIN_TEXT)


async def see_every_row(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Stands above row-level security, as a superuser or as the backup role. Raises ServerTrouble."""
    if await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
        return
    try:
        await connection.execute(f"set role {BACKUP}")
    except asyncpg.InsufficientPrivilegeError as refused:
        raise ServerTrouble(
            f"It is restored, but cannot be counted: this login is neither a superuser nor a member of {BACKUP}."
        ) from refused


async def sizes(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, int]:
    """Bytes of each table of the hub, its partitions and indexes included."""
    return {row["relname"]: int(row["bytes"]) for row in await connection.fetch(_TABLES)}


async def count(
    connection: "asyncpg.Connection[asyncpg.Record]",
    names: Mapping[str, int],
    tell: Callable[[str, int], None] | None = None,
) -> dict[str, Table]:
    """Counts these tables, a statement each, in the connection's own transaction; tells of each before it begins."""
    found = {}
    for name, size in names.items():
        if tell is not None:
            tell(name, size)
        row = await connection.fetchrow(
            # 60 bits of MD5 a row: not against forgery (the file's SHA-256 is), but against what is lost or altered
            "select count(*) as rows, coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0)::text"  # noqa: S608 - a name from the server's own catalogue
            f' as checksum from public."{name}" t'
        )
        assert row is not None  # noqa: S101 - an aggregate always has a row
        found[name] = Table(row["rows"], row["checksum"])
    return found
