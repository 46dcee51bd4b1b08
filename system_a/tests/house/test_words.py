"""A word of the domain decides or acts, never both: where nothing is awaited, no database is within reach."""

import ast
from functools import cache

import grimp
import pytest

from tests.house.tree import PACKAGE

CONTEXTS = (
    "accounts", "alerts", "audit", "devices", "fleet", "notifications", "organizations", "pages", "sites", "telemetry",
)  # fmt: skip
EDGES = {"__init__", "api", "deps", "jobs", "schemas", "queries", "models", "vocabulary"}
OUTSIDE = ("sqlalchemy", "asyncpg", "fastapi", "starlette", "httpx")


@cache
def imports() -> grimp.ImportGraph:
    return grimp.build_graph("solarhub", include_external_packages=True)


def acts(source: str) -> bool:
    return any(isinstance(node, ast.AsyncFunctionDef) for node in ast.walk(ast.parse(source)))


def words(context: str) -> list[str]:
    """The modules of a context that are neither an edge nor a use case."""
    paths = [path for path in (PACKAGE / context).glob("*.py") if path.stem not in EDGES]
    return [f"solarhub.{context}.{path.stem}" for path in paths if not acts(path.read_text(encoding="utf-8"))]


def ways_out(module: str) -> list[str]:
    chains = [imports().find_shortest_chain(module, package) for package in OUTSIDE if package in imports().modules]
    return [" -> ".join(chain) for chain in chains if chain]


@pytest.mark.parametrize("context", CONTEXTS)
def test_words_that_do_not_act_are_pure(context: str) -> None:
    assert [way for module in words(context) for way in ways_out(module)] == []


def test_a_way_to_the_database_would_be_found() -> None:
    assert ways_out("solarhub.devices.models") != []
