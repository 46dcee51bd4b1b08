import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from solarhub.kit.postgres import Server
from tests.conftest import TestDatabase, new_database, temporary_data_dir

READY_SECONDS = 60


@pytest.fixture
def unmigrated(server: Server) -> Iterator[TestDatabase]:
    yield from new_database(server)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    place = temporary_data_dir()
    yield place
    shutil.rmtree(place, ignore_errors=True)


@contextmanager
def up(*arguments: str, **urls: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    command = [sys.executable, "-m", "solarhub", "up", "--port", "0", *arguments]
    hub = subprocess.Popen(command, env=environment | urls, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with hub:
        try:
            yield hub
        finally:
            hub.kill()  # nothing to kill where the test has seen it end


def first_line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline()


def address(hub: subprocess.Popen[str]) -> str:
    """Where it says that it is, once it takes connections."""
    line = first_line(hub.stdout)
    found = re.search(r"http://127\.0\.0\.1:\d+", line)
    assert found is not None, line + hub.communicate()[1]
    return found[0]


def ended(hub: subprocess.Popen[str], how: signal.Signals) -> int:
    hub.send_signal(how)
    return hub.wait(30)


def refused(*arguments: str, **urls: str) -> str:
    """The sentence with which it refuses to start."""
    with up(*arguments, **urls) as hub:
        _, said = hub.communicate(timeout=READY_SECONDS)
    assert hub.returncode == 1
    assert "Traceback" not in said
    return said.strip()


def test_the_whole_hub_starts_from_nothing_keeps_others_off_its_directory_and_ends_in_order(data_dir: Path) -> None:
    with up("--data-dir", str(data_dir)) as hub:
        url = address(hub)
        assert httpx.get(f"{url}/health/ready").json() == {"status": "ready"}
        owner = {"email": "a@example.com", "first_name": "A", "last_name": "B"}
        made = httpx.post(f"{url}/api/v1/organizations", json={"name": "Acme", "owner": owner})
        assert made.status_code == 201
        assert str(data_dir) in refused("--data-dir", str(data_dir))
        assert ended(hub, signal.SIGTERM) == 0
    assert not list(data_dir.glob("postgres/postmaster.pid"))

    with up("--data-dir", str(data_dir)) as again:
        url = address(again)
        assert [item["name"] for item in httpx.get(f"{url}/api/v1/organizations").json()["items"]] == ["Acme"]
        assert ended(again, signal.SIGINT) == 0
    assert not list(data_dir.glob("postgres/postmaster.pid"))


def test_a_hub_that_is_told_to_end_while_it_starts_ends_in_order(data_dir: Path) -> None:
    with up("--data-dir", str(data_dir)) as hub:
        assert "Creating a new database" in first_line(hub.stderr)
        assert ended(hub, signal.SIGTERM) == 0
    assert not list(data_dir.glob("postgres/postmaster.pid"))


def test_a_port_that_is_taken_is_told_before_anything_is_started(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused("--data-dir", str(data_dir), "--port", str(port))
    assert said == f"Nobody can listen on 127.0.0.1 port {port}: Address already in use. Try another --port."
    assert not list(data_dir.iterdir())


def urls(database: TestDatabase, **others: str) -> dict[str, str]:
    logins = {
        "SOLARHUB_DATABASE_URL": "solarhub_app",
        "SOLARHUB_AUTH_DATABASE_URL": "solarhub_auth",
        "SOLARHUB_WORKER_DATABASE_URL": "solarhub_worker",
        "SOLARHUB_OWNER_DATABASE_URL": "solarhub_admin",
    }
    return {name: database.url(login) for name, login in (logins | others).items()}


def test_a_hub_on_another_server_migrates_it_and_tells_who_may_see_its_pages(unmigrated: TestDatabase) -> None:
    with up("--host", "0.0.0.0", **urls(unmigrated)) as hub:  # noqa: S104 - what it says of that is the point
        url = address(hub)
        assert first_line(hub.stdout) == "People's pages answer on this machine only, until people can sign in.\n"
        assert httpx.get(f"{url}/health/ready").is_success
        assert ended(hub, signal.SIGTERM) == 0


def test_what_a_hub_on_another_server_lacks_is_told_in_one_sentence(database: TestDatabase) -> None:
    everything = urls(database)
    assert "solarhub db init" in refused(**{**everything, "SOLARHUB_WORKER_DATABASE_URL": ""})
    assert "is a superuser" in refused(**urls(database, SOLARHUB_DATABASE_URL="solarhub_admin"))
    not_owner = refused(**urls(database, SOLARHUB_OWNER_DATABASE_URL="solarhub_app"))
    assert "no member of solarhub_owner" in not_owner
