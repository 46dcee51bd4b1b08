import subprocess
import sys

import pytest

from solarhub import __version__
from solarhub.cli.main import FAMILIES

HEAVY = {"sqlalchemy", "asyncpg", "fastapi", "numpy", "pydantic", "alembic", "rich", "httpx"}
LOADED = """
import sys
from solarhub.cli.main import app
app(["--help"], standalone_mode=False)
print(*sys.modules, file=sys.stderr)
"""


def solarhub(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "solarhub", *arguments], capture_output=True, text=True, check=False)


def test_help_lists_every_family_with_its_line() -> None:
    answer = solarhub("--help")

    assert answer.returncode == 0
    assert [line.split()[0] for line in answer.stdout.split("Commands:\n")[1].splitlines()] == list(FAMILIES)


def test_help_is_quick_because_it_imports_nothing_heavy() -> None:
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stderr.split()

    assert HEAVY & set(loaded) == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_answers_to_its_name(family: str) -> None:
    answer = solarhub(family, "--help")

    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"Usage: solarhub {family} ") or f"solarhub {family} " in answer.stdout


def test_the_version_is_the_packages() -> None:
    assert solarhub("--version").stdout == f"{__version__}\n"


def test_an_unknown_command_is_refused_with_a_sentence() -> None:
    answer = solarhub("launch")

    assert answer.returncode == 2
    assert "No such command 'launch'" in answer.stderr
