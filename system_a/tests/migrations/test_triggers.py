"""`updated_at` and `version` move by themselves on all seven tables, whoever writes."""

from collections.abc import Iterator

import pytest

from tests.conftest import TestDatabase, execute, new_database
from tests.migrations import document
from tests.migrations.tenants import A, one_tenant

SETTABLE = {
    "users": "first_name = 'Sana'",
    "organizations": "name = 'Renamed'",
    "organization_members": "joined_at = now()",
    "sites": "name = 'Renamed'",
    "devices": "name = 'Renamed'",
    "alert_rules": "name = 'Renamed'",
    "alerts": "title = 'Renamed'",
}


@pytest.fixture(scope="module")
def one(each_template: TestDatabase) -> Iterator[TestDatabase]:
    """On each server, for all of these tests: what they write is rolled back."""
    for database in new_database(each_template.server, each_template.name):
        database.fetch(*one_tenant("a", A))
        yield database


@pytest.mark.parametrize("table", document.tables())
def test_an_update_moves_updated_at_and_version(one: TestDatabase, table: str) -> None:
    (before,) = one.fetch(f"select updated_at, version from {table}")
    (after,) = one.fetch("begin", f"update {table} set {SETTABLE[table]} returning updated_at, version")
    assert after["updated_at"] > before["updated_at"]
    assert after["version"] == before["version"] + 1


@pytest.mark.parametrize("table", document.tables())
def test_nobody_sets_the_version_by_hand(one: TestDatabase, table: str) -> None:
    (after,) = one.fetch("begin", f"update {table} set version = 99 returning version")
    assert after["version"] == 2


@pytest.mark.parametrize("table", SETTABLE)
def test_machine_writes_leave_the_version_of_devices_and_alerts_alone(one: TestDatabase, table: str) -> None:
    (after,) = one.fetch(
        "begin",
        "select set_config('app.machine_write', 'on', true)",
        f"update {table} set {SETTABLE[table]} returning version, updated_at > created_at as moved",
    )
    assert after["version"] == (1 if table in ("devices", "alerts") else 2)
    assert after["moved"]


def test_a_machine_write_says_so_for_its_own_transaction_alone(one: TestDatabase) -> None:
    (after,) = execute(
        one.admin_url,
        "begin",
        "select set_config('app.machine_write', 'on', true)",
        "commit",
        "begin",
        "update devices set name = 'X' returning version",
    )
    assert after["version"] == 2
