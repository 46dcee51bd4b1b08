"""From every earlier schema, with data in it, to the present one: nothing that was acknowledged is lost or altered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from solarhub.kit.postgres import Server
from tests.conftest import TestDatabase, alembic, new_database

EARLIER = ["0001", "0002"]
SAMPLES = 500

FILLED = Path(__file__).with_name("earlier.sql").read_text().split(";\n\n")

KEPT = (
    "select id, name, slug, status from organizations",
    "select id, email, first_name, last_name, is_active from users",
    "select id, name, latitude, longitude, timezone from sites",
    "select id, name, device_type::text, serial_number, metadata from devices",
    "select id, name, severity::text, condition, cooldown_minutes from alert_rules",
    "select device_key, at, received_at, late, readings, layout_id from telemetry_samples order by device_key, at",
    "select id, series from telemetry_layouts",
    "select device_id, last_sample_at, last_received_at from device_state",
    "select device_id, received_at, reason, raw from telemetry_quarantine",
)


@pytest.fixture(params=EARLIER)
def earlier(request: pytest.FixtureRequest, server: Server) -> Iterator[TestDatabase]:
    for database in new_database(server):
        alembic("upgrade", request.param, owner_url=database.admin_url)
        yield database


def test_every_earlier_schema_is_known_here(at_head: TestDatabase) -> None:
    history = alembic("history", owner_url=at_head.admin_url).stdout
    earlier = sorted({line.split(" -> ")[0] for line in history.splitlines() if " -> " in line} - {"<base>"})
    assert earlier == EARLIER, "a revision became an earlier one: add it, with what it stored"


def test_what_an_earlier_hub_stored_is_there_after_the_upgrade(earlier: TestDatabase) -> None:
    earlier.fetch(*FILLED)
    before = [[tuple(row) for row in earlier.fetch(question)] for question in KEPT]
    assert len(before[5]) == SAMPLES
    alembic("upgrade", "head", owner_url=earlier.admin_url)
    assert [[tuple(row) for row in earlier.fetch(question)] for question in KEPT] == before
