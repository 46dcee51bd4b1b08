"""`solarhub up` on a directory of its own, as a person runs it, and what its processes cost."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from solarhub.demo.hub import free_port

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Hub:
    """A hub that answers."""

    url: str
    port: int
    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def admin_url(self) -> str:
        """The URL of the cluster's superuser: for registering and counting, never for what is timed."""
        (pgdata,) = {path.parent for path in self.data_dir.glob("*/PG_VERSION")}
        sockets = re.findall(r"^(/.*)$", (pgdata / "postmaster.pid").read_text(), re.MULTILINE)
        return f"postgresql://solarhub_admin@/solarhub?host={sockets[-1]}"

    def cpu_seconds(self) -> tuple[float, float]:
        """What the hub's own process, and all others that it started, have used so far."""
        processes = dict(_processes())
        below = {self.process.pid}
        while more := {pid for pid, (parent, _) in processes.items() if parent in below} - below:
            below |= more
        return (
            processes[self.process.pid][1],
            sum(seconds for pid, (_, seconds) in processes.items() if pid in below - {self.process.pid}),
        )


@contextmanager
def running_hub(place: Path | None = None) -> Iterator[Hub]:
    """Started on a fresh directory, and gone with it in the end; `place` is one that stays."""
    data_dir = place or Path(tempfile.mkdtemp(prefix="shub-"))
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    command = [sys.executable, "-m", "solarhub", "up", "--data-dir", str(data_dir), "--port", str(port)]
    with data_dir.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    hub = Hub(f"http://127.0.0.1:{port}", port, data_dir, process)
    try:
        _wait_until_ready(hub)
        yield hub
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if place is None:
            shutil.rmtree(data_dir, ignore_errors=True)
        data_dir.with_suffix(".log").unlink(missing_ok=True)


def _wait_until_ready(hub: Hub) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if hub.process.poll() is not None:
            raise RuntimeError(hub.data_dir.with_suffix(".log").read_text())
        try:
            if httpx.get(f"{hub.url}/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError("the hub is not ready after two minutes")


def _processes() -> Iterator[tuple[int, tuple[int, float]]]:
    """Of every process its parent and the seconds of CPU that it and its dead children used."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            yield int(entry.name), (int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)
