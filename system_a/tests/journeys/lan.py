"""A network of two machines that exists for one test: network namespaces with a cable between them.

Nothing outside sees it, and nothing in it sees anything else: no address of the real machine is touched.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HUB, TELEPHONE = "10.99.0.1", "10.99.0.2"
_TOOLS = ("unshare", "nsenter", "ip")


@dataclass(frozen=True)
class Machine:
    """`inside` stands before a command that runs there."""

    address: str
    inside: tuple[str, ...]

    def run(self, *command: str | Path, check: bool = False) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.inside, *map(str, command)], capture_output=True, text=True, check=check, timeout=60
        )


@dataclass(frozen=True)
class Lan:
    hub: Machine
    telephone: Machine


@contextmanager
def lan() -> Iterator[Lan]:
    """Skips the test where the kernel does not let us; in CI that is a failure."""
    missing = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if missing:
        _impossible(f"{', '.join(missing)} is not installed")
    is_root = os.geteuid() == 0
    people = [] if is_root else ["--user", "--map-current-user", "--keep-caps"]
    with ExitStack() as stack:
        first = stack.enter_context(_namespace(["unshare", *people, "--net"]))
        user = [] if is_root else ["--user", "--preserve-credentials"]
        enter = ("nsenter", *user, f"--target={first}")
        second = stack.enter_context(_namespace([*enter, "unshare", *([] if is_root else ["--keep-caps"]), "--net"]))
        hub = Machine(HUB, (*enter, "--net"))
        telephone = Machine(TELEPHONE, ("nsenter", *user, f"--target={second}", "--net"))
        try:
            hub.run("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1", check=True)
            hub.run("ip", "link", "set", "lan1", "netns", str(second), check=True)
            for machine, card in ((hub, "lan0"), (telephone, "lan1")):
                machine.run("ip", "link", "set", "lo", "up", check=True)
                machine.run("ip", "address", "add", f"{machine.address}/24", "dev", card, check=True)
                machine.run("ip", "link", "set", card, "up", check=True)
        except subprocess.CalledProcessError as error:
            _impossible(f"a cable cannot be laid between them: {error.stderr.strip()}")
        yield Lan(hub, telephone)


@contextmanager
def _namespace(command: list[str]) -> Iterator[int]:
    """A process that keeps it open, by its id."""
    with subprocess.Popen(
        [*command, "sh", "-c", "echo ready; exec sleep 600"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        try:
            if keeper.stdout.readline() != "ready\n":
                _impossible(f"the kernel does not give us a network of our own: {keeper.stderr.read().strip()}")
            yield keeper.pid
        finally:
            keeper.kill()


def _impossible(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(f"CI tests the hub on a network too, and {reason}")
    pytest.skip(reason)


def trusting_home(folder: Path, certificate: Path) -> Path:
    """A home folder whose Chromium trusts that authority, as a person would have told it to."""
    if shutil.which("certutil") is None:
        _impossible("certutil is not installed (libnss3-tools)")
    store = folder / ".pki" / "nssdb"
    store.mkdir(parents=True)
    subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True, timeout=60)
    subprocess.run(
        ["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "Solar Hub", "-i", certificate],
        check=True,
        timeout=60,
    )
    return folder


def until_reachable(machine: Machine, address: str) -> None:
    """The kernel takes a moment to see that a cable is plugged in."""
    for _ in range(100):
        if machine.run("curl", "--silent", "--insecure", "--max-time", "2", address).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"{address} cannot be reached from {machine.address}")
