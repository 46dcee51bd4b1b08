"""A hub of its own for the demo: `solarhub up` as a child process, on a directory that is thrown away afterwards."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from solarhub.kit.postgres import stop_running

_SECONDS_TO_STOP = 30.0
_LAST_WORDS_LINES = 15


class HubEnded(Exception):  # noqa: N818 - named like the domain's errors, after what happened
    """The hub ended by itself; its last words follow."""


class Hub:
    """A running `solarhub up`, process `pid`, on `data_dir`; `url` is where it will answer."""

    def __init__(self, process: subprocess.Popen[bytes], data_dir: Path, log: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.data_dir = data_dir
        self.pid = process.pid
        self._process = process
        self._log = log

    async def ready(self, client: httpx.AsyncClient) -> None:
        """Returns when the hub says that it is ready; raises HubEnded when it never will be."""
        while True:
            self.check()
            try:
                if (await client.get("/health/ready")).is_success:
                    return
            except httpx.TransportError:
                pass  # nobody listens yet
            await asyncio.sleep(0.05)

    async def ended(self) -> None:
        """Never returns: raises HubEnded when the hub has ended without having been asked to."""
        while True:
            self.check()
            await asyncio.sleep(0.2)

    def check(self) -> None:
        """Raises HubEnded if it has."""
        code = self._process.poll()
        if code is not None:
            lines = self._log.read_text("utf-8", errors="replace").splitlines()[-_LAST_WORDS_LINES:]
            raise HubEnded(f"The hub (process {self.pid}) has ended with status {code}.\n" + "\n".join(lines))


@contextmanager
def throw_away_hub(port: int) -> Iterator[Hub]:
    """Starts a hub on a new temporary directory and loopback `port`; ends it and removes every trace of it.

    Variables of the environment that would lead it to somebody's own database are kept from it.
    """
    data_dir = Path(tempfile.mkdtemp(prefix="solarhub-demo-"))
    log_number, log_name = tempfile.mkstemp(prefix="solarhub-demo-", suffix=".log")
    log = Path(log_name)
    try:
        command = [sys.executable, "-m", "solarhub", "up", "--data-dir", str(data_dir)]
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log_number,
            stderr=log_number,
            env={name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")},
            start_new_session=True,  # a terminal's Ctrl-C is for the demo, which then ends its hub in order
        )
        try:
            yield Hub(process, data_dir, log, port)
        finally:
            _end(process)
    finally:
        os.close(log_number)
        _remove(data_dir)
        log.unlink()


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # what it had started and, ended that early, could not end


def _remove(data_dir: Path) -> None:
    """The database's last processes may still be writing while they die, so one look is not enough."""
    stop_running(data_dir)
    for _ in range(50):
        shutil.rmtree(data_dir, ignore_errors=True)
        if not data_dir.exists():
            return
        time.sleep(0.1)
    shutil.rmtree(data_dir)
