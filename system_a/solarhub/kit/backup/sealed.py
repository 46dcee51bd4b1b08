"""What lies sealed in a database, and which of it no key at hand opens."""

import asyncio
from typing import NamedTuple

import asyncpg

from solarhub.kit.backup.census import see_every_row
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.sealing import Keyring

_COLUMNS = """
select c.relname as table, a.attname as column
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition
  and a.attnum > 0 and not a.attisdropped and a.atttypid in ('text'::regtype, 'jsonb'::regtype)
order by 1, 2
"""

# a text that the hub sealed says by which key: v1:name:…
_KEYS = """
select found.key[1] as key, count(*) as rows
from public."{table}" t,
    lateral regexp_matches(t."{column}"::text, '\\mv1:([A-Za-z0-9]+):[A-Za-z0-9_=-]{{38,}}') as found (key)
where t."{column}"::text like '%v1:%'
group by 1
"""


class Sealed(NamedTuple):
    """A column with rows that no key at hand opens, and the names of the keys that would."""

    table: str
    column: str
    rows: int
    keys: tuple[str, ...]


def sealed_without(url: str, keyring: Keyring | None) -> list[Sealed]:
    """What would stay sealed, by table and column, as `url` (who sees every row) finds it."""
    return asyncio.run(_look(url, set(keyring.names) if keyring is not None else set()))


async def _look(url: str, known: set[str]) -> list[Sealed]:
    connection = await asyncpg.connect(**asyncpg_arguments(url), timeout=30)
    try:
        await see_every_row(connection)
        found = []
        for table, column in await connection.fetch(_COLUMNS):
            rows = await connection.fetch(_KEYS.format(table=table, column=column))
            missing = {row["key"]: row["rows"] for row in rows if row["key"] not in known}
            if missing:
                found.append(Sealed(table, column, sum(missing.values()), tuple(sorted(missing))))
        return found
    finally:
        await connection.close()
