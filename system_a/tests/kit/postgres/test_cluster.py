import subprocess
import sys
import time
from pathlib import Path

import pytest

from solarhub.kit.postgres import Server, StartFailed, UnusableDirectory, WrongDataVersion, start
from tests.conftest import execute
from tests.kit.postgres.conftest import SYSTEM_A, as_root

CONNECT_AS_NOBODY = """
import asyncio, os, sys, asyncpg
async def connect():
    await asyncpg.connect(sys.argv[1])
os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    asyncio.run(connect())
except Exception as error:
    print(error)
"""


def test_nobody_is_trusted_and_no_network_is_served(server: Server) -> None:
    rules = execute(
        server.url("solarhub_admin"), "SELECT type, database, auth_method, options, error FROM pg_hba_file_rules"
    )
    assert [tuple(rule) for rule in rules] == [
        ("local", ["all"], "scram-sha-256", None, None),
        ("local", ["all"], "peer", ["map=solarhub"], None),
        ("local", ["replication"], "peer", ["map=solarhub"], None),
    ]
    assert execute(server.url(), "SHOW listen_addresses")[0][0] == ""


def test_only_the_hub_s_own_users_are_mapped(server: Server) -> None:
    mapped = execute(
        server.url("solarhub_admin"), "SELECT DISTINCT sys_name FROM pg_ident_file_mappings WHERE map_name = 'solarhub'"
    )
    assert {row[0] for row in mapped} == {"root", (server.data_dir / "postgres").owner()}


@as_root
def test_another_user_of_the_machine_does_not_even_reach_the_socket(server: Server) -> None:
    command = [sys.executable, "-c", CONNECT_AS_NOBODY, server.url("solarhub_admin")]
    said = subprocess.run(command, cwd=SYSTEM_A, capture_output=True, text=True, check=True).stdout
    assert "Permission denied" in said


@as_root
def test_another_user_who_reaches_the_socket_is_refused(made: Path) -> None:
    with start(made) as server:
        for path in (made, server.socket_dir):
            path.chmod(0o755)
        (server.socket_dir / ".s.PGSQL.5432").chmod(0o777)
        for login in ("solarhub_admin", "solarhub_app", "solarhub_backup"):
            command = [sys.executable, "-c", CONNECT_AS_NOBODY, server.url(login)]
            said = subprocess.run(command, cwd=SYSTEM_A, capture_output=True, text=True, check=True).stdout
            assert f'Peer authentication failed for user "{login}"' in said


def test_what_an_operator_sets_wins_except_for_who_may_connect(made: Path) -> None:
    with (made / "postgres" / "local.conf").open("a") as local:
        local.write("work_mem = '9MB'\nlisten_addresses = '*'\nport = 55432\nmax_wal_size = '2GB'\n")
    with start(made) as server:
        shown = [
            execute(server.url(), f"SHOW {name}")[0][0] for name in ("work_mem", "listen_addresses", "max_wal_size")
        ]
    assert shown == ["9MB", "", "2GB"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("synchronous_commit", "on"),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("wal_compression", "pglz"),
        ("max_wal_size", "4GB"),
        ("checkpoint_timeout", "15min"),
        ("log_lock_waits", "on"),
        ("client_connection_check_interval", "10s"),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ],
)
def test_the_server_keeps_what_it_commits_and_says_what_waits(server: Server, name: str, value: str) -> None:
    assert execute(server.url(), f"SHOW {name}")[0][0] == value


def test_upper_and_lower_case_work_in_every_script(server: Server) -> None:
    assert execute(server.url(), "SELECT lower('ÄÉΩ')")[0][0] == "äéω"


def test_data_of_another_version_is_refused_with_both_versions(made: Path) -> None:
    (made / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(WrongDataVersion, match=r"by PostgreSQL 16 and this hub brings PostgreSQL 18: .*pg_upgrade"):
        start(made)


def test_a_database_that_lost_its_version_is_not_overwritten(made: Path) -> None:
    (made / "postgres" / "PG_VERSION").unlink()
    with pytest.raises(UnusableDirectory, match="restore it from a backup"):
        start(made)
    assert (made / "postgres" / "global" / "pg_control").exists()


def test_a_creation_that_was_killed_is_begun_again(data_dir: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys, pathlib, solarhub.kit.postgres as p; p.start(pathlib.Path(sys.argv[1]))",
    ]
    with subprocess.Popen([*command, data_dir], cwd=SYSTEM_A) as process:
        while not list(data_dir.glob("postgres.partial-*/global")):
            time.sleep(0.005)
        process.kill()
    assert not (data_dir / "postgres").exists()
    with start(data_dir) as server:
        assert server.alive()
        assert not server.joined


def test_a_server_that_cannot_start_says_why(made: Path) -> None:
    (made / "postgres" / "local.conf").write_text("shared_preload_libraries = 'no_such_library'\n")
    with pytest.raises(StartFailed, match="no_such_library"):
        start(made)
