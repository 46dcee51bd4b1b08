"""The documents lead somewhere: their links, their commands, and what CI runs."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import ROOT, files, lines, name

MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
DOCUMENTS = [path for path in files() if path.suffix == ".md"]
LIVING = [path for path in DOCUMENTS if path.parent.name != "decisions" and path.name != "CHANGELOG.md"]
"""What tells how things are; a decision and a change tell how they were."""


def fenced(path: Path) -> list[list[str]]:
    """The commands of each fenced block of a document, without their comments."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [[line.split("#")[0].strip() for line in block.splitlines() if line.strip()] for block in blocks]


def broken_links(path: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)", text)
    local = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
    return [f"{name(path)}: {target}" for target in local if not (path.parent / target).exists()]


def test_every_relative_link_leads_to_a_file() -> None:
    assert [link for path in DOCUMENTS for link in broken_links(path)] == []


def test_a_broken_link_would_be_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.md"
    planted.write_text("See [this](planted.md#top), [that](gone.md) and [there](https://example.org/gone.md).\n")

    assert [link.split(": ")[1] for link in broken_links(planted)] == ["gone.md"]


def missing_paths(document: Path) -> set[str]:
    """Files that a document names in backquotes, from the root or from system_a/, and that are not there."""
    named = re.findall(
        r"`((?:solarhub|tests|system_a|docs|benchmarks|\.ci)/[\w./-]+)`", document.read_text(encoding="utf-8")
    )
    return {path for path in named if not (ROOT / path).exists() and not (ROOT / "system_a" / path).exists()}


@pytest.mark.parametrize("document", LIVING, ids=name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    assert missing_paths(document) == set()


def test_a_file_that_is_gone_would_be_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.md"
    planted.write_text("`solarhub/wiring.py`, `tests/house/`, `solarhub/gone.py` and `solarhub/<context>/api.py`\n")

    assert missing_paths(planted) == {"solarhub/gone.py"}


def test_the_first_thing_that_the_readme_shows_is_two_commands() -> None:
    assert fenced(ROOT / "README.md")[0] == ["make demo", "make test"]


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    asked = subprocess.run([ROOT / ".ci" / "readme-test-command"], capture_output=True, text=True, check=True).stdout

    assert shlex.split(asked) == ["make", "test"]
    assert "$(.ci/readme-test-command)" in script
    assert "make check" in script
    assert "pytest" not in script.replace("pytest's", "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_every_make_command_in_a_document_is_a_target(document: Path) -> None:
    shown = {target for line in lines(document) for target in re.findall(r"(?:^|`)make ([a-z]+)", line)}

    assert shown - TARGETS == set()


def test_every_target_is_in_the_help() -> None:
    helped = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    assert {line.split()[1] for line in helped.splitlines()} == TARGETS
