"""Maintenance that was given an end, ends by itself."""

from solarhub.kit.db import Database, transaction
from solarhub.sites import maintenance
from tests.conftest import MakeTenant, TestDatabase


def put(database: TestDatabase, site_id: object, until: str) -> None:
    database.fetch(f"update sites set status = 'maintenance', maintenance_until = {until} where id = '{site_id}'")


async def test_it_ends_at_its_time_as_the_hubs_own_act(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    due, later, open_ended = [await make_tenant(name) for name in ("Due", "Later", "Open")]
    put(database, due.site_id, "now() - interval '1 second'")
    put(database, later.site_id, "now() + interval '1 hour'")
    put(database, open_ended.site_id, "null")

    async with transaction(worker_database) as session:
        assert await maintenance.end_due(session) == 1
    async with transaction(worker_database) as session:
        assert await maintenance.end_due(session) == 0

    rows = {row["id"]: row for row in database.fetch("select id, status, maintenance_until, version from sites")}
    assert (rows[due.site_id]["status"], rows[due.site_id]["maintenance_until"]) == ("active", None)
    assert rows[due.site_id]["version"] == 3, "whoever read it in maintenance has read an old version"
    assert {rows[site.site_id]["status"] for site in (later, open_ended)} == {"maintenance"}
    [act] = database.fetch("select * from audit_entries")
    assert (act["actor_kind"], act["action"], act["organization_id"], act["target_id"]) == (
        "hub",
        "site.maintenance_end",
        due.organization_id,
        due.site_id,
    )


async def test_a_plant_that_somebody_is_editing_waits_for_the_next_time(
    worker_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    put(database, tenant.site_id, "now() - interval '1 second'")

    async with transaction(worker_database) as editing:
        assert await maintenance.end_due(editing) == 1
        async with transaction(worker_database) as other:
            assert await maintenance.end_due(other) == 0
