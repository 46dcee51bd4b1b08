from datetime import UTC, datetime, timedelta

import pytest

from solarhub.devices.heartbeat import roll_forward
from solarhub.kit.db import Database, transaction
from tests.conftest import MakeTenant, Tenant, TestDatabase

NOON = datetime(2024, 6, 21, 7, tzinfo=UTC)  # in Lahore
MIDNIGHT = datetime(2024, 6, 21, 19, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=30)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)

NAMES = ("A", "B", "C", "D")


class Fleet:
    """Four inverters that report once a minute, and what the tables say of them."""

    def __init__(self, database: TestDatabase, worker: Database, tenant: Tenant) -> None:
        self.database = database
        self.worker = worker
        self.tenant = tenant

    def heard(self, name: str, at: datetime) -> None:
        self.database.fetch(
            "insert into device_state (device_id, organization_id, device_key, last_received_at)"
            f" select id, organization_id, device_key, '{at}' from devices where id = '{self.tenant.devices[name]}'"
            " on conflict (device_id) do update set last_received_at = excluded.last_received_at"
        )

    def set(self, name: str, columns: str) -> None:
        self.database.fetch(f"update devices set {columns} where id = '{self.tenant.devices[name]}'")

    async def beat(self, now: datetime, listening_since: datetime = LONG_AGO) -> int:
        async with transaction(self.worker) as session:
            return await roll_forward(session, listening_since=listening_since, now=now)

    def shown(self, name: str) -> tuple[str, datetime | None, int]:
        [row] = self.database.fetch(
            f"select status::text, last_seen_at, version from devices where id = '{self.tenant.devices[name]}'"
        )
        return row["status"], row["last_seen_at"], row["version"]


@pytest.fixture
async def fleet(database: TestDatabase, worker_database: Database, make_tenant: MakeTenant) -> Fleet:
    return Fleet(database, worker_database, await make_tenant(devices=dict.fromkeys(NAMES, "inverter")))


async def test_a_device_comes_online_goes_offline_and_comes_back_without_a_new_version(fleet: Fleet) -> None:
    assert await fleet.beat(NOON) == 0
    fleet.heard("A", NOON)
    assert await fleet.beat(NOON + SECOND) == 1
    assert fleet.shown("A") == ("online", NOON, 1)
    assert fleet.shown("B") == ("unknown", None, 1)
    assert await fleet.beat(NOON + 3 * MINUTE) == 0
    assert await fleet.beat(NOON + 3 * MINUTE + SECOND) == 1
    assert fleet.shown("A") == ("offline", NOON, 1)
    fleet.heard("A", NOON + 5 * MINUTE)
    assert await fleet.beat(NOON + 5 * MINUTE) == 1
    assert fleet.shown("A") == ("online", NOON + 5 * MINUTE, 1)


async def test_last_seen_moves_only_when_it_is_more_than_five_minutes_behind(fleet: Fleet) -> None:
    fleet.heard("A", NOON)
    await fleet.beat(NOON)
    for minutes, written in ((1, 0), (3, 0), (5, 0), (6, 1), (7, 0)):
        fleet.heard("A", NOON + minutes * MINUTE)
        assert await fleet.beat(NOON + minutes * MINUTE) == written
    assert fleet.shown("A") == ("online", NOON + 6 * MINUTE, 1)


async def test_rows_in_maintenance_and_removed_ones_are_left_alone(fleet: Fleet) -> None:
    fleet.set("A", "status = 'maintenance'")
    fleet.set("B", "removed_at = now()")
    for name in ("A", "B", "C"):
        fleet.heard(name, NOON)
    assert await fleet.beat(NOON) == 1
    assert fleet.shown("A") == ("maintenance", None, 2)
    assert fleet.shown("B") == ("unknown", None, 2)
    assert await fleet.beat(NOON + timedelta(hours=1)) == 1
    assert fleet.shown("A") == ("maintenance", None, 2)


async def test_each_device_is_judged_by_its_own_interval(fleet: Fleet) -> None:
    fleet.set("B", "metadata = '{\"reporting_interval_seconds\": 900}'")
    fleet.set("C", "metadata = '{}'")
    for name in ("A", "B", "C"):
        fleet.heard(name, NOON)
    await fleet.beat(NOON)
    await fleet.beat(NOON + 4 * MINUTE)
    assert [fleet.shown(name)[0] for name in ("A", "B", "C")] == ["offline", "online", "offline"]
    await fleet.beat(NOON + 46 * MINUTE)
    assert fleet.shown("B")[0] == "offline"


async def test_after_our_own_outage_devices_get_time_to_be_heard(fleet: Fleet) -> None:
    fleet.heard("A", NOON)
    await fleet.beat(NOON)
    started = NOON + timedelta(hours=2)
    assert await fleet.beat(started, listening_since=started) == 0
    assert await fleet.beat(started + 3 * MINUTE, listening_since=started) == 0
    assert fleet.shown("A")[0] == "online"
    assert await fleet.beat(started + 4 * MINUTE, listening_since=started) == 1
    assert fleet.shown("A")[0] == "offline"


async def test_dusk_takes_no_inverter_offline_unless_it_has_a_battery(fleet: Fleet) -> None:
    fleet.heard("A", MIDNIGHT - timedelta(hours=6))
    await fleet.beat(MIDNIGHT - timedelta(hours=6))
    assert await fleet.beat(MIDNIGHT) == 0
    assert fleet.shown("A")[0] == "online"
    fleet.database.fetch('update sites set configuration = \'{"plant_kind": "hybrid"}\'')
    assert await fleet.beat(MIDNIGHT) == 1
    assert fleet.shown("A")[0] == "offline"


async def test_a_row_that_a_person_is_editing_waits_for_the_next_time(fleet: Fleet, app_database: Database) -> None:
    for name in ("A", "B"):
        fleet.heard(name, NOON)
    async with transaction(app_database, [fleet.tenant.organization_id]) as session:
        connection = await session.connection()
        await connection.exec_driver_sql(f"update devices set name = 'Edited' where id = '{fleet.tenant.devices['A']}'")
        assert await fleet.beat(NOON) == 1
    assert fleet.shown("A")[0] == "unknown"
    assert await fleet.beat(NOON) == 1
    assert fleet.shown("A") == ("online", NOON, 2)


async def test_many_devices_take_more_than_one_page(
    database: TestDatabase, worker_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={})
    database.fetch(
        "insert into devices (site_id, organization_id, name, device_type, protocol)"
        f" select '{tenant.site_id}', '{tenant.organization_id}', 'Meter ' || n, 'meter', 'http'"
        " from generate_series(1, 12000) n",
        "insert into device_state (device_id, organization_id, device_key, last_received_at)"
        f" select id, organization_id, device_key, '{NOON}' from devices",
    )
    async with transaction(worker_database) as session:
        assert await roll_forward(session, listening_since=LONG_AGO, now=NOON) == 12_000
    [row] = database.fetch("select count(*) from devices where status = 'online' and version = 1")
    assert row["count"] == 12_000
    async with transaction(worker_database) as session:
        assert await roll_forward(session, listening_since=LONG_AGO, now=NOON) == 0
