import asyncio
from contextlib import contextmanager
from dataclasses import replace

import pytest

from solarhub.app import UnsafeDatabase
from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.kit.safety import posture, revision
from tests.clients import app_of
from tests.conftest import TestDatabase, execute, run_server


@pytest.mark.parametrize("role", ["app", "auth", "worker"])
async def test_the_hubs_own_roles_raise_no_objection(database: TestDatabase, role: str) -> None:
    pool = Database(database.url(f"solarhub_{role}"), role)
    found = await posture(pool)
    await pool.close()
    assert (found.login, found.objection) == (f"solarhub_{role}", None)


@pytest.mark.parametrize(
    ("login", "words"),
    [("solarhub_admin", "is a superuser"), ("solarhub_backup", "passes by row-level security")],
)
async def test_privileged_roles_are_refused(database: TestDatabase, login: str, words: str) -> None:
    pool = Database(database.url(login), "app")
    objection = (await posture(pool)).objection
    await pool.close()
    assert objection is not None
    assert words in objection


async def test_whoever_may_become_the_tables_owner_is_refused(database: TestDatabase) -> None:
    pool = Database(database.url("solarhub_auth"), "auth")
    database.fetch("grant solarhub_owner to solarhub_auth")
    try:
        objection = (await posture(pool)).objection
    finally:
        database.fetch("revoke solarhub_owner from solarhub_auth")
        await pool.close()
    assert objection is not None
    assert "may become their owner" in objection


async def test_a_database_that_commits_before_it_writes_is_refused(
    app_database: Database, database: TestDatabase
) -> None:
    """Although the hub's own connections ask for more: others write there too, and the hub could not tell."""
    database.fetch(f"alter database {database.name} set synchronous_commit = off")

    objection = (await posture(app_database)).objection

    assert objection == (
        "The database server may lose what it has committed: synchronous_commit is off and must be on."
    )
    assert await is_refused(database, "synchronous_commit is off")
    database.fetch(f"alter database {database.name} set synchronous_commit = on")
    assert (await posture(app_database)).objection is None


async def test_a_server_that_may_lose_what_it_committed_is_refused() -> None:
    servers = contextmanager(run_server)()
    careless = servers.__enter__()
    pool = Database(careless.url("solarhub_admin", "postgres"), "app")
    try:
        for name in ("fsync", "full_page_writes"):
            execute(pool.url, f"alter system set {name} = off", "select pg_reload_conf()")
        async with asyncio.timeout(10):
            while len((found := await posture(pool)).not_durable) < 2:  # noqa: ASYNC110 - the server reads it within moments
                await asyncio.sleep(0.02)
    finally:
        await pool.close()
        servers.__exit__(None, None, None)

    assert replace(found, is_superuser=False, bypasses_row_security=False).objection == (
        "The database server may lose what it has committed: fsync and full_page_writes are off and must be on."
    )


async def is_refused(database: TestDatabase, words: str) -> bool:
    """Whether a hub ends at once on this database, with these words."""
    app = app_of(database)
    with pytest.raises(UnsafeDatabase, match=words):
        async with app.router.lifespan_context(app):
            pass
    return True


async def test_the_revision_is_told_and_none_before_the_first_migration(
    app_database: Database, database: TestDatabase
) -> None:
    assert await revision(app_database) == "0003"
    database.fetch("drop table alembic_version")
    assert await revision(app_database) is None


async def test_a_server_that_is_away_is_unavailable(database: TestDatabase) -> None:
    pool = Database(database.url("solarhub_app").replace("host=", "host=/nowhere"), "app")
    with pytest.raises(Unavailable):
        await posture(pool)
    with pytest.raises(Unavailable):
        await revision(pool)
    await pool.close()
