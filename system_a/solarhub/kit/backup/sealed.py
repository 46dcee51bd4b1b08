"""What lies sealed in a database, and which of it no key at hand opens."""

import asyncio
from typing import NamedTuple

import asyncpg

from solarhub.kit.backup.census import see_every_row
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.sealing import Keyring

# Of what is kept as bytes nothing else is sealed, and samples and messages would all have to be read.
_COLUMNS = """
select c.relname as table, a.attname as column, a.atttypid = 'bytea'::regtype as binary
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition
  and a.attnum > 0 and not a.attisdropped
  and (a.atttypid in ('text'::regtype, 'jsonb'::regtype) or (c.relname, a.attname) = ('idempotent_answers', 'body'))
order by 1, 2
"""

# a text that the hub sealed says by which key: v1:name:…
_KEYS = """
select found.key[1] as key, count(*) as rows
from public."{table}" t,
    lateral regexp_matches({text}, '\\mv1:([A-Za-z0-9]+):[A-Za-z0-9_=-]{{38,}}') as found (key)
where {has_mark}
group by 1
"""

_OF_TEXT = {"text": 't."{column}"::text', "has_mark": """t."{column}"::text like '%v1:%'"""}

# An answer may hold anything, and need not be text: 'escape' writes it as text all the same, and a sealed one as it is.
_OF_BYTES = {
    "text": """encode(t."{column}", 'escape')""",
    "has_mark": """position('\\x76313a'::bytea in t."{column}") > 0""",
}


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
        for table, column, binary in await connection.fetch(_COLUMNS):
            parts = {name: part.format(column=column) for name, part in (_OF_BYTES if binary else _OF_TEXT).items()}
            rows = await connection.fetch(_KEYS.format(table=table, **parts))
            missing = {row["key"]: row["rows"] for row in rows if row["key"] not in known}
            if missing:
                found.append(Sealed(table, column, sum(missing.values()), tuple(sorted(missing))))
        return found
    finally:
        await connection.close()
