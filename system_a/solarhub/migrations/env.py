"""Runs migrations as solarhub_owner: on the server that the environment names, or on the embedded one.

Two upgrades started at once both succeed: the second waits for an advisory lock before it reads which revision is
current. Once it has the lock, no statement waits longer than `lock_timeout` for the hub's own traffic.
"""

import asyncio
import logging
import re
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import solarhub.accounts.models
import solarhub.alerts.models
import solarhub.audit.models
import solarhub.devices.models
import solarhub.kit.backup.runs
import solarhub.kit.idempotency
import solarhub.notifications.models
import solarhub.organizations.models
import solarhub.sites.models
import solarhub.telemetry.models
import solarhub.telemetry.portals.models
import solarhub.telemetry.rollups.models  # noqa: F401 - importing models puts their tables into the metadata
from solarhub.config import Settings
from solarhub.kit.db import Base, JsonValue
from solarhub.kit.libpq import asyncpg_arguments, translate_url
from solarhub.kit.postgres import ServerTrouble, default_data_dir, start

RUNTIME_PARTITION = re.compile(r"telemetry_samples_\d{8}")
LOCK = "select pg_advisory_lock(hashtext('solarhub migrations'))"


def is_ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Partitions come and go while the hub runs; autogenerate would drop them."""
    return not (kind == "table" and name is not None and RUNTIME_PARTITION.fullmatch(name))


def render_item(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """Enum types are created and dropped by hand; value objects are JSONB to the database."""
    if kind == "type" and isinstance(item, sa.Enum):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        values = ", ".join(repr(value) for value in item.enums)
        return f"postgresql.ENUM({values}, name={item.name!r}, create_type=False)"
    if kind == "type" and isinstance(item, JsonValue):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return "postgresql.JSONB()"
    return False


def become_owner(connection: Connection) -> None:
    """Everything that is made belongs to solarhub_owner, whoever logged in. Raises CommandError with a sentence."""
    known = connection.exec_driver_sql(
        "select (select count(*) from pg_roles where rolname in"
        " ('solarhub_owner', 'solarhub_app', 'solarhub_auth', 'solarhub_worker', 'solarhub_backup')),"
        " current_user, exists (select from pg_roles where rolname = 'solarhub_owner'"
        " and pg_has_role(current_user, oid, 'member'))"
    ).one()
    if known[0] != 5:
        raise CommandError(
            "This server lacks the hub's database roles; make them with: solarhub db init --url ADMIN_URL"
        )
    if not known[2]:
        raise CommandError(
            f"{known[1]} may not migrate: it is no member of solarhub_owner. Set SOLARHUB_OWNER_DATABASE_URL to a login"
            " that is."
        )
    connection.exec_driver_sql("set role solarhub_owner")


def migrate(connection: Connection) -> None:
    become_owner(connection)
    connection.exec_driver_sql("set statement_timeout = 0")
    connection.exec_driver_sql(LOCK)
    connection.exec_driver_sql("set lock_timeout = '4s'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_at(url: str) -> None:
    arguments = asyncpg_arguments(url)
    # client_connection_check_interval: the server notices that a killed migration is gone, and frees its lock
    connect: dict[str, Any] = {"server_settings": {"application_name": "solarhub migrations", "timezone": "UTC"}}
    if "ssl" in arguments:
        connect["ssl"] = arguments["ssl"]
    engine = create_async_engine(translate_url(url), poolclass=NullPool, connect_args=connect)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("set client_connection_check_interval = '1s'")
            await connection.run_sync(migrate)
    finally:
        await engine.dispose()


def main() -> None:
    if context.is_offline_mode():
        raise CommandError("The hub's migrations look at the server they run on; --sql has nothing to look at.")
    logging.basicConfig(format="%(message)s")  # which revisions run, as one line each
    logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
    settings = Settings()
    url = settings.owner_database_url or settings.database_url
    if url is not None:
        asyncio.run(migrate_at(url))
        return
    try:
        server = start(settings.data_dir or default_data_dir())
    except ServerTrouble as error:
        raise CommandError(str(error)) from error
    try:
        asyncio.run(migrate_at(server.url("solarhub_admin")))
    finally:
        server.stop()


main()
