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
from solarhub.kit.sealing import new_key
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
    found = re.search(r"https?://\S+[^/\s]", line)
    assert found is not None, line + hub.communicate()[1]
    return found[0]


def set_up_link(hub: subprocess.Popen[str]) -> str:
    """What it prints next, where nobody has set it up: a link that stands alone."""
    assert hub.stdout is not None
    lines = [hub.stdout.readline() for _ in range(5)]
    assert [lines[0], lines[2], lines[4]] == ["\n", "\n", "\n"]
    assert "it works once" in lines[1]
    assert re.fullmatch(r"    http\S+/setup#shl_\S{43}\n", lines[3]), lines
    return lines[3].strip()


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


SETTING_UP = {
    "person": {"email": "a@example.com", "first_name": "A", "last_name": "B"},
    "password": "a canal lined with shisham trees",
    "organization": {"name": "Acme"},
}


def test_the_whole_hub_starts_from_nothing_keeps_others_off_its_directory_and_ends_in_order(data_dir: Path) -> None:
    with up("--data-dir", str(data_dir)) as hub:
        url = address(hub)
        assert httpx.get(f"{url}/health/ready").json() == {"status": "ready", "backup_age_hours": None}
        link = set_up_link(hub)
        assert link.startswith(f"{url}/setup#")
        made = httpx.post(f"{url}/api/v1/setup", json={"token": link.partition("#")[2], **SETTING_UP})
        assert made.status_code == 201, made.text
        assert str(data_dir) in refused("--data-dir", str(data_dir))
        assert "Another hub" in rotated(data_dir).stderr
        assert oct((data_dir / "secret.key").stat().st_mode & 0o777) == "0o600"
        assert (data_dir / "public_url").read_text() == f"{url}\n"
        assert ended(hub, signal.SIGTERM) == 0
    assert not list(data_dir.glob("postgres/postmaster.pid"))

    said = "Sealed anew: 0 devices, 0 second factors, 0 webhooks, 0 messages, 0 answers.\n"
    assert rotated(data_dir).stdout == said
    assert len((data_dir / "secret.key").read_text().splitlines()) == 2
    with up("--data-dir", str(data_dir)) as again:
        url = address(again)
        person = {"email": "a@example.com", "password": SETTING_UP["password"]}
        signed_in = httpx.post(f"{url}/api/v1/sessions", json=person)
        assert signed_in.status_code == 201
        assert "strict-transport-security" not in signed_in.headers
        assert ended(again, signal.SIGINT) == 0
        assert again.stdout is not None
        assert again.stdout.read() == "", "a hub that was set up prints no link"
    assert not list(data_dir.glob("postgres/postmaster.pid"))


def rotated(data_dir: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    command = [sys.executable, "-m", "solarhub", "keys", "rotate", "--data-dir", str(data_dir)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


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


@pytest.mark.parametrize(
    ("arguments", "variables", "sentence"),
    [
        (("--host", "192.0.2.99"), {}, "192.0.2.99 is an address of a network"),
        ((), {"SOLARHUB_HOST": "192.0.2.98"}, "192.0.2.98 is an address of a network"),
        (("--public-url", "hub.example.com"), {}, "SOLARHUB_PUBLIC_URL (or --public-url) is 'hub.example.com'"),
        (("--trusted-proxy", "anybody"), {}, "anybody is no address such as 127.0.0.1"),
        ((), {"SOLARHUB_SECRET_KEY": "short"}, "SOLARHUB_SECRET_KEY: Line 1 of the secret key"),
        ((), {"SOLARHUB_SMTP_URL": "http://mail"}, "SOLARHUB_SMTP_URL: The mail server's URL must be"),
    ],
    ids=["host", "host by variable", "public url", "proxy", "secret key", "mail server"],
)
def test_a_hub_that_cannot_be_reached_like_that_says_why(
    data_dir: Path, arguments: tuple[str, ...], variables: dict[str, str], sentence: str
) -> None:
    assert sentence in refused("--data-dir", str(data_dir), *arguments, **variables)


def urls(database: TestDatabase, **others: str) -> dict[str, str]:
    logins = {
        "SOLARHUB_DATABASE_URL": "solarhub_app",
        "SOLARHUB_AUTH_DATABASE_URL": "solarhub_auth",
        "SOLARHUB_WORKER_DATABASE_URL": "solarhub_worker",
        "SOLARHUB_OWNER_DATABASE_URL": "solarhub_admin",
    }
    return {name: database.url(login) for name, login in (logins | others).items()} | {"SOLARHUB_SECRET_KEY": new_key()}


def test_a_hub_behind_a_proxy_on_another_server_migrates_it_and_believes_nobody_but_the_proxy(
    unmigrated: TestDatabase,
) -> None:
    options = ("--trusted-proxy", "127.0.0.2", "--public-url", "https://hub.example.com")
    with up(*options, **urls(unmigrated), SOLARHUB_PORT="0") as hub:
        assert address(hub) == "https://hub.example.com"
        assert set_up_link(hub).startswith("https://hub.example.com/setup#")
        port = port_of(hub)
        forwarded = {"Host": "hub.example.com", "X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
        person = {"email": "nobody@example.com", "password": "a canal lined with shisham trees"}
        for peer in ("127.0.0.1", "127.0.0.2"):
            transport = httpx.HTTPTransport(local_address=peer)
            with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
                answer = client.post("/api/v1/sessions", json=person, headers=forwarded)
                assert answer.status_code == 401
                assert answer.headers["strict-transport-security"] == "max-age=31536000"
                assert client.get("/", headers={"Host": "rebound.example"}).status_code == 421
                assert client.get("/", headers={"Host": "localhost"}).status_code != 421
        assert ended(hub, signal.SIGTERM) == 0
    tries = unmigrated.fetch("select address from audit_entries where action = 'person.sign_in_refused' order by id")
    assert [row["address"] for row in tries] == ["127.0.0.1", "203.0.113.9"]


def port_of(hub: subprocess.Popen[str]) -> int:
    """Where it listens, asked of the kernel."""
    sockets = {link.readlink().name for link in Path(f"/proc/{hub.pid}/fd").iterdir() if link.is_symlink()}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        if parts[3] == "0A" and f"socket:[{parts[9]}]" in sockets:
            return int(parts[1].rpartition(":")[2], 16)
    raise AssertionError("it does not listen")


def test_walls_that_do_not_stand_are_told_in_one_sentence(database: TestDatabase) -> None:
    database.fetch("alter table sites disable row level security")
    said = refused(**urls(database))
    assert "The walls between organizations do not stand: sites is a tenant's table without" in said.splitlines()[-1]


def test_what_a_hub_on_another_server_lacks_is_told_in_one_sentence(database: TestDatabase) -> None:
    everything = urls(database)
    assert "solarhub db init" in refused(**{**everything, "SOLARHUB_WORKER_DATABASE_URL": ""})
    assert "is a superuser" in refused(**urls(database, SOLARHUB_DATABASE_URL="solarhub_admin"))
    not_owner = refused(**urls(database, SOLARHUB_OWNER_DATABASE_URL="solarhub_app"))
    assert "no member of solarhub_owner" in not_owner
    assert "`solarhub keys new` prints one" in refused(**{**everything, "SOLARHUB_SECRET_KEY": ""})
