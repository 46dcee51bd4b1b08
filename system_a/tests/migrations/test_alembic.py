"""The five commands of the document, as they are written there, on every supported server."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from time import sleep

from solarhub.kit.catalogue import dump_schema
from solarhub.kit.postgres import find_binaries
from tests.conftest import SYSTEM_A, TestDatabase, alembic

DUMP = SYSTEM_A.parent / "docs" / "schema.sql"


def dump(database: TestDatabase) -> str:
    """By the server's own pg_dump; PostgreSQL 14 comes to the tests without one, and a newer one reads it too."""
    own = database.server.binaries
    return dump_schema(own if (own.bin_dir / "pg_dump").exists() else find_binaries(), database.admin_url)


def test_the_five_commands_work_as_written(empty_database: TestDatabase, tmp_path: Path) -> None:
    url = empty_database.admin_url
    project = tmp_path / "system_a"  # a copy, so that the new revision is not left in the tree
    copytree(SYSTEM_A / "solarhub", project / "solarhub")
    (project / "alembic.ini").write_bytes((SYSTEM_A / "alembic.ini").read_bytes())
    alembic("upgrade", "head", owner_url=url, cwd=project)
    alembic("revision", "--autogenerate", "-m", "Description", owner_url=url, cwd=project)
    (made,) = (project / "solarhub" / "migrations" / "versions").glob("*_description.py")
    assert made.read_text().count("    pass\n") == 2, "autogenerate right after head finds nothing to do"
    alembic("upgrade", "head", owner_url=url, cwd=project)
    assert "(head)" in alembic("current", owner_url=url, cwd=project).stdout
    alembic("downgrade", "-1", owner_url=url, cwd=project)
    assert alembic("current", owner_url=url, cwd=project).stdout.startswith("0003")
    history = alembic("history", owner_url=url, cwd=project).stdout
    assert "0002 -> 0003" in history
    assert "Description" in history


def test_up_down_to_base_and_up_again_leaves_an_identical_schema(empty_database: TestDatabase) -> None:
    url = empty_database.admin_url
    alembic("upgrade", "head", owner_url=url)
    first = dump(empty_database)
    alembic("downgrade", "base", owner_url=url)
    bare = dump(empty_database)
    assert "CREATE TYPE" not in bare
    assert bare.count("CREATE TABLE") == 1, "only alembic's own table is left"
    alembic("upgrade", "head", owner_url=url)
    assert dump(empty_database) == first


def test_downgrade_leaves_nothing_of_a_hub_that_has_run(empty_database: TestDatabase) -> None:
    url = empty_database.admin_url
    alembic("upgrade", "head", owner_url=url)
    empty_database.fetch("select ensure_telemetry_partition(current_date)")
    alembic("downgrade", "base", owner_url=url)
    assert empty_database.fetch("select relname from pg_class where relname like 'telemetry%'") == []


def test_alembic_check_finds_no_drift(each_database: TestDatabase) -> None:
    each_database.fetch("select ensure_telemetry_partition(current_date)")  # a partition is not drift
    assert "No new upgrade operations" in alembic("check", owner_url=each_database.admin_url).stdout


def test_the_catalogue_is_the_committed_schema(database: TestDatabase) -> None:
    database.fetch("select ensure_telemetry_partition(current_date)")
    assert dump(database) == DUMP.read_text("utf-8"), "docs/schema.sql is stale: make schema"


def test_two_upgrades_started_at_once_both_succeed(empty_database: TestDatabase) -> None:
    environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": empty_database.admin_url}
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    both = [
        subprocess.Popen(command, cwd=SYSTEM_A, env=environment, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    outcomes = [(process.communicate(timeout=120)[1], process.returncode) for process in both]
    assert [code for _, code in outcomes] == [0, 0], outcomes
    assert sum("Running upgrade" in text for text, _ in outcomes) == 1, "one migrated, the other found it done"


def test_an_upgrade_killed_at_a_random_moment_can_always_be_finished(empty_database: TestDatabase) -> None:
    rounds = 20 if empty_database.server.binaries.version == 18 else 3
    environment = os.environ | {"SOLARHUB_OWNER_DATABASE_URL": empty_database.admin_url}
    moments = random.Random(18)
    command = [sys.executable, "-m", "alembic"]
    for _ in range(rounds):
        process = subprocess.Popen(
            [*command, "upgrade", "head"], cwd=SYSTEM_A, env=environment, stderr=subprocess.DEVNULL
        )
        sleep(moments.uniform(0.0, 1.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if moments.random() < 0.5:  # start the next one from the beginning, when this one got through
            alembic("downgrade", "base", owner_url=empty_database.admin_url, check=False)
    alembic("upgrade", "head", owner_url=empty_database.admin_url)
    assert "CREATE POLICY" in dump(empty_database)


def test_a_login_that_may_not_migrate_is_told_so_in_one_sentence(each_database: TestDatabase) -> None:
    refused = alembic("upgrade", "head", owner_url=each_database.url("solarhub_app"), check=False)
    assert refused.returncode != 0
    assert "solarhub_app may not migrate" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stderr
