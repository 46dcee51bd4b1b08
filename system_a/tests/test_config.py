from pathlib import Path

import pytest
from pydantic import ValidationError

from solarhub.config import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"SOLARHUB_{name.upper()}", raising=False)


def test_nothing_needs_to_be_set() -> None:
    assert Settings().model_dump() == {
        "database_url": None,
        "auth_database_url": None,
        "worker_database_url": None,
        "owner_database_url": None,
        "data_dir": None,
        "host": "127.0.0.1",
        "port": 8000,
    }


def test_variables_are_read_and_an_empty_one_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOLARHUB_DATA_DIR", "/srv/hub")
    monkeypatch.setenv("SOLARHUB_PORT", "9000")
    monkeypatch.setenv("SOLARHUB_DATABASE_URL", "")

    settings = Settings()

    assert (settings.data_dir, settings.port, settings.database_url) == (Path("/srv/hub"), 9000, None)


def test_settings_do_not_change_while_the_hub_runs() -> None:
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 9000


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_an_impossible_port_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("SOLARHUB_PORT", port)

    with pytest.raises(ValidationError, match="port"):
        Settings()
