import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from solarhub.kit.postgres import default_data_dir, start
from tests.kit.postgres.conftest import SYSTEM_A, RunPython, as_root, on_linux

START = """
import sys
from pathlib import Path
from solarhub.kit.postgres import ServerTrouble, start
try:
    with start(Path(sys.argv[1])) as server:
        print(server.data_dir.joinpath("postgres").owner())
except ServerTrouble as trouble:
    print(trouble)
"""


@as_root
@on_linux
def test_root_hands_postgresql_to_the_service_user(made: Path) -> None:
    with start(made) as server:
        user = pwd.getpwnam("solarhub")
        status = Path(f"/proc/{server.pid}/status").read_text()
        [uids] = [line.split()[1:] for line in status.splitlines() if line.startswith("Uid:")]
        [groups] = [line.split()[1:] for line in status.splitlines() if line.startswith("Groups:")]
    assert set(uids) == {str(user.pw_uid)}
    assert "0" not in groups


@as_root
def test_an_ordinary_user_needs_no_other_and_root_leaves_it_so(
    data_dir: Path, python_as: RunPython, nobody: int
) -> None:
    os.chown(data_dir, nobody, nobody)
    done = python_as(START, data_dir)
    assert done.stdout.strip() == "nobody", done.stderr
    assert {path.stat().st_uid for path in data_dir.rglob("*")} == {nobody}
    with start(data_dir) as server:
        assert server.alive()
        assert {path.stat().st_uid for path in (data_dir / "postgres").rglob("*")} == {nobody}


@as_root
def test_a_user_without_a_name_is_told_in_one_sentence(data_dir: Path, python_as: RunPython) -> None:
    os.chown(data_dir, 54321, 54321)
    said = python_as(START, data_dir, uid=54321).stdout.strip()
    assert "User id 54321 has no entry in /etc/passwd" in said
    assert "SOLARHUB_DATABASE_URL" in said


@pytest.fixture
def another_etc(tmp_path: Path) -> Path:
    """A copy of /etc that knows no user `solarhub`."""
    etc = tmp_path / "etc"
    shutil.copytree("/etc", etc, symlinks=True, ignore_dangling_symlinks=True)
    for name in ("passwd", "group", "shadow", "gshadow"):
        lines = (etc / name).read_text().splitlines(keepends=True)
        (etc / name).write_text("".join(line for line in lines if not line.startswith("solarhub:")))
    return etc


def start_with(etc: Path, data_dir: Path, also: str = "true") -> str:
    """Starts a server in a mount namespace of its own, where /etc is another."""
    can: list[str | Path] = ["unshare", "--mount", "mount", "--bind", etc, "/etc"]
    if shutil.which("unshare") is None or subprocess.run(can, check=False, capture_output=True).returncode != 0:
        pytest.skip("this system does not let us mount, even in a namespace of our own")
    script = f'mount --bind "$1" /etc && {also} && exec "$2" -c "$3" "$4"'
    command: list[str | Path] = ["unshare", "--mount", "sh", "-c", script, "sh"]
    command += [etc, sys.executable, START, data_dir]
    done = subprocess.run(command, cwd=SYSTEM_A, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@as_root
def test_the_service_user_is_created_where_it_is_missing(another_etc: Path, data_dir: Path) -> None:
    said = start_with(another_etc, data_dir)
    assert said == "solarhub"
    [entry] = [line for line in (another_etc / "passwd").read_text().splitlines() if line.startswith("solarhub:")]
    assert entry.endswith("/nologin")


@as_root
def test_without_a_way_to_create_the_service_user_one_sentence_says_so(another_etc: Path, data_dir: Path) -> None:
    said = start_with(another_etc, data_dir, also="mount -t tmpfs none /usr/sbin")
    assert "PostgreSQL refuses to run as root" in said
    assert "create that user, or start the hub as another" in said
    assert "\n" not in said


def test_the_directory_is_the_user_s_own_unless_root_runs_or_one_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOLARHUB_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/amna/.data")
    usual = Path("/var/lib/solarhub") if os.geteuid() == 0 else Path("/home/amna/.data/solarhub")
    assert default_data_dir() == usual
    monkeypatch.setenv("SOLARHUB_DATA_DIR", "/srv/hub")
    assert default_data_dir() == Path("/srv/hub")
