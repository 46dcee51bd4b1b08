"""What the database refuses by itself, should a value ever get past the API."""

import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from solarhub.kit.postgres import Server
from tests.conftest import TestDatabase, new_database
from tests.migrations.tenants import A, one_tenant

REFUSED = (
    asyncpg.CheckViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.InvalidParameterValueError,  # AT TIME ZONE on a zone that does not exist
)


@pytest.fixture(scope="module")
def one(server: Server, migrated: str) -> Iterator[TestDatabase]:
    """For all of these tests: what they write is refused or rolled back."""
    for database in new_database(server, migrated):
        database.fetch(*one_tenant("a", A))
        yield database


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("sites", "latitude = 200"),
        ("sites", "longitude = -181"),
        ("sites", "latitude = 'NaN'"),
        ("sites", "timezone = 'Mars/Olympus'"),
        ("sites", "name = ''"),
        ("users", "email = 'Upper@Example.org'"),
        ("organizations", "status = 'asleep'"),
        ("organizations", "slug = 'Not A Slug'"),
        ("alert_rules", "channels = array['pigeon']"),
        ("alert_rules", "cooldown_minutes = -1"),
        ("alerts", "status = 'resolved'"),
        ("alerts", "escalated = true"),
        ("alerts", "metric_value = 'NaN'"),
    ],
)
def test_a_column_refuses_an_impossible_value(one: TestDatabase, table: str, change: str) -> None:
    with pytest.raises(REFUSED):
        one.fetch(f"update {table} set {change}")


@pytest.mark.parametrize(
    ("column", "document"),
    [
        ("sites.configuration", {"system_capacity_kw": -5}),
        ("sites.configuration", {"system_capacity_kw": "100 kW"}),
        ("sites.configuration", {"system_capacity_kw": [5]}),
        ("sites.configuration", {"disco_provider": "nowhere"}),
        ("sites.configuration", {"grid_connected": "yes"}),
        ("sites.configuration", {"phases": 2}),
        ("sites.configuration", {"tilt_deg": 91}),
        ("sites.configuration", {"export_mode": "some"}),
        ("sites.configuration", {"plant_kind": "floating"}),
        ("sites.configuration", []),
        ("sites.address", "Lahore"),
        ("devices.connection_config", {"port": 70000}),
        ("devices.connection_config", {"port": "502"}),
        ("devices.connection_config", {"slave_id": 300}),
        ("devices.metadata", {"reporting_interval_seconds": 0}),
        ("users.preferences", {"language": "fr"}),
        ("users.preferences", {"timezone": "Mars/Olympus"}),
        ("users.preferences", {"currency": "rupees"}),
        ("users.preferences", {"dashboard": {"refresh_interval": -1}}),
        ("alert_rules.condition", {}),
        ("alert_rules.condition", {"metric": "x", "operator": "lt", "threshold": "10", "duration_seconds": 1}),
        ("alert_rules.condition", {"metric": "x", "operator": "<", "threshold": 10, "duration_seconds": 1}),
        ("alert_rules.condition", {"metric": "x", "operator": "lt", "threshold": 10, "duration_seconds": -1}),
    ],
)
def test_a_json_column_refuses_an_impossible_document(one: TestDatabase, column: str, document: Any) -> None:
    table, name = column.split(".")
    with pytest.raises(REFUSED):
        one.fetch(f"update {table} set {name} = '{json.dumps(document)}'")


def test_an_operator_can_add_a_distribution_company(one: TestDatabase) -> None:
    (site,) = one.fetch(
        "begin",
        "insert into discos (code, name, region) values ('hazeco', 'Hazara Electric Supply Company', 'Hazara')",
        """update sites set configuration = '{"disco_provider": "hazeco"}' returning disco_code""",
    )
    assert site["disco_code"] == "hazeco"


def test_a_plant_off_the_grid_has_no_distribution_company(one: TestDatabase) -> None:
    (site,) = one.fetch(
        "begin", """update sites set configuration = '{"plant_kind": "off_grid"}' returning disco_code"""
    )
    assert site["disco_code"] is None


def test_a_second_open_episode_of_the_same_rule_and_target_is_refused(one: TestDatabase) -> None:
    again = (
        "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)"
        " select gen_random_uuid(), organization_id, rule_id, target, {start}, triggered_at from alert_episodes"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        one.fetch(again.format(start="now()"))
    with pytest.raises(asyncpg.UniqueViolationError):
        one.fetch("begin", "update alert_episodes set closed_at = now()", again.format(start="streak_started_at"))
    one.fetch("begin", "update alert_episodes set closed_at = now()", again.format(start="now()"))


def test_partitions_are_made_on_demand_and_not_for_impossible_days(one: TestDatabase) -> None:
    made = [one.fetch("select ensure_telemetry_partition('2026-03-01') as partition") for _ in range(2)]
    assert [rows[0]["partition"] for rows in made] == ["telemetry_samples_20260301"] * 2
    with pytest.raises(asyncpg.InvalidParameterValueError):
        one.fetch("select ensure_telemetry_partition('2099-01-01')")
