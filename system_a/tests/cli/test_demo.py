"""Whoever ends the demo, and whenever: nothing of it is left."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def temporary_folder() -> Iterator[Path]:
    """Where the demo makes its directories; short, and open to the user who runs PostgreSQL when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="shub-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def processes_that_name(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has just ended
            continue
        if str(folder) in command:
            found.append(command)
    return found


def demo(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "solarhub", "demo"],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def read_until(show: subprocess.Popen[str], words: str) -> list[str]:
    assert show.stdout is not None
    lines = []
    for line in show.stdout:
        lines.append(line)
        if words in line:
            return lines
    pytest.fail(f"{words!r} was never said, but: {lines}, {show.communicate()}")


@pytest.mark.parametrize(
    ("words", "seconds_later", "sent"),
    [
        ("Starting a hub", 0.0, signal.SIGINT),
        ("Starting a hub", 1.0, signal.SIGTERM),
        ("Starting a hub", 2.0, signal.SIGHUP),
        ("was acknowledged", 1.0, signal.SIGINT),
    ],
)
def test_an_interrupted_demo_leaves_nothing_running_and_nothing_on_disk(
    temporary_folder: Path, words: str, seconds_later: float, sent: signal.Signals
) -> None:
    with demo(temporary_folder) as show:
        read_until(show, words)
        time.sleep(seconds_later)
        os.killpg(show.pid, sent)  # as a terminal does, to everything in its foreground
        said, complaints = show.communicate(timeout=60)
    assert show.returncode == 130
    assert said.endswith("It has ended, and its directory is gone.\n")
    assert complaints == ""
    assert processes_that_name(temporary_folder) == []
    assert list(temporary_folder.iterdir()) == []
