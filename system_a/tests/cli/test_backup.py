"""`solarhub backup` and `restore` as an operator types them, and what `up` does of it by itself."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from solarhub.cli.schedule import prune
from solarhub.kit.backup import read_manifest
from solarhub.kit.postgres import start, stop_running
from tests.cli.test_up import SETTING_UP, address, ended, refused, set_up_link, up
from tests.conftest import alembic, execute, temporary_data_dir

PERSON = {"email": "a@example.com", "password": SETTING_UP["password"]}
PATIENCE_SECONDS = 60


@pytest.fixture
def places() -> Iterator[tuple[Path, Path]]:
    """Two data directories, neither of them made yet."""
    first, second = temporary_data_dir(), temporary_data_dir()
    yield first, second
    for place in (first, second):
        stop_running(place)
        shutil.rmtree(place, ignore_errors=True)


def solarhub(*arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    return subprocess.run(
        [sys.executable, "-m", "solarhub", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_a_hub_is_backed_up_while_it_works_and_another_directory_takes_its_place(
    places: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = places
    file = tmp_path / "hub.zip"
    with up("--data-dir", str(first)) as hub:
        url = address(hub)
        token = set_up_link(hub).partition("#")[2]
        assert httpx.post(f"{url}/api/v1/setup", json={"token": token, **SETTING_UP}).status_code == 201
        done = solarhub("backup", file, "--data-dir", first)
        assert done.returncode == 0, done.stderr
        assert "checksums read back" in done.stdout
        assert str(first / "secret.key") in done.stderr
        assert httpx.get(f"{url}/health/ready").json()["backup_age_hours"] < 0.1
        assert "--force replaces it" in solarhub("backup", file, "--data-dir", first).stderr
        assert ended(hub, signal.SIGTERM) == 0

    key = tmp_path / "kept-apart.key"
    shutil.copy(first / "secret.key", key)
    done = solarhub("restore", file, "--data-dir", second, "--secret-key", key)
    assert done.returncode == 0, done.stderr
    assert "counted and compared" in done.stdout
    assert "lost" not in done.stderr
    assert (second / "secret.key").stat().st_mode & 0o777 == 0o600
    assert "goes into an empty place" in solarhub("restore", file, "--data-dir", second).stderr
    with up("--data-dir", str(second)) as again:
        url = address(again)
        assert httpx.post(f"{url}/api/v1/sessions", json=PERSON).status_code == 201
        assert ended(again, signal.SIGTERM) == 0


def test_a_file_that_is_no_backup_leaves_no_database_behind(places: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "holiday.zip").write_bytes(b"not a backup")
    done = solarhub("restore", tmp_path / "holiday.zip", "--data-dir", places[0])
    assert done.returncode == 1
    assert "is no backup of a hub" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (places[0] / "postgres").exists()


def test_before_an_older_schema_is_changed_it_is_backed_up(places: tuple[Path, Path]) -> None:
    place, _ = places
    with start(place) as server:
        alembic("upgrade", "0002", owner_url=server.url("solarhub_admin"))
    with up("--data-dir", str(place)) as hub:
        assert httpx.get(f"{address(hub)}/health/live").status_code == 200
        assert ended(hub, signal.SIGTERM) == 0
        assert hub.stderr is not None
        assert "Backing up before the schema goes from 0002 to " in hub.stderr.read()
    [file] = (place / "backups").iterdir()
    assert read_manifest(file).revision == "0002"


def test_a_database_of_a_newer_hub_is_left_alone(places: tuple[Path, Path]) -> None:
    place, _ = places
    with start(place) as server:
        alembic("upgrade", "head", owner_url=server.url("solarhub_admin"))
        execute(server.url("solarhub_admin"), "update alembic_version set version_num = '9999'")
    said = refused("--data-dir", str(place))
    assert "stands at revision '9999'" in said
    assert "a newer hub wrote it" in said
    assert not (place / "backups").exists()


def test_backups_are_taken_by_themselves_where_a_folder_is_set(places: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "nightly"
    with up("--data-dir", str(places[0]), SOLARHUB_BACKUP_DIR=str(folder)) as hub:
        url = address(hub)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (age := httpx.get(f"{url}/health/ready").json().get("backup_age_hours")):
            if age == 0:
                break
            assert time.monotonic() < deadline, "no backup was taken"
            time.sleep(0.2)
        [file] = folder.glob("*.zip")
        assert read_manifest(file).tables["users"].rows == 0
        assert ended(hub, signal.SIGTERM) == 0


def test_only_so_many_of_them_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    names = [f"solarhub-202601{day:02d}T020000Z.zip" for day in range(1, 6)]
    for name in [*names, "before-0003-20260101T000000Z.zip", "by-hand.zip"]:
        (tmp_path / name).touch()
    prune(tmp_path, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [*names[3:], "before-0003-20260101T000000Z.zip", "by-hand.zip"]
    )
