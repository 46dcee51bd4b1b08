"""What processes of a hub take of the machine: memory, CPU, and what they write to the disk."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from benchmarks.running import Hub


def processes(hub: Hub) -> list[int]:
    """The hub's own and everything that it started, its database first of all."""
    parents = dict(_parents())
    below = {hub.process.pid}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    return sorted(below)


def kill(hub: Hub) -> None:
    """All of them at once, without a word, as if the machine had lost its power; returns when they are gone."""
    pids = processes(hub)
    for pid in reversed(pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    hub.process.wait()
    while any(pid in pids for pid, _ in _parents()):
        time.sleep(0.01)


def memory_mb(hub: Hub) -> float:
    """Proportional set size of all of them together: a page that several share is counted once."""
    total = 0
    for pid in processes(hub):
        for line in _lines(f"/proc/{pid}/smaps_rollup"):
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def written_bytes(hub: Hub) -> int:
    """What all of them have had written to the disk so far; what ended processes wrote counts with their parents."""
    total = 0
    for pid in processes(hub):
        for line in _lines(f"/proc/{pid}/io"):
            if line.startswith("write_bytes:"):
                total += int(line.split()[1])
    return total


def calm() -> float:
    """Load average of the last minute."""
    return os.getloadavg()[0]


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:  # it has just ended
        return []


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (lines := _lines(f"{entry}/stat")):
            yield int(entry.name), int(lines[0].rpartition(")")[2].split()[1])
