"""The data directory: what lies where, whose it is, and the locks that keep two starters apart.

    DIR/README.txt     marks the directory as ours
    DIR/postgres/      PostgreSQL's own files (PGDATA)
    DIR/run/           the unix socket, or the name of the folder that holds it where DIR is too long for one
    DIR/log/           the server's log, one file for each day of the week
    DIR/server/        a copy of the programs, where the service user cannot reach the installed ones
    DIR/hub.lock       held by the hub
    DIR/start.lock     held while somebody decides whether to join, start or stop the server
    DIR/owner.lock     held by the process that the server ends with
    DIR/server.lock    held by every process of the server

The locks are the kernel's (flock): they end with their holder, however that ends, and are seen across containers.
"""

import contextlib
import fcntl
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from solarhub.kit.postgres.account import Account, account_for
from solarhub.kit.postgres.errors import HubAlreadyRunning, UnusableDirectory

PORT = 5432
"""No network is served; the number is part of the socket's name."""

_SOCKET_NAME = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103  # bytes, of sockaddr_un without its final zero
_MARK = "This folder belongs to Solar Hub"
_README = f"""{_MARK}.

postgres/  the database; never edit or copy it while the hub runs
run/       the database's socket
log/       the database's log
server/    the database's programs, where they had to be copied
"""


def default_data_dir() -> Path:
    """`$SOLARHUB_DATA_DIR`, else /var/lib/solarhub for root, else `solarhub` in the user's XDG data directory."""
    if chosen := os.environ.get("SOLARHUB_DATA_DIR"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/solarhub")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "solarhub"


def has_database(data_dir: Path) -> bool:
    """Whether somebody has made a database there; looks only. Raises UnusableDirectory."""
    with _explained(data_dir):
        return (data_dir / "postgres" / "PG_VERSION").exists()


@contextmanager
def _explained(root: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise UnusableDirectory(
            f"The data directory {root} is closed to you ({error.strerror}: {error.filename}): "
            "run the command as the user who owns it, or choose another directory."
        ) from error
    except (NotADirectoryError, FileExistsError) as error:
        raise UnusableDirectory(f"The data directory {root} is not a folder: choose another.") from error


class Directory:
    """A data directory that exists, and that we and the user who runs PostgreSQL can enter."""

    def __init__(self, root: Path) -> None:
        """Creates what is missing. Raises UnusableDirectory, NoServiceUser."""
        self.root = root.absolute()
        self.pgdata = self.root / "postgres"
        self.run = self.root / "run"
        self.log = self.root / "log"
        self.server = self.root / "server"
        with self.explained():
            self.account = account_for(self.pgdata)
            self._claim()
            for folder in (self.run, self.log):
                if not folder.exists():
                    folder.mkdir(mode=0o700)
                    give(folder, self.account)

    def explained(self) -> AbstractContextManager[None]:
        """Turns what the file system refuses inside into UnusableDirectory."""
        return _explained(self.root)

    def _claim(self) -> None:
        """Takes a new or empty folder for our own; a folder that holds anything else keeps its owner and mode."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        readme = self.root / "README.txt"
        ours = not any(self.root.iterdir())
        if ours:
            readme.write_text(_README)
        elif readme.is_file():
            ours = readme.read_text(errors="replace").startswith(_MARK)
        if self.account.is_us():
            return
        if ours and self.root.stat().st_uid == os.geteuid():
            # The service user may pass and look, no more: the hub keeps its secrets in this folder.
            os.chown(self.root, -1, self.account.gid)
            self.root.chmod(0o750)
        if not self.account.can_enter(self.root):
            way = [*reversed(self.root.parents), self.root]
            closed = next(folder for folder in way if not self.account.can_enter(folder))
            raise UnusableDirectory(
                f"PostgreSQL runs as the user {self.account.name}, who cannot enter {closed}: choose a data directory "
                "that it can reach, such as /var/lib/solarhub; the hub does not open other folders' permissions."
            )

    def socket_dir(self, *, create: bool = False) -> Path:
        """The folder of the unix socket: `run/`, or a private one with a short name that `run/` records."""
        if len(os.fsencode(self.run / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH and "," not in str(self.run):
            return self.run  # a comma would make two hosts of it in a URL
        record = self.run / "socket_dir"
        recorded = Path(record.read_text()) if record.exists() else None
        if recorded is not None and (not create or _is_private(recorded, self.account)):
            return recorded
        if not create:
            return self.run
        short = Path(tempfile.mkdtemp(prefix="solarhub-", dir=_runtime_dir()))
        give(short, self.account)
        record.unlink(missing_ok=True)
        record.write_text(str(short))
        return short

    def has_socket(self) -> bool:
        """Whether there is a socket at all; whether anybody listens on it is another question."""
        return (self.socket_dir() / _SOCKET_NAME).exists()

    def drop_socket_dir(self) -> None:
        """Removes a short socket folder after its server has stopped."""
        short = self.socket_dir()
        if short != self.run and _is_private(short, self.account):
            shutil.rmtree(short)

    def open_start_log(self) -> int:
        """Where the server writes until its own log is open."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self.log / "start.log", flags, 0o600)
        os.fchown(descriptor, self.account.uid, self.account.gid)
        return descriptor

    def last_words(self) -> str:
        """The server's own reason why it ended, from the log it wrote last; what it told clients is another matter."""
        for path in sorted(self.log.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True):
            for line in reversed(path.read_text(errors="replace").splitlines()):
                if found := re.search(r"\[\d+\] (?:FATAL|PANIC): +(.*)", line):
                    return found[1]
        return "it gave no reason"

    def try_lock(self, name: str, *, shared: bool = False) -> int | None:
        """Takes `name`.lock: its open descriptor, or None when somebody else holds it. Closing it lets go."""
        descriptor = self.open_lock(name)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def open_lock(self, name: str) -> int:
        descriptor = os.open(self.root / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._share(descriptor)
        return descriptor

    def _share(self, descriptor: int) -> None:
        """Lets the service user read and lock a file of ours, so that commands can also be given as that user."""
        if not self.account.is_us() and os.fstat(descriptor).st_uid == os.geteuid():
            os.fchown(descriptor, -1, self.account.gid)
            os.fchmod(descriptor, 0o660)

    def take_ownership(self, lifetime: str) -> int:
        """Says for others whether the server ends with us, for as long as the returned descriptor is open."""
        # A new file each time: a hub whose server was replaced by ours keeps its lock, on a file that nobody sees.
        descriptor, name = tempfile.mkstemp(prefix="owner.", dir=self.root)
        self._share(descriptor)
        os.write(descriptor, lifetime.encode())
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        Path(name).rename(self.root / "owner.lock")
        return descriptor

    def ends_with_owner(self) -> bool:
        """Whether the server was started to end with the process that started it."""
        try:
            return (self.root / "owner.lock").read_text() == "owner"
        except FileNotFoundError:
            return False

    def owner_is_gone(self) -> bool:
        """Whether the server was to end with a process that has ended."""
        descriptor = self.try_lock("owner", shared=True)
        if descriptor is not None:
            os.close(descriptor)
        return descriptor is not None and self.ends_with_owner()


def _runtime_dir() -> Path:
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    if os.geteuid() != 0 and own and len(os.fsencode(own)) < 60 and Path(own).is_dir():
        return Path(own)
    # mkdtemp makes a private folder with a name that cannot be foreseen in either.
    return Path("/run") if os.geteuid() == 0 and Path("/run").is_dir() else Path("/tmp")  # noqa: S108


def _is_private(folder: Path, account: Account) -> bool:
    with contextlib.suppress(FileNotFoundError):
        found = folder.lstat()
        return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and not stat.S_IMODE(found.st_mode) & 0o077
    return False


def give(path: Path, account: Account) -> None:
    """Makes `account` the owner of something we have just created."""
    if not account.is_us():
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


@contextmanager
def hub_lock(data_dir: Path) -> Iterator[None]:
    """Makes this process the one hub of a data directory; the kernel lets go when the process ends, however it ends.

    Raises HubAlreadyRunning, UnusableDirectory, NoServiceUser.
    """
    directory = Directory(data_dir)
    with directory.explained():
        descriptor = directory.try_lock("hub")
    if descriptor is None:
        pid = (directory.root / "hub.lock").read_text().strip() or "unknown"
        raise HubAlreadyRunning(
            f"Another hub (process {pid}) is running on {directory.root}: "
            "stop it first, or give this one its own --data-dir.",
            pid,
        )
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
