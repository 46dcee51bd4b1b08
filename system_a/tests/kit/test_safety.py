import pytest

from solarhub.kit.db import Database
from solarhub.kit.errors import Unavailable
from solarhub.kit.safety import Posture, posture, revision
from tests.conftest import TestDatabase


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


def test_a_server_that_may_lose_what_it_committed_is_refused() -> None:
    careless = Posture(
        "solarhub_app", is_superuser=False, bypasses_row_security=False, owns_tables=False, not_durable=("fsync",)
    )
    assert careless.objection == "The database server may lose what it has committed: fsync is off and must be on."


async def test_the_revision_is_told_and_none_before_the_first_migration(
    app_database: Database, database: TestDatabase
) -> None:
    assert await revision(app_database) == "0002"
    database.fetch("drop table alembic_version")
    assert await revision(app_database) is None


async def test_a_server_that_is_away_is_unavailable(database: TestDatabase) -> None:
    pool = Database(database.url("solarhub_app").replace("host=", "host=/nowhere"), "app")
    with pytest.raises(Unavailable):
        await posture(pool)
    with pytest.raises(Unavailable):
        await revision(pool)
    await pool.close()
