"""Directories that live for one test, processes that play the hub, and other users of this system."""

import json
import os
import pwd
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest

from solarhub.kit.postgres import start, stop_running
from solarhub.kit.postgres.directory import Directory

SYSTEM_A = Path(__file__).parents[3]

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

HUB = """
import json, signal, sys
from pathlib import Path
from solarhub.kit.postgres import start

# tests that run in a shell's background inherit a SIGINT that is ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
server = start(Path(sys.argv[1]), lifetime=sys.argv[2])
try:
    print(json.dumps({"pid": server.pid, "joined": server.joined}), flush=True)
    sys.stdin.read()
except KeyboardInterrupt:
    print(json.dumps({"alive_when_interrupted": server.alive()}), flush=True)
"""
"""Starts or joins the server, tells so, and lives until its standard input ends. Does not stop the server itself."""


class Hub:
    """A process that plays the hub; `said` is the JSON of its first line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.said = self.next_line()

    def next_line(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 60)[0], "the hub said nothing for a minute"
        line = self.process.stdout.readline()
        assert line, f"the hub ended with {self.process.wait()}"
        said: dict[str, Any] = json.loads(line)
        return said

    def end(self) -> int:
        """Ends its standard input, so that it ends by itself."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(30)


class PlayHub(Protocol):
    def __call__(self, data_dir: Path, lifetime: str = "owner") -> Hub: ...


@pytest.fixture
def play_hub() -> Iterator[PlayHub]:
    processes = []

    def play(data_dir: Path, lifetime: str = "owner") -> Hub:
        process = subprocess.Popen(
            [sys.executable, "-c", HUB, data_dir, lifetime],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=SYSTEM_A,
            start_new_session=True,
        )
        processes.append(process)
        return Hub(process)

    yield play
    for process in processes:
        with process:
            process.kill()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A new folder that every user can enter; at the end the servers in it are stopped, and all of it is removed."""
    path = Path(tempfile.mkdtemp(prefix="shub-"))
    path.chmod(0o755)
    yield path
    for pid_file in path.rglob("postmaster.pid"):
        stop_running(pid_file.parents[1])
    shutil.rmtree(path)


@pytest.fixture
def data_dir(folder: Path) -> Path:
    """A new private folder, as mkdtemp makes them."""
    return Path(tempfile.mkdtemp(dir=folder))


@pytest.fixture(scope="session")
def pattern() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="shub-"))
    start(path).stop()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def made(pattern: Path, folder: Path) -> Path:
    """A data directory whose database was made before and does not run; copied, which is quicker than making it."""
    subprocess.run(["cp", "-a", pattern, folder / "made"], check=True)
    return folder / "made"


def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)


def nothing_left(data_dir: Path) -> bool:
    """No process of a server is alive: each would hold this lock."""
    descriptor = Directory(data_dir).try_lock("server")
    if descriptor is not None:
        os.close(descriptor)
    return descriptor is not None


@pytest.fixture(scope="session")
def nobody() -> int:
    return pwd.getpwnam("nobody").pw_uid


class RunPython(Protocol):
    def __call__(self, code: str, *arguments: object, uid: int | None = None) -> "subprocess.CompletedProcess[str]": ...


@pytest.fixture(scope="session")
def python_as(nobody: int) -> RunPython:
    """Runs Python code as another user, with an interpreter and packages which that user can reach; skips without."""
    packages = os.pathsep.join((str(Path(asyncpg.__file__).parents[1]), str(SYSTEM_A)))
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = shutil.which(f"python{version}", path="/usr/local/bin:/usr/bin")

    def run(code: str, *arguments: object, uid: int | None = None) -> "subprocess.CompletedProcess[str]":
        user = nobody if uid is None else uid
        return subprocess.run(
            [python, "-c", code, *map(str, arguments)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"},
            cwd="/",
            user=user,
            group=user,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    for candidate in (sys.executable, system):
        python = candidate or ""
        try:
            if run("import asyncpg, solarhub.kit.postgres as p; p.find_binaries()").returncode == 0:
                return run
        except (PermissionError, FileNotFoundError):
            continue
    pytest.skip("no Python and packages here that another user can reach")
