"""The files that the house consists of: what the house tests read."""

import os.path
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = ROOT / "system_a" / "solarhub"
TESTS = ROOT / "system_a" / "tests"


@cache
def files() -> tuple[Path, ...]:
    """Every file that git keeps or is about to."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = {ROOT / name for name in listing.split("\0") if name}
    return tuple(sorted(path for path in paths if path.is_file()))


def inside(folder: Path, *suffixes: str) -> list[Path]:
    """The files under a folder, all of them or those with one of the suffixes."""
    return [path for path in files() if path.is_relative_to(folder) and (not suffixes or path.suffix in suffixes)]


def name(path: Path) -> str:
    return os.path.relpath(path, ROOT)


def lines(path: Path) -> list[str]:
    """The lines of a text; none for a file that is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


def matches(pattern: str, paths: Iterable[Path]) -> Iterator[str]:
    """`file:line: text` for every line in which the regular expression is found."""
    found = re.compile(pattern)
    for path in paths:
        for number, line in enumerate(lines(path), 1):
            if found.search(line):
                yield f"{name(path)}:{number}: {line.strip()}"
