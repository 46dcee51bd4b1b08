import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from solarhub.kit.postgres import HubAlreadyRunning, UnusableDirectory, hub_lock, start
from solarhub.kit.postgres.directory import Directory
from tests.conftest import execute
from tests.kit.postgres.conftest import SYSTEM_A, RunPython, as_root, until

HOLD = """
import sys
from pathlib import Path
from solarhub.kit.postgres import hub_lock
with hub_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_hub(data_dir: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that is the hub of the directory."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, data_dir], cwd=SYSTEM_A, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_hub_is_refused_with_the_pid_of_the_first(data_dir: Path, other_hub: "subprocess.Popen[str]") -> None:
    with pytest.raises(HubAlreadyRunning, match=rf"\(process {other_hub.pid}\) is running on {data_dir}"):
        hub_lock(data_dir).__enter__()


def test_a_hub_that_was_killed_leaves_its_directory_free(data_dir: Path, other_hub: "subprocess.Popen[str]") -> None:
    other_hub.send_signal(signal.SIGKILL)
    other_hub.wait()
    with hub_lock(data_dir):
        assert (data_dir / "hub.lock").read_text() == f"{os.getpid()}\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_other_users_cannot_enter_a_new_directory(folder: Path) -> None:
    with start(folder / "new" / "hub") as server:
        assert not mode(server.data_dir) & 0o007
        for private in ("postgres", "run", "log"):
            assert mode(server.data_dir / private) == 0o700


@as_root
def test_a_folder_with_other_things_in_it_keeps_its_owner_and_mode(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    (data_dir / "letters.txt").write_text("private")
    before = data_dir.stat()
    start(data_dir).stop()
    after = data_dir.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@as_root
def test_a_closed_folder_on_the_way_is_named_and_left_closed(data_dir: Path) -> None:
    (data_dir / "letters.txt").write_text("private")
    with pytest.raises(UnusableDirectory, match=rf"cannot enter {data_dir}: choose a data directory"):
        start(data_dir / "below" / "hub")
    assert mode(data_dir) == 0o700


@as_root
def test_somebody_else_s_directory_is_refused_in_one_sentence(made: Path, python_as: RunPython) -> None:
    done = python_as(
        "import sys, pathlib, solarhub.kit.postgres as p\n"
        "try: p.start(pathlib.Path(sys.argv[1]))\n"
        "except p.UnusableDirectory as trouble: print(trouble)",
        made,
    )
    assert "is closed to you" in done.stdout, done.stderr
    assert "run the command as the user who owns it" in done.stdout


def test_a_file_is_no_data_directory(data_dir: Path) -> None:
    file = data_dir / "file"
    file.write_text("")
    with pytest.raises(UnusableDirectory, match="is not a folder"):
        start(file)
    with pytest.raises(UnusableDirectory, match="is not a folder"):
        start(file / "below")


@pytest.mark.parametrize("name", ["so-deep-" * 14, "a, comma", 'Zoë\'s "hub" 100% + more'])
def test_any_path_will_do_for_a_data_directory(made: Path, name: str) -> None:
    place = made.rename(made.with_name(name))
    with start(place) as server:
        assert execute(server.url(), "SELECT current_user")[0][0] == "solarhub_app"
        assert start(place).joined
        socket_dir = server.socket_dir
        assert len(os.fsencode(socket_dir / ".s.PGSQL.5432")) <= 107
        assert mode(socket_dir) == 0o700
    if socket_dir != place / "run":
        until(lambda: not socket_dir.exists())


def test_a_socket_folder_that_was_swept_away_is_made_anew(made: Path) -> None:
    place = made.rename(made.with_name("so-deep-" * 14))
    with start(place) as server:
        first = server.socket_dir
    with start(place) as server:
        assert server.socket_dir != first
        assert server.alive()


def test_a_recorded_socket_folder_that_others_can_enter_is_not_used(made: Path) -> None:
    place = made.rename(made.with_name("so-deep-" * 14))
    planted = place / "planted"
    planted.mkdir(mode=0o777)
    planted.chmod(0o777)
    directory = Directory(place)
    (directory.run / "socket_dir").write_text(str(planted))
    with start(place) as server:
        assert server.socket_dir != planted
