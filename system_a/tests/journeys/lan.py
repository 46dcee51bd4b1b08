"""A network of two machines that exists for one test: network namespaces with a cable between them.

Nothing outside sees it, and nothing in it sees anything else: no address of the real machine is touched.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

HUB, TELEPHONE = "10.99.0.1", "10.99.0.2"
_TOOLS = ("unshare", "nsenter", "ip", "curl")

# Run on the hub's machine: brings up the other one and lays a cable to it. Prints the process that the other one is.
_WIRING = f"""
ip link set lo up
ip link add lan0 type veth peer name lan1
ip address add {HUB}/24 dev lan0
unshare --net sleep 900 &
telephone=$!
trap 'kill $telephone; wait $telephone; exit' TERM
until [ "$(readlink /proc/$telephone/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
ip link set lan1 netns $telephone
ip link set lan0 up
nsenter --target=$telephone --net sh -ec '
  ip link set lo up
  ip address add {TELEPHONE}/24 dev lan1
  ip link set lan1 up'
echo $telephone
wait
"""


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
    # somebody who is not root is the master of a user namespace, under the name that he has
    own = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    join = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
    with subprocess.Popen(
        ["unshare", *own, "--net", "sh", "-ec", _WIRING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as keeper:
        assert keeper.stdout is not None
        assert keeper.stderr is not None
        try:
            second = keeper.stdout.readline().strip()
            if not second:
                _impossible(f"the kernel does not give us a network of our own: {keeper.stderr.read().strip()}")
            yield Lan(
                Machine(HUB, ("nsenter", *join, f"--target={keeper.pid}", "--net")),
                Machine(TELEPHONE, ("nsenter", *join, f"--target={second}", "--net")),
            )
        finally:
            keeper.terminate()


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
