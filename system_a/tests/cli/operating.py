"""The operator's commands, typed in this process against a database of the test's own."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from solarhub.cli.main import app
from solarhub.config import Settings
from solarhub.kit.sealing import new_key
from tests.conftest import TestDatabase

PUBLIC_URL = "https://hub.example.org"


class Operator:
    """Types `solarhub …` on the machine of a hub that works on `database`."""

    def __init__(self, database: TestDatabase) -> None:
        self.database = database
        self.environment: dict[str, str | None] = {
            **{f"SOLARHUB_{name.upper()}": None for name in Settings.model_fields},
            "SOLARHUB_DATABASE_URL": database.url("solarhub_app"),
            "SOLARHUB_AUTH_DATABASE_URL": database.url("solarhub_auth"),
            "SOLARHUB_WORKER_DATABASE_URL": database.url("solarhub_worker"),
            "SOLARHUB_SECRET_KEY": new_key(),
            "SOLARHUB_PUBLIC_URL": PUBLIC_URL,
        }

    def says(self, *words: str, status: int = 0) -> str:
        """What the command prints, which must end with that status."""
        answer = CliRunner().invoke(app, list(words), env=self.environment)
        assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exception
        assert answer.exit_code == status, answer.output
        return answer.output.strip()

    def knows(self, *words: str) -> Any:
        """The same as JSON."""
        return json.loads(self.says(*words, "--json"))

    def acts(self) -> list[tuple[str, str]]:
        """Who did what, by the audit log."""
        rows = self.database.fetch("select actor_kind, action from audit_entries order by id")
        return [(row["actor_kind"], row["action"]) for row in rows]


@pytest.fixture
def operator(database: TestDatabase) -> Operator:
    return Operator(database)


@pytest.fixture
def organization(operator: Operator) -> str:
    """The slug of one that an operator entered."""
    made = operator.knows("orgs", "create", "Lahore Solar", "--owner", "ayesha@example.com")
    slug: str = made["slug"]
    return slug
