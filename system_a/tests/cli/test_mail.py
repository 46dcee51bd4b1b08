import asyncio
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from solarhub.cli.main import app
from solarhub.kit.db import Database
from solarhub.kit.sealing import Keyring, new_key
from tests.conftest import TestDatabase
from tests.notifications.outboxes import Outbox, message
from tests.notifications.peers import Trust, mail_server

KEY = new_key()


async def mail(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    command = [sys.executable, "-m", "solarhub", "mail", *arguments]
    return await asyncio.to_thread(
        subprocess.run, command, env=environment | settings, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return Trust.make(tmp_path_factory.mktemp("trust"))


async def test_a_letter_is_sent_at_once_and_the_command_says_what_the_server_said(trust: Trust) -> None:
    async with mail_server(trust, "tls", users={"hub": "right"}) as server:
        url = f"smtps://hub:right@localhost:{server.port}/?from=hub@example.org&ca={trust.authorities}"
        answer = await mail("test", "a@example.org", SOLARHUB_SMTP_URL=url)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == (
        f"localhost port {server.port} (TLS) took the letter to a@example.org, and said: 250 2.0.0 taken as ABC\n"
    )
    assert [letter["To"] for letter in server.letters] == ["a@example.org"]


async def test_a_letter_that_is_refused_is_told_with_its_reason(trust: Trust) -> None:
    async with mail_server(trust, "tls", users={"hub": "right"}) as server:
        url = f"smtps://hub:wrong@localhost:{server.port}/?from=hub@example.org&ca={trust.authorities}"
        answer = await mail("test", "a@example.org", "--json", SOLARHUB_SMTP_URL=url)
    assert answer.returncode == 1
    told = json.loads(answer.stdout)
    assert told["sent"] is False
    assert told["reason"].startswith("The mail server refuses the hub's user name or password: 535")
    assert "wrong" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "There is no mail server"),
        ({"SOLARHUB_SMTP_URL": "mail.example.org"}, "SOLARHUB_SMTP_URL: The mail server's URL must be smtps://"),
        ({"SOLARHUB_SMTP_URL": "smtp://127.0.0.1:9/?from=hub@example.org"}, "cannot be reached"),
    ],
    ids=["none", "unusable", "away"],
)
def test_a_mail_server_that_cannot_be_used_is_told_in_a_sentence(settings: dict[str, str], said: str) -> None:
    answer = CliRunner().invoke(app, ["mail", "test", "a@example.org"], env=settings)
    assert answer.exit_code == 1
    [line] = (answer.output).splitlines()
    assert said in line


async def test_what_was_posted_last_is_listed_without_its_links(
    database: TestDatabase, worker_database: Database
) -> None:
    outbox = Outbox(database, worker_database, Keyring.parse(KEY))
    await outbox.post(
        *(message(subject=f"Letter {n}", text="{link}", link="https://x.example/#shl_x") for n in range(3))
    )
    urls = {
        "SOLARHUB_DATABASE_URL": database.url("solarhub_app"),
        "SOLARHUB_AUTH_DATABASE_URL": database.url("solarhub_auth"),
        "SOLARHUB_WORKER_DATABASE_URL": database.url("solarhub_worker"),
        "SOLARHUB_SECRET_KEY": KEY,
    }
    answer = await asyncio.to_thread(CliRunner().invoke, app, ["mail", "list", "--limit", "2", "--json"], env=urls)
    assert answer.exit_code == 0, answer.stderr
    assert [line["subject"] for line in json.loads(answer.stdout)] == ["Letter 2", "Letter 1"]
    assert "shl_x" not in answer.stdout
    table = (await asyncio.to_thread(CliRunner().invoke, app, ["mail", "list"], env=urls)).stdout.splitlines()
    assert table[0].split() == ["Posted", "State", "Way", "To", "Subject", "Attempts", "Trouble"]
    assert len(table) == 4
