"""The lock is what the project asks for: whole, with hashes, without addresses."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import ROOT

LOCK = (ROOT / "system_a" / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "system_a" / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, list[tuple[Version, Marker | None]]]:
    """The locked versions of each package, each with the condition under which it is the one."""
    found: dict[str, list[tuple[Version, Marker | None]]] = {}
    for line in re.findall(r"^([\w.-]+==.*?) *\\$", LOCK, flags=re.MULTILINE):
        requirement = Requirement(line)
        version = next(iter(requirement.specifier)).version
        found.setdefault(canonicalize_name(requirement.name), []).append((Version(version), requirement.marker))
    return found


def unmet(requirement: Requirement) -> bool:
    """Whether one of the versions locked for a package (or the lack of any) is not what the requirement takes."""
    locked = pins().get(canonicalize_name(requirement.name), [])
    return not locked or not all(requirement.specifier.contains(version, prereleases=True) for version, _ in locked)


def asked_for() -> list[Requirement]:
    build, runtime, dev = PROJECT["build-system"]["requires"], PROJECT["project"]["dependencies"], "dependency-groups"
    return [Requirement(text) for text in (*build, *runtime, *PROJECT[dev]["dev"])]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    assert [str(requirement) for requirement in asked_for() if unmet(requirement)] == []


def test_the_lock_holds_what_its_packages_ask_for() -> None:
    missing = []
    for package in pins():
        try:
            wanted = [Requirement(text) for text in requires(package) or []]
        except PackageNotFoundError:  # locked for another system
            continue
        here = [requirement for requirement in wanted if not requirement.marker or requirement.marker.evaluate()]
        missing += [f"{package}: {requirement}" for requirement in here if unmet(requirement)]

    assert missing == []


def test_every_pin_carries_hashes_and_no_address() -> None:
    blocks = [block for block in re.split(r"\n(?=\S)", LOCK.strip()) if block]
    whole = re.compile(r"[\w.-]+==\S+( ; [^\\\n]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n|$))+")

    assert [block.splitlines()[0] for block in blocks if not whole.fullmatch(block)] == []


@pytest.mark.parametrize("text", ["fastapi>=9999", "a-package-that-nobody-locked"])
def test_a_stale_lock_would_be_found(text: str) -> None:
    assert unmet(Requirement(text))


def test_what_runs_alone_is_locked_to_the_same_versions_and_hashes() -> None:
    alone = (ROOT / "system_a" / "requirements-hub.lock").read_text(encoding="utf-8")

    def blocks(lock: str) -> set[str]:
        # what is asked for under which condition may differ, what is installed may not
        return {re.sub(r" ; [^\\\n]+", "", block) for block in re.split(r"\n(?=\S)", lock.strip())}

    assert blocks(alone) <= blocks(LOCK)
    names = {canonicalize_name(line.split("==")[0]) for line in alone.splitlines() if "==" in line}
    assert {canonicalize_name(Requirement(each).name) for each in PROJECT["project"]["dependencies"]} <= names
    assert names.isdisjoint({"pytest", "ruff", "mypy", "playwright"})
