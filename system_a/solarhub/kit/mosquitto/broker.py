"""mosquitto under our supervision: started, started again when it has ended, told of users, and ended with the hub.

DIR/mosquitto.conf   made anew at each start
DIR/passwords        of every device that has a token, hashed, and of the hub itself
DIR/acl              who may say what
DIR/mosquitto.db     sessions, and what waits in them
DIR/mosquitto.log
DIR/tls/             a copy of the hub's certificate and key
"""

import asyncio
import atexit
import errno
import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import structlog

from solarhub.kit.mosquitto.configuration import ACL, HUB, Listener, configuration
from solarhub.kit.mosquitto.passwords import hashed
from solarhub.kit.postgres.account import Account
from solarhub.kit.postgres.process import launch

log = structlog.get_logger(__name__)

NOT_INSTALLED = (
    "mosquitto is not installed on this machine. Debian, Ubuntu, Raspberry Pi OS: apt install mosquitto; Fedora: dnf"
    " install mosquitto; macOS: brew install mosquitto. Debian then runs one of its own on port 1883: end it with"
    " systemctl disable --now mosquitto, or let the hub's use another --mqtt-port."
)
_USUAL = Path(__file__).with_name("mosquitto.conf")
_START_SECONDS = 120.0
_PATIENCE_SECONDS = 30.0
_PORT_SECONDS = 5.0
_LOG_BYTES = 10 * 2**20
_CERTIFICATE_EVERY_SECONDS = 60.0


class BrokerTrouble(Exception):  # noqa: N818 - says what is the matter
    """The broker cannot be run; the sentence says why."""


def find_mosquitto() -> Path:
    """The program. Raises BrokerTrouble where there is none, or one that is too old."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
    found = shutil.which("mosquitto", path=path)
    if found is None:
        raise BrokerTrouble(NOT_INSTALLED)
    told = subprocess.run([found, "-h"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"version (\d+)\.(\d+)", told)
    if version is None or int(version[1]) < 2:
        raise BrokerTrouble(f"{found} is older than mosquitto 2, which the hub's broker needs: renew it.")
    return Path(found)


class Broker:
    """A mosquitto of the hub's own. The hub is its user `solarhub`, whose password is drawn anew at each start."""

    def __init__(
        self,
        folder: Path,
        account: Account,
        *,
        host: str,
        port: int,
        tls: Listener | None = None,
    ) -> None:
        """`account` owns the folder and runs it; `tls` is where devices of the network come in, with the hub's files.

        Raises BrokerTrouble.
        """
        self.password = secrets.token_urlsafe(32)
        self.port = port
        self.host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, "127.0.0.1")  # noqa: S104 - as somebody chose
        """Where the hub itself reaches it."""
        self._program = find_mosquitto()
        self._folder = folder.absolute()
        self._account = account
        self._plain = [Listener(host, port)]
        if host not in ("127.0.0.1", "localhost", "0.0.0.0", "::"):  # noqa: S104 - the same
            self._plain.append(Listener(self.host, port))
        self._tls = tls
        self._process: subprocess.Popen[bytes] | None = None
        self._users: dict[str, str] = {}
        self._certificate_seen: tuple[int, ...] = ()

    def __enter__(self) -> Self:
        self._prepare()
        self._launch()
        atexit.register(self.stop)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def give_users(self, hashes: Mapping[str, str]) -> None:
        """These may connect from now on, with the passwords of which these are the hashes, and nobody else.

        Whoever is connected already stays so.
        """
        if self._users == hashes:
            return
        self._users = dict(hashes)
        self._write_passwords()
        self._signal(signal.SIGHUP)

    async def watch(self, *, every_seconds: float = 0.5) -> None:
        """Starts it again whenever it has ended, and hands on a renewed certificate; until cancellation."""
        pause, looked_at = every_seconds, time.monotonic()
        while True:
            await asyncio.sleep(pause)
            if self._process is not None and self._process.poll() is None:
                pause = every_seconds
                if time.monotonic() - looked_at > _CERTIFICATE_EVERY_SECONDS:
                    looked_at = time.monotonic()
                    if self._copy_certificate():
                        self._signal(signal.SIGHUP)
                continue
            log.error("the MQTT broker has ended unexpectedly; starting it again", reason=self._last_words())
            try:
                await asyncio.to_thread(self._launch)
            except BrokerTrouble as trouble:
                pause = min(pause * 2, 30.0)
                log.warning("the MQTT broker could not be started again", reason=str(trouble), next_in_seconds=pause)

    def stop(self) -> None:
        """It writes what waits in it to the disk, and ends."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        atexit.unregister(self.stop)

    # ------------------------------------------------------------------------------------------------------- files

    def _prepare(self) -> None:
        tls = self._folder / "tls"
        for place in (self._folder, tls):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._give(place)
        if not self._account.is_us() and not self._account.can_enter(self._folder):
            raise BrokerTrouble(
                f"The MQTT broker runs as the user {self._account.name}, who cannot enter {self._folder}: choose a data"
                " directory that it can reach, such as /var/lib/solarhub."
            )
        self._copy_certificate()
        listeners = list(self._plain)
        if self._tls is not None:
            listeners.append(Listener(self._tls.host, self._tls.port, tls / "server.crt", tls / "server.key"))
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        text = configuration(_USUAL.read_text("utf-8"), self._folder, listeners, memory)
        self._write("mosquitto.conf", text.encode())
        self._write("acl", ACL.encode())
        with suppress(FileNotFoundError):  # whoever could connect before can do so at once
            lines = (self._folder / "passwords").read_text("utf-8").splitlines()
            self._users = dict(line.split(":", 1) for line in lines if ":" in line)
        self._write_passwords()

    def _write_passwords(self) -> None:
        users = self._users | {HUB: hashed(self.password)}
        self._write("passwords", "".join(f"{name}:{password}\n" for name, password in users.items()).encode())

    def _copy_certificate(self) -> bool:
        """Whether there was a new one: the user who runs it cannot read the hub's own files."""
        if self._tls is None or self._tls.certificate is None:
            return False
        files = {"server.crt": self._tls.certificate, "server.key": self._tls.key or self._tls.certificate}
        seen = tuple(path.stat().st_mtime_ns for path in files.values() if path.exists())
        if seen == self._certificate_seen:
            return False
        for name, path in files.items():
            self._write(f"tls/{name}", path.read_bytes())
        self._certificate_seen = seen
        return True

    def _write(self, name: str, content: bytes) -> None:
        """Replaces a file as a whole; only its owner reads it."""
        path = self._folder / name
        beside = path.with_name(f"{path.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        self._give(beside)
        beside.replace(path)

    def _give(self, path: Path) -> None:
        if not self._account.is_us():
            os.chown(path, self._account.uid, self._account.gid)

    # ----------------------------------------------------------------------------------------------------- process

    def _launch(self) -> None:
        """Returns when it takes connections. Raises BrokerTrouble."""
        alive = self._wait_until_free()
        path = self._folder / "mosquitto.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.unlink()
        command: list[str | Path] = [self._program, "-c", self._folder / "mosquitto.conf"]
        try:
            path.touch(mode=0o600)
            with path.open("ab") as output:
                begin = output.tell()
                process = launch(command, self._account, output=output.fileno(), keep_open=alive, ends_with_us=True)
        finally:
            os.close(alive)
        end = time.monotonic() + _START_SECONDS
        while not _answers(self.host, self.port):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                process.wait()
                raise BrokerTrouble(f"The MQTT broker did not start: {self._last_words(begin)} (its log is {path}).")
            time.sleep(0.02)
        self._process = process

    def _wait_until_free(self) -> int:
        """A lock that the next broker holds while it lives. Raises BrokerTrouble.

        The broker of a hub that was killed closes its port, and then writes what waits to the disk: one that were
        started before would read what was there earlier.
        """
        alive = os.open(self._folder / "broker.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        trouble = None
        if not _comes_true(lambda: _is_locked_by_us(alive), _START_SECONDS):
            trouble = f"Another broker works in {self._folder}, and does not end."
        for listener in self._plain if trouble is None else ():
            if not _comes_true(partial(_is_free, listener), _PORT_SECONDS):
                trouble = (
                    f"Something else listens on {listener.host} port {listener.port}, perhaps a broker of this"
                    " machine's own: end it, or choose another --mqtt-port."
                )
        if trouble is not None:
            os.close(alive)
            raise BrokerTrouble(trouble)
        return alive

    def _signal(self, word: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(word)

    def _last_words(self, begin: int = 0) -> str:
        try:
            with (self._folder / "mosquitto.log").open("rb") as file:
                file.seek(begin)
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        told = [re.sub(r"^\d+: ", "", line) for line in lines if "Error" in line] or lines[-1:]
        return " ".join(told[-2:]).strip() or "it said nothing"


def _comes_true(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def _is_locked_by_us(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_free(listener: Listener) -> bool:
    family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listener.host, listener.port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
