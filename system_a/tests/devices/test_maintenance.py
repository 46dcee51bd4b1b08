from solarhub.devices.maintenance import end_due
from solarhub.kit.db import Database, transaction
from tests.conftest import MakeTenant, TestDatabase


async def test_maintenance_ends_by_itself_and_as_the_hubs_own_act(
    worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant(devices=dict.fromkeys(("Due", "Later", "Open", "Online", "Removed"), "inverter"))
    database.fetch(
        "update devices set status = 'maintenance' where name in ('Due', 'Later', 'Open', 'Removed')",
        "update devices set maintenance_until = now() - interval '1 second' where name in ('Due', 'Removed')",
        "update devices set maintenance_until = now() + interval '1 hour' where name = 'Later'",
        "update devices set removed_at = now() where name = 'Removed'",
    )
    async with transaction(worker_database) as session:
        assert await end_due(session) == 1
    async with transaction(worker_database) as session:
        assert await end_due(session) == 0
    rows = database.fetch("select name, status::text, maintenance_until is null as no_end from devices")
    assert {row["name"]: row["status"] for row in rows if row["name"] != "Removed"} == {
        "Due": "unknown",
        "Later": "maintenance",
        "Open": "maintenance",
        "Online": "unknown",
    }
    [told] = database.fetch("select actor_kind, actor_id, action, target_id, organization_id from audit_entries")
    assert (told["actor_kind"], told["actor_id"], told["action"]) == ("hub", None, "device.maintenance_end")
    assert (told["target_id"], told["organization_id"]) == (tenant.devices["Due"], tenant.organization_id)


async def test_a_device_that_somebody_edits_waits_for_the_next_time(
    app_database: Database, worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    database.fetch("update devices set status = 'maintenance', maintenance_until = now() - interval '1 second'")
    async with transaction(app_database, [tenant.organization_id]) as editing:
        connection = await editing.connection()
        await connection.exec_driver_sql("select 1 from devices for update")
        async with transaction(worker_database) as session:
            assert await end_due(session) == 0
    async with transaction(worker_database) as session:
        assert await end_due(session) == 1
