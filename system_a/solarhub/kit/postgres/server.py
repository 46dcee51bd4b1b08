"""Starts, joins, watches and stops the embedded PostgreSQL."""

import asyncio
import atexit
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from solarhub.kit.postgres import cluster, process
from solarhub.kit.postgres.binaries import Binaries, find_binaries, reachable
from solarhub.kit.postgres.directory import PORT, Directory
from solarhub.kit.postgres.errors import StartFailed
from solarhub.kit.postgres.probe import Health, probe, wait_for
from solarhub.kit.postgres.roles import ensure_roles

Lifetime = Literal["owner", "detached"]
Progress = Callable[[str], None]

_log = logging.getLogger(__name__)

_FAST_STOP_SECONDS = 60.0
_IMMEDIATE_STOP_SECONDS = 15.0
_STILL_IN_USE = "is still in use"


class Server:
    """A running server. `joined` says that somebody else started it; then stop() leaves it alone.

    One thread may call restart() while another calls stop(): stopping wins.
    """

    def __init__(
        self,
        directory: Directory,
        binaries: Binaries,
        *,
        lifetime: Lifetime = "owner",
        settings: Mapping[str, str] | None = None,
        start_seconds: float = 600.0,
        on_progress: Progress | None = None,
    ) -> None:
        self.data_dir = directory.root
        self.binaries = binaries
        self.joined = True
        self._directory = directory
        self._lifetime = lifetime
        self._settings = settings or {}
        self._start_seconds = start_seconds
        self._tell = on_progress or (lambda _sentence: None)
        self._process: subprocess.Popen[bytes] | None = None
        self._ownership: int | None = None
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._born_in = os.getpid()

    @property
    def socket_dir(self) -> Path:
        return self._directory.socket_dir()

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, or None when there is none (or it cannot be seen from here)."""
        return process.find_postmaster(self._directory.pgdata)

    def url(self, login: str = "solarhub_app", database: str = "solarhub") -> str:
        """libpq's form, through the socket. `login` is a role of roles.py or `solarhub_admin`."""
        return f"postgresql://{quote(login)}@/{quote(database, safe='')}?host={quote(str(self.socket_dir))}"

    def alive(self) -> bool:
        """Whether it answers a statement now."""
        return self._health() is Health.ANSWERS

    def restart(self) -> None:
        """Brings back a server that has ended, with crash recovery; leaves one that runs as it is.

        Raises EmbeddedServerError when it cannot.
        """
        with self._turn:
            if not self._stopping.is_set():
                self._bring_up()

    async def watch(self, *, every_seconds: float = 0.5) -> None:
        """Restarts the server whenever it has ended, until stop() or cancellation. Run it as a task of the hub.

        A server that is slow but there is left alone: killing it would only add a recovery to its troubles.
        """
        pause = every_seconds
        broken_at: float | None = None
        while not self._stopping.is_set():
            await asyncio.sleep(pause)
            if not await asyncio.to_thread(self._has_ended):
                continue
            if broken_at is None:
                broken_at = time.monotonic()
                _log.error("PostgreSQL has ended unexpectedly; starting it again")
            try:
                await asyncio.to_thread(self.restart)
            except Exception:
                pause = min(pause * 2, 30.0)
                _log.exception("PostgreSQL could not be started again; next attempt in %.0f s", pause)
                continue
            _log.warning("PostgreSQL is back after %.1f s", time.monotonic() - broken_at)
            pause, broken_at = every_seconds, None

    def stop(self) -> None:
        """Shuts down fast but cleanly: sessions are cut, everything committed is on disk. Does nothing when joined."""
        if os.getpid() != self._born_in:  # a fork of the owner does not own
            return
        self._stopping.set()
        with self._turn:
            if self._process is not None:
                end(self._process.pid, lambda: self._process is None or self._process.poll() is not None)
                process.end_strays(self._directory.pgdata)
                self._process = None
                self._directory.drop_socket_dir()
            if self._ownership is not None:
                os.close(self._ownership)
                self._ownership = None
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _bring_up(self) -> None:
        with self._directory.start_lock():
            cluster.check_version(self._directory, self.binaries)
            if not self._join():
                self._launch()
            own = self._process
            self.joined = own is None or own.poll() is not None
            wait_for(ensure_roles(self.url(cluster.ADMIN, "postgres")))

    def _join(self) -> bool:
        """Whether there is a server to use; waits for one that is starting, and for one that is ending to be gone."""
        waiting = _Patience(self._start_seconds, self._tell)
        while True:
            health, pid = self._health(), self.pid
            if pid is None and health is not Health.ANSWERS:
                return False
            if pid is not None and self._directory.owner_is_gone():
                waiting.pause("Waiting for the server of a hub that has ended to shut down")
                process.send(pid, signal.SIGINT)
            elif health is Health.ANSWERS:
                return True
            else:
                waiting.pause("Waiting for the running PostgreSQL to answer")

    def _launch(self) -> None:
        directory = self._directory
        programs = reachable(self.binaries, directory.account, directory.server)
        if not (directory.pgdata / "PG_VERSION").exists():
            self._tell(f"Creating a new database in {directory.root}")
            cluster.create(directory, programs)
        process.end_strays(directory.pgdata)
        cluster.configure(directory, self._settings)
        socket_dir = str(directory.socket_dir(create=True)).replace('"', '""')
        command = [
            programs.program("postgres"),
            "-D",
            directory.pgdata,
            "-c",
            "listen_addresses=",
            "-c",
            f"port={PORT}",
        ]
        command += ["-c", f'unix_socket_directories="{socket_dir}"', "-c", "unix_socket_permissions=0700"]
        if self._ownership is None:
            self._ownership = directory.take_ownership(self._lifetime)
        waiting = _Patience(self._start_seconds, self._tell)
        while not self._comes_up(command, waiting):
            waiting.pause("Waiting for the last processes of the previous server to end")
        if self._lifetime == "owner":
            atexit.register(self.stop)

    def _comes_up(self, command: list[str | Path], waiting: "_Patience") -> bool:
        """Starts the server and waits until it answers. False: the memory of a previous one is still in use."""
        directory = self._directory
        # Whoever it names is not a server of this directory: we have just looked.
        (directory.pgdata / "postmaster.pid").unlink(missing_ok=True)
        output = directory.open_start_log()
        try:
            self._process = own = process.launch(
                command, directory.account, output, ends_with_us=self._lifetime == "owner"
            )
        finally:
            os.close(output)
        try:
            while self._health() is not Health.ANSWERS:
                if own.poll() is not None:
                    reason = directory.last_words()
                    if _STILL_IN_USE in reason:
                        return False
                    raise StartFailed(f"PostgreSQL did not start: {reason} (its log is in {directory.log}).")
                if self._stopping.is_set():
                    raise StartFailed("PostgreSQL was told to stop while it was starting.")
                waiting.pause("Waiting for PostgreSQL to be ready; after a crash it first repeats what was not written")
        except BaseException:
            end(own.pid, lambda: own.poll() is not None)
            raise
        return True

    def _health(self) -> Health:
        return wait_for(probe(self.url(cluster.ADMIN, "postgres")))

    def _has_ended(self) -> bool:
        if self._process is not None and not self.joined:
            return self._process.poll() is not None
        return self.pid is None and self._health() is not Health.ANSWERS


class _Patience:
    """Waits in small steps up to a limit, and says once a second what for."""

    def __init__(self, seconds: float, tell: Progress) -> None:
        self._began = self._told = time.monotonic()
        self._seconds = seconds
        self._tell = tell

    def pause(self, what_for: str) -> None:
        now = time.monotonic()
        if now - self._began > self._seconds:
            raise StartFailed(f"{what_for}: nothing came of it in {self._seconds:.0f} s.")
        if now - self._told >= 1:
            self._told = now
            self._tell(f"{what_for} ({now - self._began:.0f} s)")
        time.sleep(0.05)


def start(
    data_dir: Path,
    *,
    binaries: Binaries | None = None,
    lifetime: Lifetime = "owner",
    on_progress: Progress | None = None,
    settings: Mapping[str, str] | None = None,
    start_seconds: float = 600.0,
) -> Server:
    """Joins the server that runs on `data_dir`, or creates what is missing and starts one; roles and database included.

    With lifetime "owner" the server ends with this process, however it ends; a "detached" one stays until stopped.
    `settings` are added to postgresql.conf; `start_seconds` bounds the wait, crash recovery included.
    Raises EmbeddedServerError: its subclasses say why.
    """
    server = Server(
        Directory(data_dir),
        binaries or find_binaries(),
        lifetime=lifetime,
        settings=settings,
        start_seconds=start_seconds,
        on_progress=on_progress,
    )
    try:
        server.restart()
    except BaseException:
        server.stop()
        raise
    return server


def end(pid: int, has_ended: Callable[[], bool]) -> None:
    """Fast shutdown; immediate when that takes too long; kill as the last resort."""
    for word, seconds in (
        (signal.SIGINT, _FAST_STOP_SECONDS),
        (signal.SIGQUIT, _IMMEDIATE_STOP_SECONDS),
        (signal.SIGKILL, _IMMEDIATE_STOP_SECONDS),
    ):
        process.send(pid, word)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if has_ended():
                return
            time.sleep(0.02)
