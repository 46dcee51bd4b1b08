"""Processes of PostgreSQL as the operating system sees them: start one, recognise one, end one."""

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from solarhub.kit.postgres.account import Account

_LAUNCH = Path(__file__).with_name("launch.py")


def environment() -> dict[str, str]:
    """What PostgreSQL's programs need of our environment, and none of the PG… variables that would mislead them."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def launch(
    command: Sequence[str | Path], account: Account, *, output: int, keep_open: int, ends_with_us: bool
) -> subprocess.Popen[bytes]:
    """Starts a server as `account`, in a session of its own: a terminal's Ctrl-C and hang-up are not for it.

    It and its children inherit `keep_open`, a locked file: the lock says whether any of them still lives.
    With `ends_with_us` it gets SIGINT (a fast shutdown) when this process ends, even by kill -9. Linux ties that to the
    thread that created the child, so a thread does nothing else than create it and wait for its end.
    """
    identity = account.identity()
    if ends_with_us:
        groups = ",".join(map(str, identity.get("extra_groups", [])))
        launcher = [sys.executable, "-I", "-S", _LAUNCH, os.getpid(), account.uid, account.gid, groups]
        command = [*map(str, launcher), *command]
        identity = {}
    born: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()

    def keep() -> None:
        try:
            process = subprocess.Popen(
                command,
                cwd="/",
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(keep_open,),
                start_new_session=True,
                umask=0o077,
                **identity,
            )
        except OSError as error:
            born.put(error)
            return
        born.put(process)
        process.wait()

    threading.Thread(target=keep, name="postgres-keeper", daemon=True).start()
    process = born.get()
    if isinstance(process, OSError):
        raise process
    return process


def find_postmaster(pgdata: Path) -> int | None:
    """The pid of the live server of this data directory, whatever else may carry the pid in its postmaster.pid."""
    try:
        pid = int((pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None
    return pid if _is_server_of(pid, pgdata) else None


def end(pid: int, has_ended: Callable[[], bool], patience: float = 45.0) -> None:
    """Fast shutdown; an immediate one when that takes longer than `patience` seconds; kill as the last resort."""
    for word, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, patience / 3), (signal.SIGKILL, patience / 3)):
        send(pid, word)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if has_ended():
                return
            time.sleep(0.02)


def end_strays(pgdata: Path, patience: float = 5.0) -> None:
    """Ends what a killed server left behind: a busy backend may outlive it, and then no new server can start."""
    deadline = time.monotonic() + patience
    word = signal.SIGQUIT
    while strays := _processes_of(pgdata):
        if time.monotonic() > deadline:
            word = signal.SIGKILL
        for pid in strays:
            send(pid, word)
        time.sleep(0.05)


def send(pid: int, word: signal.Signals) -> None:
    """Signals a process; one that has just ended is no error."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, word)


def _processes_of(pgdata: Path) -> list[int]:
    """Every process of PostgreSQL in this data directory. Only Linux tells; elsewhere the list is empty."""
    entries = Path("/proc").glob("[0-9]*") if sys.platform == "linux" else ()
    return [int(entry.name) for entry in entries if _is_in(entry, pgdata)]


def _is_server_of(pid: int, pgdata: Path) -> bool:
    if sys.platform == "linux":
        return _is_in(Path("/proc") / str(pid), pgdata)
    else:
        shown = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return bool(re.search(r"\bpostgres$", shown.stdout.strip()))


def _is_in(entry: Path, pgdata: Path) -> bool:
    """Whether a /proc entry is a living `postgres` of the data directory's owner that works in that directory."""
    try:
        return (
            (entry / "comm").read_text() == "postgres\n"
            and entry.stat().st_uid == pgdata.stat().st_uid
            and (entry / "cwd").readlink() == pgdata.resolve()  # a zombie has none
        )
    except OSError:  # it has just ended, or is not for us to see
        return False
