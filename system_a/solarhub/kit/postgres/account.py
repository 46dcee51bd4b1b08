"""Which user of the operating system PostgreSQL runs as: ourselves, or a service user when we are root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from solarhub.kit.postgres.errors import NoServiceUser

SERVICE_USER = "solarhub"

_SYSTEM_USER = (
    *("--system", "--user-group", "--no-create-home", "--home-dir", "/var/lib/solarhub"),
    *("--shell", "/usr/sbin/nologin", "--comment", "Solar Hub"),
)


class Identity(TypedDict, total=False):
    """The arguments of `subprocess` that choose a child's user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system, with the primary group."""

    name: str
    uid: int
    gid: int

    def is_us(self) -> bool:
        return self.uid == os.geteuid()

    def can(self, *command: str | Path) -> bool:
        """Whether this command ends well when this user runs it: asks the kernel, so that ACLs count too."""
        try:
            done = subprocess.run(
                command,
                cwd="/",
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=30,
                **self.identity(),
            )
        except OSError:  # the program itself cannot be reached
            return False
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        return self.can("/bin/sh", "-c", 'cd "$1"', "sh", folder)

    def identity(self) -> Identity:
        """Arguments of `subprocess` that make a child this user; none when we already are."""
        if self.is_us():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": os.getgrouplist(self.name, self.gid)}


def ourselves() -> Account:
    """Who this process is. initdb and peer authentication both want a name, so a number alone is refused."""
    return _account(os.geteuid())


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise NoServiceUser(
            f"User id {uid} has no entry in /etc/passwd, which PostgreSQL needs: run as a user that has one, "
            "or set SOLARHUB_DATABASE_URL to a PostgreSQL 14 or newer."
        ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def account_for(pgdata: Path) -> Account:
    """Who runs the server of this data directory: its owner if it exists, else ourselves or the service user."""
    if os.geteuid() != 0:
        return ourselves()
    try:
        owner = pgdata.stat().st_uid
    except FileNotFoundError:
        return service_account()
    return service_account() if owner == 0 else _account(owner)


def service_account() -> Account:
    """The user `solarhub`, made as a system user when the machine does not have it yet. Only root may ask."""
    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        entry = _create_service_user()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _create_service_user() -> pwd.struct_passwd:
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    refusal = f"PostgreSQL refuses to run as root and there is no user {SERVICE_USER!r} to run it as"
    if useradd is None:
        raise NoServiceUser(f"{refusal}, nor a useradd to create one: create that user, or start the hub as another.")
    done = subprocess.run(
        [useradd, *_SYSTEM_USER, SERVICE_USER],
        check=False,
        capture_output=True,
        text=True,
    )
    try:  # asked again whatever useradd said: another hub may have been quicker
        return pwd.getpwnam(SERVICE_USER)
    except KeyError:
        reason = " ".join(done.stderr.split()) or f"useradd ended with {done.returncode}"
        raise NoServiceUser(
            f"{refusal} ({reason}): create that user, or start the hub as a user other than root."
        ) from None
