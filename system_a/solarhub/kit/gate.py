"""Whether the second wall stands: asked of the catalogue itself, at every start and in the tests.

Each question names what must not be; an answer without rows is what lets the hub start.
"""

from collections.abc import Collection
from dataclasses import dataclass

from solarhub.kit.db import Database, outages

_TENANT_TABLES = """
    select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity as walled
    from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
                  and a.attname in ('organization_id', 'organization_key', 'actor_id'))
"""

_QUESTIONS = {
    "a tenant's table without forced row-level security": f"""
        select relname from ({_TENANT_TABLES}) t where not walled and $1::text[] is not null""",  # noqa: S608 - both halves stand in this file
    "a policy for everybody that does not fail closed or does not check what is written": """
        select tablename || '.' || policyname from pg_policies
        where schemaname = 'public' and roles && '{public,solarhub_app}'::name[]
          and (coalesce(qual, '') !~* 'nullif' or cmd = 'ALL' and coalesce(with_check, '') !~* 'nullif'
               or permissive <> 'PERMISSIVE') and $1::text[] is not null""",
    "a view whose owner stands above row-level security": """
        select c.relname from pg_class c join pg_roles r on r.oid = c.relowner
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'v' and (r.rolsuper or r.rolbypassrls)
          and $1::text[] is not null""",
    "a materialized view, which has no row-level security at all": """
        select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'm'
          and $1::text[] is not null""",
    "a key between tenants' tables that leaves the organization out": f"""
        with t as ({_TENANT_TABLES})
        select k.conname from pg_constraint k
        join t child on child.oid = k.conrelid join t parent on parent.oid = k.confrelid
        where k.contype = 'f' and parent.relname <> 'organizations' and k.conname <> all ($1::text[])
          and not exists (select from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)
                          and a.attname in ('organization_id', 'organization_key'))""",  # noqa: S608 - both halves stand in this file
    "a function that runs as its owner and is not known, or lets the caller choose what names mean": """
        select p.proname from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.prosecdef
          and (p.proname <> all ($1::text[]) or coalesce(p.proconfig, '{}') <> array['search_path=""'])""",
    "a table that the app role may reach and has no business with": """
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and (c.relispartition or c.relname = any ($1::text[]))
          and has_any_column_privilege('solarhub_app', c.oid, 'SELECT, INSERT, UPDATE')""",
    "a table that a reader's login may reach beside its views": """
        select c.relname from pg_class c join pg_roles r on starts_with(r.rolname::text, 'solarhub_reader_')
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'S', 'f')
          and case c.relkind when 'S' then has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT, UPDATE')
              else has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE')
                   or has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE') end
          and $1::text[] is not null""",
    "a table under a reader's view that does not keep the reader in its organization": """
        select distinct t.relname from pg_class v
        join pg_rewrite w on w.ev_class = v.oid
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
            and d.refclassid = 'pg_class'::regclass
        join pg_class t on t.oid = d.refobjid and t.relkind in ('r', 'p')
        where v.relnamespace = 'public'::regnamespace and v.relkind = 'v'
          and not has_any_column_privilege('solarhub_app', v.oid, 'SELECT')
          and not exists (select from pg_policy p where p.polrelid = t.oid and not p.polpermissive
                          and p.polname = 'reader_alone')
          and $1::text[] is not null""",
}
_KEYS, _FUNCTIONS, _HIDDEN = list(_QUESTIONS)[4:7]


@dataclass(frozen=True, slots=True)
class Exempt:
    """What the schema allows itself, by name and each for a reason that stands in its migration."""

    keys: Collection[str]
    """Foreign keys between tenants' tables that may leave the organization out."""
    functions: Collection[str]
    """Functions that run as their owner."""
    hidden: Collection[str]
    """Tables that the app role never reaches."""


async def objections(database: Database, exempt: Exempt) -> list[str]:
    """Everything that is wrong with the walls, a sentence each; Unavailable while the server is away."""
    allowed = {_KEYS: exempt.keys, _FUNCTIONS: exempt.functions, _HIDDEN: exempt.hidden}
    found = []
    async with outages(), database.session() as session:
        connection = await session.connection()
        for what, question in _QUESTIONS.items():
            rows = await connection.exec_driver_sql(question, (list(allowed.get(what, ())),))
            found += [f"{name} is {what}" for (name,) in rows.all()]
    return found
