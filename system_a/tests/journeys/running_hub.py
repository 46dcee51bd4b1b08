"""A hub as a person runs it: `solarhub up` in a process of its own, that a test can kill and start again."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from solarhub.accounts.sessions import COOKIE
from solarhub.demo.hub import free_port
from solarhub.kit.postgres import stop_running
from tests.conftest import execute

SECONDS_TO_READY = 60.0
ADMIN = {"email": "ayesha@example.com", "first_name": "Ayesha", "last_name": "Khan"}
PASSWORD = "a canal lined with shisham trees"


@dataclass
class RunningHub:
    """`start`, `kill` and `start` again work on the same data directory and port.

    `options` are further words for `solarhub up`; `inside` stands before the command, for a hub on another network.
    """

    data_dir: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    url: str = ""
    process: subprocess.Popen[bytes] | None = None
    session: str | None = None
    """What the browser of whoever set this hub up has as its cookie."""

    def __post_init__(self) -> None:
        self.url = self.url or f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data_dir.with_suffix(".log")

    def command(self, *options: str) -> list[str]:
        """`solarhub up` with these words, where the hub belongs."""
        return [*self.inside, sys.executable, "-m", "solarhub", "up", *options]

    def start(self) -> None:
        """Returns when the hub says that it is ready."""
        command = self.command("--data-dir", str(self.data_dir), "--port", str(self.port), *self.options)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        end = time.monotonic() + SECONDS_TO_READY
        while time.monotonic() < end:
            assert self.process is not None
            assert self.process.poll() is None, f"the hub has ended:\n{self.words()}"
            if self.is_ready():
                return
            time.sleep(0.05)
        raise AssertionError(f"not ready after {SECONDS_TO_READY} s:\n{self.words()}")

    def is_ready(self) -> bool:
        """Asked from where it runs, whatever certificate it shows."""
        if self.inside:
            asking = ["curl", "--silent", "--fail", "--insecure", "--max-time", "5", f"{self.url}/health/ready"]
            return subprocess.run([*self.inside, *asking], capture_output=True, check=False).returncode == 0
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health/ready").is_success
        return False

    def set_up_link(self) -> str:
        """The one that the hub prints as long as nobody has set it up."""
        end = time.monotonic() + SECONDS_TO_READY
        while time.monotonic() < end:
            found = re.search(r"https?://\S+/setup#shl_\S+", self.log.read_text("utf-8", errors="replace"))
            if found is not None:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(f"no link was printed:\n{self.words()}")

    def sign_in(self) -> str:
        """Sets the hub up where nobody has, and signs in; the session lives as long as the data directory."""
        if self.session is None:
            wanted = {
                "token": self.set_up_link().partition("#")[2],
                "person": ADMIN,
                "password": PASSWORD,
                "organization": {"name": "Lahore Solar"},
            }
            answer = httpx.post(f"{self.url}/api/v1/setup", json=wanted)
            assert answer.status_code == 201, answer.text
            answer = httpx.post(f"{self.url}/api/v1/sessions", json={"email": ADMIN["email"], "password": PASSWORD})
            assert answer.status_code == 201, answer.text
            self.session = answer.cookies[COOKIE]
        return self.session

    def person(self) -> httpx.AsyncClient:
        """Whoever runs this hub, signed in."""
        cookie = {"Cookie": f"{COOKIE}={self.sign_in()}"}
        return httpx.AsyncClient(base_url=self.url, timeout=30, headers=cookie)

    def words(self) -> str:
        return "\n".join(self.log.read_text("utf-8", errors="replace").splitlines()[-40:])

    def kill(self) -> None:
        """As the power does it: no handler runs."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill_database(self) -> None:
        """`kill -9` of the postmaster and of every process of its server."""
        postmaster = int((self.pgdata / "postmaster.pid").read_text().splitlines()[0])
        group = [pid for pid in processes() if parent_of(pid) == postmaster]
        for pid in (postmaster, *group):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @property
    def pgdata(self) -> Path:
        (found,) = {path.parent for path in self.data_dir.glob("*/PG_VERSION")}
        return found

    def stop(self) -> int:
        """As a person or an init system ends it. Returns the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def fetch(self, statement: str) -> list[dict[str, object]]:
        """As the superuser, through the hub's own socket."""
        sockets = re.findall(r"^(/.*)$", (self.pgdata / "postmaster.pid").read_text(), re.MULTILINE)
        return [dict(row) for row in execute(f"postgresql://solarhub_admin@/solarhub?host={sockets[-1]}", statement)]

    def database_processes(self) -> list[int]:
        """Processes of a PostgreSQL that has this hub's directory as its own."""
        return [pid for pid in processes() if works_in(pid, self.data_dir)]


@contextmanager
def running_hub(hub: RunningHub) -> Iterator[RunningHub]:
    """Started, and ended with whatever it started."""
    try:
        hub.start()
        yield hub
    finally:
        if hub.process is not None and hub.process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                hub.stop()
            hub.process.kill()
            hub.process.wait()
        stop_running(hub.data_dir)
        hub.log.unlink(missing_ok=True)


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve().is_relative_to(folder.resolve())
    except OSError:
        return False


def settle(hub: RunningHub) -> None:
    """Ends the hub as an init system does, which judges all that waits, and starts it again."""
    assert hub.stop() == 0
    hub.start()
    behind = hub.fetch(
        "select s.device_id from device_state s left join (select key, until from evaluation_positions,"
        " lateral unnest(device_keys, judged_until) as each (key, until)) p on p.key = s.device_key"
        " where timestamptz 'epoch' + p.until * interval '1 microsecond' is distinct from s.last_sample_at"
    )
    assert behind == [], "a hub that ends in order has judged every device up to its newest sample"
