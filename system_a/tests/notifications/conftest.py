"""A keyring, certificates that the system trusts for the length of a test, and messages."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from solarhub.kit.db import Database
from solarhub.kit.postgres import Server
from solarhub.kit.sealing import Keyring, new_key
from tests.conftest import MakeTenant, TestDatabase, new_database
from tests.notifications.dispatchers import Hooks
from tests.notifications.outboxes import Outbox
from tests.notifications.peers import Trust, receiver


@pytest.fixture(scope="module")
def shared(server: Server, migrated: str) -> Iterator[TestDatabase]:
    """One for the tests of a module: what they write is little, and copying a database takes longer than most."""
    yield from new_database(server, migrated)


@pytest.fixture
def database(shared: TestDatabase) -> TestDatabase:
    """As good as new."""
    shared.fetch("truncate notifications, webhooks", "update organizations set status = 'active'")
    return shared


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


@pytest.fixture
async def hooks(outbox: Outbox, make_tenant: MakeTenant) -> AsyncIterator[Hooks]:
    async with receiver(None) as receiving:
        yield Hooks(outbox, await make_tenant(), receiving)
