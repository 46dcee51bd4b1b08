"""A data directory of PostgreSQL: created, closed to everybody but us, and configured."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from solarhub.kit.postgres.account import Account
from solarhub.kit.postgres.binaries import Binaries
from solarhub.kit.postgres.directory import Directory, give
from solarhub.kit.postgres.errors import StartFailed, UnusableDirectory, WrongDataVersion
from solarhub.kit.postgres.process import environment
from solarhub.kit.postgres.roles import LOGINS

ADMIN = "solarhub_admin"
"""The superuser that initdb creates: ours alone, for roles and migrations."""

_MAP = "solarhub"
READERS = "solarhub_readers"
"""Whoever is in this group proves it by a password: a dashboard is no user of this system."""

_SETTINGS: Mapping[str, str] = {
    # A COMMIT that we acknowledge is on the disk.
    "synchronous_commit": "on",
    "wal_compression": "on",
    # A new segment is not written full of zeros first: on an SD card that doubles what wears it out.
    "wal_init_zero": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    # Modest: this server shares a small machine with the hub.
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    # A client that is gone is noticed.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "client_connection_check_interval": "10s",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    # One log file for each day of the week.
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_lock_waits": "on",
    "log_timezone": "UTC",
}


def check_version(directory: Directory, binaries: Binaries) -> None:
    """Raises WrongDataVersion where another major version of PostgreSQL wrote the data."""
    try:
        found = (directory.pgdata / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return
    if found != str(binaries.version):
        raise WrongDataVersion(
            f"{directory.pgdata} was written by PostgreSQL {found} and this hub brings PostgreSQL {binaries.version}: "
            f"carry the data over with pg_dumpall of version {found} or pg_upgrade, or choose another data directory."
        )


def create(directory: Directory, binaries: Binaries) -> None:
    """Runs initdb beside the final place and renames, so that an interrupted one leaves nothing half-made."""
    if directory.pgdata.exists():
        if any(directory.pgdata.iterdir()):
            raise UnusableDirectory(
                f"{directory.pgdata} holds files but no database (there is no PG_VERSION): "
                "restore it from a backup, or choose another data directory."
            )
        directory.pgdata.rmdir()
    for abandoned in directory.root.glob("postgres.partial-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    # A name of its own: the initdb of a starter that was killed may still be writing to the last one.
    partial = Path(tempfile.mkdtemp(prefix="postgres.partial-", dir=directory.root))
    give(partial, directory.account)
    command: list[str | Path] = [
        binaries.program("initdb"),
        "-D",
        partial,
        "-U",
        ADMIN,
        "--encoding=UTF8",
        "--locale=C",
    ]
    command += ["--auth-local=peer", "--auth-host=reject", "--data-checksums", "--no-instructions"]
    if binaries.version >= 17:
        # Upper and lower case of every script, sorted alike on every machine.
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(
        command,
        cwd="/",
        env=environment(),
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        umask=0o077,
        **directory.account.identity(),
    )
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())
        shutil.rmtree(partial)
        raise StartFailed(f"PostgreSQL could not create its files in {directory.root}: {reason}")
    _write(partial / "local.conf", ["# Your own settings; they win over postgresql.conf."], directory.account)
    partial.rename(directory.pgdata)


def configure(directory: Directory, settings: Mapping[str, str]) -> None:
    """Writes postgresql.conf. What an operator adds belongs in local.conf, which is read last and never written."""
    lines = ["# Written by Solar Hub at every start; put your own settings into local.conf beside this file."]
    merged = {**_SETTINGS, "log_directory": str(directory.log), **settings}
    lines += [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in merged.items()]
    lines += ["include_if_exists = 'local.conf'"]
    _write(directory.pgdata / "postgresql.conf", lines, directory.account)
    _close_to_others(directory.pgdata, directory.account)


def _close_to_others(pgdata: Path, account: Account) -> None:
    """Writes who may connect: through the socket, users of this system that the map names; readers by password."""
    users = dict.fromkeys((account.name, "root"))  # root is the hub's own user, or could become it
    hba = [
        "# Written by Solar Hub at every start. Nobody is trusted, and no network is served.",
        "# TYPE  DATABASE     USER  METHOD",
        f"local   all          +{READERS}  scram-sha-256",
        f"local   all          all   peer map={_MAP}",
        f"local   replication  all   peer map={_MAP}",
    ]
    ident = ["# Written by Solar Hub at every start.", "# MAP  SYSTEM-USER  ROLE"]
    ident += [f'{_MAP}  "{user}"  {role}' for user in users for role in (ADMIN, *LOGINS)]
    _write(pgdata / "pg_hba.conf", hba, account)
    _write(pgdata / "pg_ident.conf", ident, account)


def _write(path: Path, lines: Iterable[str], account: Account) -> None:
    # A new file in place of the old: never through a link that somebody else put there.
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{line}\n" for line in lines)
        os.fchown(descriptor, account.uid, account.gid)
    partial.rename(path)
