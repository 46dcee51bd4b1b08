"""Whoever silences a checker says why, in the same line or in the comment above it."""

import re
from itertools import pairwise
from pathlib import Path

from tests.house.tree import ROOT, files, lines, name

SILENCER = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma|nosec)\b(?::|\[)?(?P<rest>.*)")
REASON = re.compile(r"[a-z]+\s+[a-z]{2,}", re.IGNORECASE)
CODES = re.compile(r"^[\s:\]]*([A-Z]+\d+[,\s]*|[a-z]+(-[a-z]+)+[,\s\]]*)*")
SELF = Path(__file__)


def unexplained(path: Path) -> list[str]:
    places = []
    for number, (above, line) in enumerate(pairwise(["", *lines(path)]), 1):
        found = SILENCER.search(line)
        if found and not REASON.search(CODES.sub("", found["rest"])) and not above.strip().startswith("#"):
            places.append(f"{name(path)}:{number}: {line.strip()}")
    return places


def test_every_silenced_check_says_why() -> None:
    sources = [path for path in files() if path.suffix == ".py" and path != SELF]

    assert [place for path in sources for place in unexplained(path)] == []


def test_every_ignored_rule_says_why() -> None:
    """In the settings of ruff each rule that is left out stands on a line of its own, with its reason."""
    silent = []
    for path in (ROOT / "ruff.toml", ROOT / "system_a" / "pyproject.toml"):
        block = re.search(r"^ignore = \[.*?^\]", path.read_text(), re.DOTALL | re.MULTILINE)
        per_file = re.search(
            r"^\[(tool\.ruff\.)?lint\.per-file-ignores\].*?(?=^\[|\Z)", path.read_text(), re.DOTALL | re.MULTILINE
        )
        text = "\n".join(found[0] for found in (block, per_file) if found)
        silent += [line.strip() for line in text.splitlines() if re.search(r'"[A-Z]+\d*"', line) and "#" not in line]

    assert silent == []


def test_a_silenced_check_without_a_reason_would_be_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "a = 1  # noqa: S608\n"
        "b = 2  # noqa: S608, RUF100  names come from the catalogue\n"
        "c = 3  # type: ignore[no-untyped-call]\n"
        "d = 4  # type: ignore[arg-type]  # the driver accepts it\n"
        "# the driver accepts it\n"
        "e = 5  # type: ignore[arg-type]\n"
    )

    assert [place.split(":")[1] for place in unexplained(planted)] == ["1", "3"]
