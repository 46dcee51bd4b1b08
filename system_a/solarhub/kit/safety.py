"""What the hub asks of a database before it works with it: a role without privileges, a server that keeps its word."""

from dataclasses import dataclass

from solarhub.kit.db import Database, outages


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
            names = ", ".join(self.not_durable)
            return f"The database server may lose what it has committed: {names} is off and must be on."
        return None


async def posture(database: Database) -> Posture:
    """Asks the server; Unavailable while it is away."""
    async with outages(), database.session() as session:
        connection = await session.connection()
        row = (
            await connection.exec_driver_sql(
                "select current_user as login, r.rolsuper, r.rolbypassrls,"
                " exists (select from pg_class c where c.relname in ('sites', 'telemetry_samples')"
                " and c.relkind in ('r', 'p') and pg_has_role(current_user, c.relowner, 'member')) as owns_tables,"
                " array(select name from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')"
                " and setting = 'off' order by name) as not_durable"
                " from pg_roles r where r.rolname = current_user"
            )
        ).one()
    return Posture(row.login, row.rolsuper, row.rolbypassrls, row.owns_tables, tuple(row.not_durable))


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
