"""What Prometheus is told of a hub, and who may ask."""

import re

import httpx
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.clients import app_of, running
from tests.conftest import TestDatabase
from tests.house.tree import ROOT

RULES = ROOT / "deploy" / "prometheus-alerts.yaml"


def told(answer: httpx.Response) -> dict[tuple[str, ...], float]:
    """Every figure by its name and the values of its labels."""
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_others_than_this_machine_and_those_named_are_told_nothing(database: TestDatabase) -> None:
    async with running(app_of(database), database) as people:
        for address, headers, status in (
            ("127.0.0.1", {}, 200),
            ("203.0.113.9", {}, 404),
            ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 404),
            ("127.0.0.1", {"Forwarded": "for=203.0.113.9"}, 404),
        ):
            client = people.anonymous(peer=(address, 50_000))
            assert (await client.get("/metrics", headers=headers)).status_code == status, (address, headers)


async def test_without_the_database_the_rest_is_still_told(database: TestDatabase) -> None:
    async with running(app_of(database), database) as people:
        client = people.anonymous()
        database.fetch(
            f"alter database {database.name} connection limit 0",
            "select pg_terminate_backend(pid) from pg_stat_activity where usename like 'solarhub_%'"
            f" and datname = '{database.name}' and pid <> pg_backend_pid()",
        )
        figures = told(await client.get("/metrics"))
        assert figures["solarhub_database_up",] == 0
        assert "solarhub_queued_samples" in {name for name, *_ in figures}
        assert figures["solarhub_mqtt_crowded_out_total",] == 0


async def test_every_figure_that_an_alert_of_ours_looks_at_exists(database: TestDatabase) -> None:
    async with running(app_of(database), database) as people:
        known = {name for name, *_ in told(await people.anonymous().get("/metrics"))} | {"solarhub_backup_age_seconds"}
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert len(rules) >= 8
    for rule in rules:
        looked_at = set(re.findall(r"\b(?:solarhub|process)_\w+", rule["expr"]))
        assert looked_at, rule["alert"]
        assert looked_at <= known, rule["alert"]
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["action"].endswith(".")
