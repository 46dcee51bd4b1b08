"""A keyring, certificates that the system trusts for the length of a test, and messages."""

from pathlib import Path

import pytest

from solarhub.kit.db import Database
from solarhub.kit.sealing import Keyring, new_key
from tests.conftest import TestDatabase
from tests.notifications.outboxes import Outbox
from tests.notifications.peers import Trust


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.parse(new_key())


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust.make(tmp_path_factory.mktemp("trust"))


@pytest.fixture
def trusted(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> Path:
    """OpenSSL takes the test's authority for the system's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.authorities))
    return trust.authorities


@pytest.fixture
def outbox(database: TestDatabase, worker_database: Database, keyring: Keyring) -> Outbox:
    return Outbox(database, worker_database, keyring)
