"""From every earlier schema, with data in it, to the present one: nothing that was acknowledged is lost or altered."""

from collections.abc import Iterator

import pytest

from solarhub.kit.postgres import Server
from tests.conftest import TestDatabase, alembic, new_database

EARLIER = ["0001", "0002"]
SAMPLES = 500

FILLED = (
    "insert into users (id, email, password_hash, first_name, last_name)"
    " values ('00000000-0000-7000-8000-000000000001', 'a@example.org', '!', 'Ayesha', 'Khan')",
    "insert into organizations (id, owner_id, name, slug) values ('00000000-0000-7000-8000-000000000002',"
    " '00000000-0000-7000-8000-000000000001', 'Acme', 'acme')",
    "insert into sites (id, organization_id, name, latitude, longitude, timezone)"
    " values ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000002', 'Gulberg', 31.5, 74.3,"
    " 'Asia/Karachi')",
    "insert into devices (id, site_id, organization_id, name, device_type, protocol, serial_number, metadata)"
    " values ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000003',"
    " '00000000-0000-7000-8000-000000000002', 'Inverter', 'inverter', 'http', 'SN1', '{\"note\": \"kept\"}')",
    "insert into alert_rules (id, organization_id, name, severity, condition)"
    " values ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-000000000002', 'Low', 'warning',"
    ' \'{"metric": "power_output", "operator": "lt", "threshold": 10, "duration_seconds": 300}\')',
    "select ensure_telemetry_partition(date '2026-03-01')",
    "insert into telemetry_layouts (organization_key, series, series_sha256)"
    " select organization_key, '{energy_total,power_output}', sha256('energy_total\npower_output') from organizations",
    "insert into telemetry_samples (organization_key, device_key, at, received_at, layout_id, late, readings)"
    " select o.organization_key, d.device_key, timestamptz '2026-03-01Z' + n * interval '1 min', now(), l.id, n % 9 = 0,"
    " array[n * 0.1::float8, nullif(n % 7, 0)]"
    f" from organizations o, devices d, telemetry_layouts l, generate_series(1, {SAMPLES}) n",
    "insert into device_state (device_id, organization_id, device_key, last_sample_at, last_received_at, latest)"
    " select d.id, d.organization_id, d.device_key, max(s.at), max(s.received_at), '{}'"
    " from devices d join telemetry_samples s on s.device_key = d.device_key group by d.id",
    "insert into telemetry_quarantine (organization_id, device_id, received_at, reason, raw)"
    " select organization_id, id, now(), 'unknown_metric', '{}' from devices",
)

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


def test_every_earlier_schema_is_known_here(server: Server) -> None:
    for database in new_database(server):
        history = alembic("history", owner_url=database.admin_url).stdout
    named = sorted(line.split(" -> ")[0] for line in history.splitlines() if " -> " in line)
    assert named[1:] == EARLIER, "a revision became an earlier one: add it, with what it stored"


def test_what_an_earlier_hub_stored_is_there_after_the_upgrade(earlier: TestDatabase) -> None:
    earlier.fetch(*FILLED)
    before = [[tuple(row) for row in earlier.fetch(question)] for question in KEPT]
    assert len(before[5]) == SAMPLES
    alembic("upgrade", "head", owner_url=earlier.admin_url)
    assert [[tuple(row) for row in earlier.fetch(question)] for question in KEPT] == before
