"""Starts, joins, watches and stops the embedded PostgreSQL."""

import asyncio
import atexit
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

import asyncpg

from solarhub.kit.postgres import cluster, process
from solarhub.kit.postgres.binaries import Binaries, find_binaries, reachable
from solarhub.kit.postgres.directory import PORT, Directory
from solarhub.kit.postgres.errors import StartFailed
from solarhub.kit.postgres.probe import GOING_DOWN_OR_COMING_UP, Health, probe, wait_for
from solarhub.kit.postgres.roles import ensure_roles

Lifetime = Literal["owner", "detached"]
Progress = Callable[[str], None]

_log = logging.getLogger(__name__)


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
        self._turn = threading.RLock()  # a signal handler may stop() while stop() runs
        self._born_in = os.getpid()

    @property
    def socket_dir(self) -> Path:
        return self._directory.socket_dir()

    @property
    def pid(self) -> int | None:
        """The process id of the postmaster, or None when there is none (or it cannot be seen from here)."""
        return process.find_postmaster(self._directory.pgdata)

    @property
    def ends_with_owner(self) -> bool:
        """Whether it ends with the process that started it; False for a detached one."""
        return self._directory.ends_with_owner()

    def url(self, login: str = "solarhub_app", database: str = "solarhub") -> str:
        """libpq's form, through the socket. `login` is a role of roles.py or `solarhub_admin`."""
        return f"postgresql://{quote(login)}@/{quote(database, safe='')}?host={quote(str(self.socket_dir))}&port={PORT}"

    def alive(self) -> bool:
        """Whether it answers a statement now."""
        return self._health() is Health.ANSWERS

    def restart(self) -> None:
        """Brings back a server that has ended, with crash recovery; leaves one that runs as it is.

        Raises ServerTrouble when it cannot.
        """
        self._bring_up_again(self._stopping)

    async def watch(self, *, every_seconds: float = 0.5) -> None:
        """Restarts the server whenever it has ended, until stop() or cancellation. Run it as a task of the hub.

        Cancellation also gives up a restart that is under way: recovery may take longer than a hub that is to end.
        A server that is slow but there is left alone: killing it would only add a recovery to its troubles.
        """
        pause = every_seconds
        cancelled = threading.Event()
        broken_at: float | None = None
        while not self._stopping.is_set():
            await asyncio.sleep(pause)
            if not await asyncio.to_thread(self._has_ended) or self._stopping.is_set():
                continue
            if broken_at is None:
                broken_at = time.monotonic()
                _log.error("PostgreSQL has ended unexpectedly; starting it again")
            try:
                await asyncio.to_thread(self._bring_up_again, cancelled)
            except asyncio.CancelledError:
                cancelled.set()
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the next attempt may find it gone
                pause = min(pause * 2, 30.0)
                _log.warning("PostgreSQL could not be started again, next attempt in %.0f s: %s", pause, error)
                continue
            _log.warning("PostgreSQL is back after %.1f s", time.monotonic() - broken_at)
            pause, broken_at = every_seconds, None

    def stop(self, *, patience_seconds: float = 45.0) -> None:
        """Shuts down fast but cleanly: sessions are cut, everything committed is on disk. Does nothing when joined.

        What takes longer than `patience_seconds` is cut off; the next start then recovers as from a crash.
        """
        if os.getpid() != self._born_in:  # a fork of the owner does not own
            return
        self._stopping.set()
        with self._turn:
            if self._process is not None:
                self._end_own(patience_seconds)
                self._directory.drop_socket_dir()
            self._drop_ownership()
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _bring_up_again(self, cancelled: threading.Event) -> None:
        with self._turn, self._directory.explained():
            if self._stopping.is_set():
                return
            waiting = _Patience(self._start_seconds, self._tell, (self._stopping, cancelled))
            with self._start_lock(waiting):
                cluster.check_version(self._directory, self.binaries)
                while not self._has_server_and_roles(waiting):
                    waiting.pause("Waiting for a PostgreSQL that was about to end")

    def _has_server_and_roles(self, waiting: "_Patience") -> bool:
        """Joins or starts a server and prepares it. False when it went away meanwhile, as that of a killed hub does."""
        if not self._join(waiting):
            self._launch(waiting)
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        self.joined = self._process is None
        try:
            wait_for(ensure_roles(self.url(cluster.ADMIN, "postgres")))
        except (OSError, asyncpg.InterfaceError, *GOING_DOWN_OR_COMING_UP):
            return False
        except asyncpg.PostgresError as error:
            raise StartFailed(f"PostgreSQL runs, but its roles could not be prepared: {error}") from error
        return True

    @contextmanager
    def _start_lock(self, waiting: "_Patience") -> Iterator[None]:
        while (descriptor := self._directory.try_lock("start")) is None:
            waiting.pause("Waiting for another starter on this directory")
        try:
            yield
        finally:
            os.close(descriptor)

    def _join(self, waiting: "_Patience") -> bool:
        """Whether there is a server to use; waits for one that is starting, and for one that is ending to be gone."""
        while True:
            health, pid = self._health(), self.pid
            if pid is None and health is Health.ABSENT:
                return False
            if pid is not None and self._directory.owner_is_gone():
                # The order that the kernel gives on Linux, for systems that do not.
                process.send(pid, signal.SIGINT)
                waiting.pause("Waiting for the PostgreSQL of a hub that has ended to shut down")
            elif health is Health.ANSWERS:
                return True
            else:
                waiting.pause("Waiting for the running PostgreSQL to answer")

    def _launch(self, waiting: "_Patience") -> None:
        directory = self._directory
        programs = reachable(self.binaries, directory.account, directory.server)
        if not (directory.pgdata / "PG_VERSION").exists():
            self._tell(f"Creating a new database in {directory.root}")
            cluster.create(directory, programs)
        process.end_strays(directory.pgdata)
        while (alive := directory.try_lock("server")) is None:
            waiting.pause("Waiting for the last processes of the previous PostgreSQL to end")
        try:
            cluster.configure(directory, self._settings)
            # Whoever it names is no server of this directory: none is alive.
            (directory.pgdata / "postmaster.pid").unlink(missing_ok=True)
            self._drop_ownership()
            self._ownership = directory.take_ownership(self._lifetime)
            output = directory.open_start_log()
            try:
                self._process = process.launch(
                    self._command(programs),
                    directory.account,
                    output=output,
                    keep_open=alive,
                    ends_with_us=self._lifetime == "owner",
                )
            finally:
                os.close(output)
        finally:
            os.close(alive)
        if self._lifetime == "owner":
            atexit.register(self.stop)
        self._wait_until_it_answers(self._process, waiting)

    def _command(self, programs: Binaries) -> list[str | Path]:
        """What must not be changed stands here: the command line wins over every file."""
        socket_dir = str(self._directory.socket_dir(create=True)).replace('"', '""')
        return [
            *(programs.program("postgres"), "-D", self._directory.pgdata),
            *("-c", "listen_addresses=", "-c", f"port={PORT}"),
            *("-c", f'unix_socket_directories="{socket_dir}"', "-c", "unix_socket_permissions=0700"),
        ]

    def _wait_until_it_answers(self, own: subprocess.Popen[bytes], waiting: "_Patience") -> None:
        while self._health() is not Health.ANSWERS:
            if own.poll() is not None:
                reason = self._directory.last_words()
                raise StartFailed(f"PostgreSQL did not start: {reason} (its log is in {self._directory.log}).")
            try:
                waiting.pause("Waiting for PostgreSQL to be ready; after a crash it repeats what was not written")
            except BaseException:
                self._end_own()
                raise

    def _end_own(self, patience: float = 45.0) -> None:
        own, self._process = self._process, None
        if own is not None:
            process.end(own.pid, lambda: own.poll() is not None, patience)
            process.end_strays(self._directory.pgdata)

    def _drop_ownership(self) -> None:
        if self._ownership is not None:
            os.ftruncate(self._ownership, 0)  # whoever starts the server next, it does not end with us
            os.close(self._ownership)
            self._ownership = None

    def _health(self) -> Health:
        if not self._directory.has_socket():
            return Health.ABSENT
        return wait_for(probe(self.url(cluster.ADMIN, "postgres")))

    def _has_ended(self) -> bool:
        if self._process is not None:
            return self._process.poll() is not None
        return self.pid is None and self._health() is not Health.ANSWERS


class _Patience:
    """Waits in small steps up to a limit, and says once a second what for."""

    def __init__(self, seconds: float, tell: Progress, enough: Iterable[threading.Event]) -> None:
        self._began = self._told = time.monotonic()
        self._seconds = seconds
        self._tell = tell
        self._enough = enough

    def pause(self, what_for: str) -> None:
        """Raises StartFailed when the limit is reached or nobody waits any more."""
        now = time.monotonic()
        if now - self._began > self._seconds:
            raise StartFailed(f"{what_for}: nothing came of it in {self._seconds:.0f} s.")
        if now - self._told >= 1:
            self._told = now
            self._tell(f"{what_for} ({now - self._began:.0f} s)")
        time.sleep(0.05)
        if any(event.is_set() for event in self._enough):
            raise StartFailed("PostgreSQL was told to stop before it was ready.")


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
    Raises ServerTrouble: its subclasses say why.
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


def attach(data_dir: Path, *, binaries: Binaries | None = None) -> Server:
    """A handle on whatever runs on `data_dir`, or does not: starts nothing. Raises ServerTrouble."""
    return Server(Directory(data_dir), binaries or find_binaries())


def stop_running(data_dir: Path) -> int | None:
    """Stops the server of a data directory, whoever started it; its process id, or None when there was none."""
    directory = Directory(data_dir)
    pid = process.find_postmaster(directory.pgdata)
    if pid is not None:
        process.end(pid, lambda: process.find_postmaster(directory.pgdata) != pid)
        process.end_strays(directory.pgdata)
        directory.drop_socket_dir()
    return pid
