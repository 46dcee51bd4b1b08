import os
import subprocess
import sys

from tests.conftest import TestDatabase


def discos(database: TestDatabase, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOLARHUB_")}
    urls = {
        "SOLARHUB_DATABASE_URL": database.url("solarhub_app"),
        "SOLARHUB_OWNER_DATABASE_URL": database.admin_url,
    }
    command = [sys.executable, "-m", "solarhub", "discos", *arguments]
    return subprocess.run(command, env=environment | urls, capture_output=True, text=True, check=False)


def test_an_operator_puts_a_company_on_the_list(database: TestDatabase) -> None:
    before = discos(database, "list")
    added = discos(database, "add", "hazeco", "Hazara Electric Supply Company", "Hazara")
    after = discos(database, "list")
    assert (before.returncode, added.returncode, after.returncode) == (0, 0, 0)
    assert len(before.stdout.splitlines()) == 11
    assert "hazeco       Hazara         Hazara Electric Supply Company" in after.stdout.splitlines()
    assert added.stdout == "Sites may name hazeco now.\n"


def test_what_cannot_stand_on_the_list_is_refused_with_a_sentence(database: TestDatabase) -> None:
    for arguments, words in (
        (("LESCO 2", "Lahore", "Lahore"), "code: is not written as it should be"),
        (("lesco", "Lahore", "Lahore"), "lesco is on the list already."),
    ):
        answer = discos(database, "add", *arguments)
        assert answer.returncode == 1
        assert answer.stderr.strip() == words
    [row] = database.fetch("select count(*) from discos")
    assert row["count"] == 11
