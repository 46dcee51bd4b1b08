"""`solarhub db …` as an operator types it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from solarhub.kit.postgres import Server, hub_lock, start, stop_running
from solarhub.kit.postgres.roles import scram_verifier
from solarhub.kit.sealing import Keyring
from tests.conftest import execute

SYSTEM_A = Path(__file__).parents[2]


@pytest.fixture
def data_dir() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="shub-"))
    yield path
    stop_running(path)
    shutil.rmtree(path)


def db(*arguments: object, stdin: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    return subprocess.run(
        [sys.executable, "-m", "solarhub", "db", *map(str, arguments)],
        cwd=SYSTEM_A,
        env=environment | variables,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_database_is_created_started_looked_into_and_stopped(data_dir: Path) -> None:
    here = ("--data-dir", data_dir)
    for command in ("status", "stop", "psql"):
        done = db(command, *here)
        assert done.returncode == 1
        assert done.stderr == f"There is no database in {data_dir} yet: solarhub db init creates it.\n"

    assert db("init", *here).stdout == f"The database in {data_dir} is ready.\n"
    done = db("status", *here)
    assert (done.returncode, done.stdout.split()) == (3, ["directory", str(data_dir), "running", "no"])

    started = db("start", *here).stdout
    found = re.search(r"\(process (\d+)\)", started)
    assert found is not None
    assert f"already (process {found[1]})" in db("start", *here).stdout

    done = db("status", *here)
    facts = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert done.returncode == 0
    assert facts["running"] == f"process {found[1]}, detached"
    assert facts["version"].startswith("PostgreSQL 18")
    assert facts["connections"] == "1 of 100"
    assert facts["migration"] == "none yet"

    assert db("stop", *here).stdout == f"PostgreSQL (process {found[1]}) has stopped.\n"
    assert db("stop", *here).stdout == "PostgreSQL was not running.\n"


@pytest.mark.parametrize("role", ["app", "worker", "backup", "admin"])
def test_psql_joins_the_running_server_as_the_role_that_was_asked_for(server: Server, role: str) -> None:
    done = db("psql", "--data-dir", server.data_dir, "--role", role, "--", "-Atc", "SELECT current_user")
    assert done.stdout == f"solarhub_{role}\n", done.stderr
    assert server.alive()


def test_psql_starts_the_server_for_its_session_and_stops_it_after(data_dir: Path) -> None:
    start(data_dir).stop()
    done = db("psql", SOLARHUB_DATA_DIR=str(data_dir), stdin="SELECT 'here';\nSELECT 1/0;\n\\! exit 0\n")
    assert "here" in done.stdout
    assert "division by zero" in done.stderr
    assert done.returncode == 0
    assert stop_running(data_dir) is None

    failed = db("psql", "--data-dir", data_dir, "--", "-v", "ON_ERROR_STOP=1", stdin="SELECT 1/0;\n")
    assert failed.returncode == 3, "the session's own exit code"


def test_stopping_under_a_working_hub_is_refused(data_dir: Path) -> None:
    with hub_lock(data_dir), start(data_dir) as server:
        done = db("stop", "--data-dir", data_dir)
        assert done.returncode == 1
        assert f"A hub (process {os.getpid()}) works with the database in {data_dir}" in done.stderr
        assert "ends with its hub" in db("start", "--data-dir", data_dir).stdout
        assert "ends with its hub" in db("status", "--data-dir", data_dir).stdout
        assert server.alive()


@pytest.fixture
def elsewhere(data_dir: Path) -> Iterator[str]:
    """The administrator's URL of a server with passwords, which does not know the hub yet."""
    with start(data_dir) as server:
        admin = server.url("solarhub_admin", "postgres")
        logins = ("solarhub_app", "solarhub_auth", "solarhub_worker", "solarhub_backup")
        execute(
            admin,
            "DROP DATABASE solarhub",
            *(f"DROP ROLE {login}" for login in (*logins, "solarhub_owner")),
            f"CREATE ROLE boss LOGIN SUPERUSER PASSWORD '{scram_verifier('secret')}'",
        )
        rules = "local all solarhub_admin peer map=solarhub\nlocal all all scram-sha-256\n"
        (data_dir / "postgres" / "pg_hba.conf").write_text(rules)
        execute(admin, "SELECT pg_reload_conf()")
        yield server.url("boss", "postgres").replace("boss@", "boss:secret@")


def variables(printed: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in printed.splitlines() if line.startswith("SOLARHUB_"))


def test_another_server_is_prepared_and_its_passwords_are_printed_once(elsewhere: str) -> None:
    first = db("init", "--url", elsewhere)
    assert first.returncode == 0, first.stderr
    printed = variables(first.stdout)
    logins = {
        "SOLARHUB_DATABASE_URL": "solarhub_app",
        "SOLARHUB_AUTH_DATABASE_URL": "solarhub_auth",
        "SOLARHUB_WORKER_DATABASE_URL": "solarhub_worker",
        "SOLARHUB_OWNER_DATABASE_URL": "boss",
    }
    assert printed.keys() == logins.keys() | {"SOLARHUB_SECRET_KEY"}
    assert len(Keyring.parse(printed["SOLARHUB_SECRET_KEY"]).names) == 1
    for name, login in logins.items():
        assert [tuple(row) for row in execute(printed[name], "SELECT current_user, current_database()")] == [
            (login, "solarhub")
        ]

    again = db("init", "--url", elsewhere)
    assert list(variables(again.stdout)) == ["SOLARHUB_OWNER_DATABASE_URL"]
    assert "Unchanged passwords: solarhub_app, solarhub_auth, solarhub_backup, solarhub_worker" in again.stderr
    assert execute(printed["SOLARHUB_DATABASE_URL"], "SELECT 1"), "the first password still holds"

    anew = variables(db("init", "--url", elsewhere, "--new-passwords").stdout)
    assert anew.keys() == logins.keys(), "another secret key would lose what the first has sealed"
    assert anew["SOLARHUB_DATABASE_URL"] != printed["SOLARHUB_DATABASE_URL"]


def test_another_server_is_looked_at_and_never_started_or_stopped(elsewhere: str) -> None:
    printed = variables(db("init", "--url", elsewhere).stdout)
    looked = db("status", **printed)
    assert looked.returncode == 0, looked.stderr
    assert "PostgreSQL 18" in looked.stdout
    assert "secret" not in looked.stdout + looked.stderr
    assert db("psql", "--role", "worker", "--", "-Atc", "SELECT current_user", **printed).stdout == "solarhub_worker\n"
    assert "No variable of the environment" in db("psql", "--role", "backup", **printed).stderr
    for command in ("init", "start", "stop"):
        done = db(command, **printed)
        assert done.returncode == 1
        assert "SOLARHUB_DATABASE_URL names another server" in done.stderr


def test_a_server_that_is_not_there_is_told_in_one_sentence_without_the_password() -> None:
    nowhere = "postgresql://boss:secret@127.0.0.1:1/postgres"
    done = db("init", "--url", nowhere)
    assert done.returncode == 1
    assert done.stderr.startswith("The server at 127.0.0.1:1 refuses or does not answer: ")
    assert "secret" not in done.stderr
    assert db("status", SOLARHUB_DATABASE_URL=nowhere).returncode == 3
