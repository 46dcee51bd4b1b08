"""Real parts for every test: one embedded PostgreSQL per run, a freshly migrated database for each test that asks."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
import structlog

from solarhub.kit.db import Database
from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.kit.postgres import Binaries, Server, ensure_roles, start

# a traceback with every variable in it takes a second to draw, and a database that is away fails a dozen loops
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)

SYSTEM_A = Path(__file__).parents[1]
T = TypeVar("T")


def execute(url: str, *statements: str) -> list[Any]:
    """Runs statements one by one outside any event loop; returns the rows of the last."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(**asyncpg_arguments(url))
        try:
            rows: list[Any] = []
            for statement in statements:
                rows = await connection.fetch(statement)
            return rows
        finally:
            await connection.close()

    return outside_any_loop(run())


def outside_any_loop(work: Coroutine[Any, Any, T]) -> T:
    """Runs it on a loop of its own, whatever loop the test stands on."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def alembic(
    *arguments: str, owner_url: str, cwd: Path = SYSTEM_A, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """`cd system_a && alembic …` as the document has it, against the given server."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    return subprocess.run(
        [str(Path(sys.executable).with_name("alembic")), *arguments],
        cwd=cwd,
        env=environment | {"SOLARHUB_OWNER_DATABASE_URL": owner_url},
        capture_output=True,
        text=True,
        check=check,
        timeout=120,
    )


@dataclass(frozen=True)
class TestDatabase:
    """One database on the test server, and its URL for each role."""

    __test__ = False

    server: Server
    name: str

    def url(self, login: str) -> str:
        return self.server.url(login, self.name)

    @property
    def admin_url(self) -> str:
        return self.url("solarhub_admin")

    def fetch(self, *statements: str) -> list[Any]:
        """As the superuser, who stands above row-level security: for looking at what really happened."""
        return execute(self.admin_url, *statements)


@dataclass(frozen=True)
class Tenant:
    """An organization with one site and its devices, as rows."""

    organization_id: UUID
    organization_key: int
    site_id: UUID
    owner_id: UUID
    devices: dict[str, UUID] = field(default_factory=dict)
    device_keys: dict[str, int] = field(default_factory=dict)


MakeTenant = Callable[..., Awaitable[Tenant]]


def temporary_data_dir() -> Path:
    """Short, because a socket's path has 107 bytes, and not in pytest's folder, which other users cannot enter."""
    return Path(tempfile.mkdtemp(prefix="shub-"))


def run_server(binaries: Binaries | None = None) -> Iterator[Server]:
    data_dir = temporary_data_dir()
    server = start(data_dir, binaries=binaries)
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    yield from run_server()


@pytest.fixture(scope="session")
def migrated(server: Server) -> str:
    """The name of a database that stands at head and is only ever copied."""
    alembic("upgrade", "head", owner_url=server.url("solarhub_admin"))
    return "solarhub"


@pytest.fixture(scope="session")
def at_head(server: Server, migrated: str) -> TestDatabase:
    """The same, to look at: whoever writes takes `database`, or rolls back."""
    return TestDatabase(server, migrated)


_numbers = count(1)


def new_database(server: Server, template: str | None = None) -> Iterator[TestDatabase]:
    """A copy of `template`, or one as an operator gets it before migrations."""
    name = f"test_{next(_numbers)}"
    admin = server.url("solarhub_admin", "postgres")
    if template is None:
        outside_any_loop(ensure_roles(admin, database=name))
    else:
        execute(admin, f"create database {name} template {template} owner solarhub_owner")
    try:
        yield TestDatabase(server, name)
    finally:
        execute(admin, f"drop database {name} with (force)")


@pytest.fixture
def database(server: Server, migrated: str) -> Iterator[TestDatabase]:
    yield from new_database(server, migrated)


@pytest.fixture
async def app_database(database: TestDatabase) -> AsyncIterator[Database]:
    pool = Database(database.url("solarhub_app"), "app")
    yield pool
    await pool.close()


@pytest.fixture
async def auth_database(database: TestDatabase) -> AsyncIterator[Database]:
    pool = Database(database.url("solarhub_auth"), "auth", pool_size=2)
    yield pool
    await pool.close()


@pytest.fixture
async def worker_database(database: TestDatabase) -> AsyncIterator[Database]:
    pool = Database(database.url("solarhub_worker"), "worker", pool_size=2)
    yield pool
    await pool.close()


@pytest.fixture
async def make_tenant(database: TestDatabase) -> AsyncIterator[MakeTenant]:
    """`await make_tenant("Acme", devices={"Inverter 1": "inverter"}, latitude=31.5, longitude=74.3)`."""
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))

    async def make(
        name: str = "Acme Solar",
        devices: dict[str, str] | None = None,
        *,
        latitude: float = 31.52,
        longitude: float = 74.36,
        timezone: str = "Asia/Karachi",
        interval_seconds: int = 60,
    ) -> Tenant:
        slug = f"{name.lower().replace(' ', '-')}-{next(_numbers)}"
        user, organization, site = uuid7(), uuid7(), uuid7()
        await connection.execute(
            "insert into users (id, email, password_hash, first_name, last_name) values ($1, $2, '!', 'Test', 'Owner')",
            user,
            f"{slug}@example.org",
        )
        organization_key = await connection.fetchval(
            "insert into organizations (id, owner_id, name, slug) values ($1, $2, $3, $4) returning organization_key",
            organization,
            user,
            name,
            slug,
        )
        await connection.execute(
            "insert into sites (id, organization_id, name, latitude, longitude, timezone)"
            " values ($1, $2, $3, $4, $5, $6)",
            site,
            organization,
            f"{name} plant",
            latitude,
            longitude,
            timezone,
        )
        tenant = Tenant(organization, organization_key, site, user)
        for device_name, device_type in (devices if devices is not None else {"Inverter 1": "inverter"}).items():
            row = await connection.fetchrow(
                "insert into devices (id, site_id, organization_id, name, device_type, protocol, metadata)"
                " values ($1, $2, $3, $4, $5::text::device_type, 'http',"
                " jsonb_build_object('reporting_interval_seconds', $6::int))"
                " returning id, device_key",
                uuid7(),
                site,
                organization,
                device_name,
                device_type,
                interval_seconds,
            )
            assert row is not None
            tenant.devices[device_name] = row["id"]
            tenant.device_keys[device_name] = row["device_key"]
        return tenant

    yield make
    await connection.close()


# ------------------------------------------------------------------------------------------- other server versions


def other_binaries(version: int) -> Binaries | None:
    """PostgreSQL `version` from SOLARHUB_TEST_POSTGRESQL_<version>, or where Debian puts it; None when absent."""
    named = os.environ.get(f"SOLARHUB_TEST_POSTGRESQL_{version}")
    folder = Path(named) if named else Path(f"/usr/lib/postgresql/{version}/bin")
    return Binaries(bin_dir=folder, version=version) if (folder / "postgres").exists() else None


@pytest.fixture(scope="session", params=[18, 15, 14], ids=lambda version: f"postgresql-{version}")
def each_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The embedded server, and the two older ones that the hub promises to run on."""
    if request.param == 18:
        yield request.getfixturevalue("server")
        return
    binaries = other_binaries(request.param)
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI runs on PostgreSQL {request.param} too, and its binaries are not here")
        pytest.skip(
            f"no PostgreSQL {request.param} here; SOLARHUB_TEST_POSTGRESQL_{request.param} names its bin folder"
        )
    yield from run_server(binaries)


@pytest.fixture
def empty_database(each_server: Server) -> Iterator[TestDatabase]:
    """A database without a schema, on each supported server."""
    yield from new_database(each_server)


@pytest.fixture(scope="session")
def each_template(each_server: Server) -> Iterator[TestDatabase]:
    """A migrated database to copy, on each supported server."""
    for template in new_database(each_server):
        alembic("upgrade", "head", owner_url=template.admin_url)
        yield template


@pytest.fixture
def each_database(each_template: TestDatabase) -> Iterator[TestDatabase]:
    """A migrated database, on each supported server."""
    yield from new_database(each_template.server, each_template.name)
