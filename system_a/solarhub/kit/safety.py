"""What the hub asks of a database before it works with it: a role without privileges, a server that keeps its word."""

from dataclasses import dataclass

import asyncpg

from solarhub.kit.db import Database, outages
from solarhub.kit.libpq import asyncpg_arguments


@dataclass(frozen=True, slots=True)
class Posture:
    """How one of the hub's logins stands to its server."""

    login: str
    is_superuser: bool
    bypasses_row_security: bool
    owns_tables: bool
    not_durable: tuple[str, ...]
    """Settings that are off and must be on for a COMMIT to mean a row on disk."""

    @property
    def objection(self) -> str | None:
        """Why the hub refuses to run like this, in one sentence."""
        if self.is_superuser:
            return f"{self.login} is a superuser, who sees every organization's rows: log in as one of the hub's roles."
        if self.bypasses_row_security:
            return f"{self.login} passes by row-level security (BYPASSRLS): log in as one of the hub's roles."
        if self.owns_tables:
            return f"{self.login} owns the hub's tables or may become their owner: only migrations log in like that."
        if self.not_durable:
            names = " and ".join(self.not_durable)
            is_off = "are off and must be on" if len(self.not_durable) > 1 else "is off and must be on"
            return f"The database server may lose what it has committed: {names} {is_off}."
        return None


async def posture(database: Database) -> Posture:
    """Asks the server; Unavailable while it is away."""
    async with outages(), database.session() as session:
        connection = await session.connection()
        row = (
            await connection.exec_driver_sql(
                "select current_user as login, r.rolsuper, r.rolbypassrls,"
                " exists (select from pg_class c where c.relname in ('sites', 'telemetry_samples')"
                " and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member')) as owns_tables"
                " from pg_roles r where r.rolname = current_user"
            )
        ).one()
    return Posture(row.login, row.rolsuper, row.rolbypassrls, row.owns_tables, await _not_durable(database))


async def _not_durable(database: Database) -> tuple[str, ...]:
    """Asked as anybody would be served who brings no settings: the hub's own connections bring some."""
    async with outages():
        connection = await asyncpg.connect(**asyncpg_arguments(database.url), timeout=5)
        try:
            rows = await connection.fetch(
                "select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')"
                " and setting = 'off' order by name",
                timeout=5,
            )
        finally:
            connection.terminate()
    return tuple(row["name"] for row in rows)


async def revision(database: Database) -> str | None:
    """The migration that the schema stands at, None before the first; Unavailable while the server is away."""
    async with outages(), database.session() as session:
        connection = await session.connection()
        there = await connection.exec_driver_sql(
            "select coalesce(has_table_privilege(to_regclass('public.alembic_version'), 'SELECT'), false)"
        )
        if not there.scalar_one():
            return None
        found = await connection.exec_driver_sql("select version_num from public.alembic_version")
        return found.scalar_one_or_none()
