import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from solarhub.kit.postgres import LOGINS, Server, ensure_roles, existing_logins, start, with_database, with_login
from solarhub.kit.postgres.roles import scram_verifier
from tests.conftest import execute, other_binaries

ROLES = """
    SELECT rolname::text, rolcanlogin, rolbypassrls, rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication
    FROM pg_roles WHERE rolname LIKE 'solarhub_%' AND rolname <> 'solarhub_admin' ORDER BY rolname
"""
FIVE = [
    ("solarhub_app", True, False, False),
    ("solarhub_auth", True, False, False),
    ("solarhub_backup", True, True, False),
    ("solarhub_owner", False, False, False),
    ("solarhub_worker", True, False, False),
]


def roles(admin_url: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in execute(admin_url, ROLES)]


class Elsewhere:
    """Somebody else's server, where people log in with passwords; `superuser` and `creator` are two administrators."""

    def __init__(self, server: Server) -> None:
        admin = server.url("solarhub_admin", "postgres")
        (server.data_dir / "postgres" / "pg_hba.conf").write_text(
            "local all solarhub_admin peer map=solarhub\nlocal all all scram-sha-256\n"
        )
        execute(
            admin,
            "SELECT pg_reload_conf()",
            f"CREATE ROLE superuser LOGIN SUPERUSER PASSWORD '{scram_verifier('s p/@:?')}'",
            f"CREATE ROLE creator LOGIN CREATEROLE CREATEDB PASSWORD '{scram_verifier('c')}'",
        )
        self.admin = admin
        self.superuser = with_login(admin, "superuser", "s p/@:?")
        self.creator = with_login(admin, "creator", "c")
        self.modern = server.binaries.version >= 16
        self.public_is_the_owner_s = server.binaries.version >= 15

    def forget(self) -> None:
        """As before the hub was known here."""
        for row in execute(self.admin, "SELECT quote_ident(datname) FROM pg_database WHERE datname LIKE 'solar%'"):
            execute(self.admin, f"DROP DATABASE {row[0]} WITH (FORCE)")
        for name in ("solarhub_owner", *LOGINS):
            execute(self.admin, f"DROP ROLE IF EXISTS {name}")


@pytest.fixture(scope="module", params=[18, 15, 14], ids=lambda version: f"postgresql-{version}")
def one_elsewhere(request: pytest.FixtureRequest) -> Iterator[Elsewhere]:
    binaries = None if request.param == 18 else other_binaries(request.param)
    if binaries is None and request.param != 18:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs on PostgreSQL {request.param} too, and its programs are not here")
        pytest.skip(
            f"no PostgreSQL {request.param} here; SOLARHUB_TEST_POSTGRESQL_{request.param} names its bin folder"
        )
    data_dir = Path(tempfile.mkdtemp(prefix="shub-"))
    with start(data_dir, binaries=binaries) as server:
        yield Elsewhere(server)
    shutil.rmtree(data_dir)


@pytest.fixture
def elsewhere(one_elsewhere: Elsewhere) -> Elsewhere:
    one_elsewhere.forget()
    return one_elsewhere


def test_the_five_roles_are_as_documented(server: Server) -> None:
    assert roles(server.url("solarhub_admin")) == FIVE


async def test_a_superuser_makes_everything_and_twice_is_as_good_as_once(elsewhere: Elsewhere) -> None:
    assert await existing_logins(elsewhere.superuser) == set()
    for _ in range(2):
        assert await ensure_roles(elsewhere.superuser) == []
    assert roles(elsewhere.admin) == FIVE
    assert await existing_logins(elsewhere.superuser) == set(LOGINS)
    database = with_database(elsewhere.superuser, "solarhub")
    [row] = execute(
        database,
        "SELECT pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS encoding,"
        " (SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public') AS public,"
        " has_schema_privilege('public', 'public', 'CREATE') AS everybody_creates,"
        " has_database_privilege('public', 'solarhub', 'CONNECT') AS everybody_connects,"
        " has_database_privilege('solarhub_worker', 'solarhub', 'TEMPORARY') AS worker_stages,"
        " has_database_privilege('solarhub_app', 'solarhub', 'TEMPORARY') AS app_stages"
        " FROM pg_database WHERE datname = 'solarhub'",
    )
    assert dict(row) == {
        "owner": "solarhub_owner",
        "encoding": "UTF8",
        "public": "solarhub_owner",
        "everybody_creates": False,
        "everybody_connects": False,
        "worker_stages": True,
        "app_stages": False,
    }


async def test_a_login_that_may_create_roles_and_databases_is_enough_to_migrate_with(elsewhere: Elsewhere) -> None:
    left = await ensure_roles(elsewhere.creator)
    assert await ensure_roles(elsewhere.creator) == left
    by_creator = [(*role[:2], False, role[3]) for role in FIVE]  # who cannot read past policies gives nobody that right
    assert roles(elsewhere.admin) == by_creator
    assert left[0].endswith("ALTER ROLE solarhub_backup BYPASSRLS;")
    assert (len(left) == 1) == elsewhere.public_is_the_owner_s
    database = with_database(elsewhere.creator, "solarhub")
    execute(database, "SET ROLE solarhub_owner", "CREATE TABLE public.kept (n int)")
    execute(database, "SET ROLE solarhub_owner", "DROP TABLE public.kept")


async def test_what_the_creator_had_to_leave_a_superuser_completes(elsewhere: Elsewhere) -> None:
    for sentence in await ensure_roles(elsewhere.creator):
        statements = sentence.rpartition(": ")[2]
        for statement in filter(None, statements.split("; ")):
            execute(with_database(elsewhere.superuser, "solarhub"), statement)
    assert roles(elsewhere.admin) == FIVE
    assert await ensure_roles(elsewhere.creator) == []


async def test_several_at_once_all_succeed(elsewhere: Elsewhere) -> None:
    passwords = dict.fromkeys(LOGINS, "p")
    work = (ensure_roles(elsewhere.superuser, database='solar sea "1"', passwords=passwords) for _ in range(6))
    assert await asyncio.gather(*work) == [[]] * 6
    assert roles(elsewhere.admin) == FIVE


async def test_a_role_that_was_given_too_much_is_put_right(elsewhere: Elsewhere) -> None:
    execute(elsewhere.admin, "CREATE ROLE solarhub_app LOGIN SUPERUSER BYPASSRLS", "CREATE ROLE solarhub_owner LOGIN")
    await ensure_roles(elsewhere.superuser)
    assert roles(elsewhere.admin) == FIVE


async def test_logins_use_the_passwords_they_were_given(elsewhere: Elsewhere) -> None:
    await ensure_roles(elsewhere.superuser, passwords={"solarhub_app": "first /?", "solarhub_worker": "w"})
    database = with_database(elsewhere.superuser, "solarhub")
    assert execute(with_login(database, "solarhub_app", "first /?"), "SELECT current_user")[0][0] == "solarhub_app"
    await ensure_roles(elsewhere.superuser, passwords={"solarhub_app": "second"})
    assert execute(with_login(database, "solarhub_app", "second"), "SELECT 1")
    assert execute(with_login(database, "solarhub_worker", "w"), "SELECT 1"), "who was not named keeps the old one"
    for login, wrong in (("solarhub_app", "first /?"), ("solarhub_auth", "")):
        with pytest.raises(asyncpg.InvalidPasswordError):
            execute(with_login(database, login, wrong), "SELECT 1")


async def test_no_login_creates_tables_where_the_owner_s_are(elsewhere: Elsewhere) -> None:
    await ensure_roles(elsewhere.superuser, passwords=dict.fromkeys(LOGINS, "p"))
    database = with_database(elsewhere.superuser, "solarhub")
    for login in LOGINS:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            execute(with_login(database, login, "p"), "CREATE TABLE public.squatter (n int)")


def test_urls_change_their_login_and_database_and_keep_the_rest() -> None:
    url = "postgresql://boss:secret@db.example:6432/postgres?sslmode=require&user=boss&dbname=postgres"
    url = with_login(with_database(url, "solar hub"), "solarhub_app", "p/w")
    assert url == f"postgresql://solarhub_app:{quote('p/w', safe='')}@db.example:6432/solar%20hub?sslmode=require"


def test_a_password_that_a_server_could_read_otherwise_is_refused() -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        scram_verifier("pässword")
