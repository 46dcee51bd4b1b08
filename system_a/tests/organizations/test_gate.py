from collections.abc import AsyncIterator, Iterator

import pytest

from solarhub.kit.db import Database
from solarhub.organizations.gate import objections
from tests.conftest import TestDatabase, execute, new_database


@pytest.fixture
async def looking(each_database: TestDatabase) -> AsyncIterator[Database]:
    pool = Database(each_database.url("solarhub_app"), "app", pool_size=1)
    yield pool
    await pool.close()


async def test_the_walls_of_the_schema_stand(looking: Database) -> None:
    assert await objections(looking) == []


@pytest.fixture
def breached(at_head: TestDatabase) -> Iterator[TestDatabase]:
    yield from new_database(at_head.server, at_head.name)


@pytest.mark.parametrize(
    ("breach", "named"),
    [
        ("alter table sites no force row level security", "sites"),
        ("alter table notifications disable row level security", "notifications"),
        ("create table secrets_of_all (organization_id uuid)", "secrets_of_all"),
        ("create policy open on sites using (true)", "sites.open"),
        ("alter policy tenant on devices using (organization_id = current_setting('app.x')::uuid)", "devices.tenant"),
        ("create view everything as select * from devices", "everything"),
        ("create materialized view everything as select * from devices", "everything"),
        (
            "alter table device_claims add constraint loose foreign key (device_id) references devices (id)",
            "loose",
        ),
        ("create function free() returns int language sql security definer as 'select 1'", "free"),
        ("alter function hand_over_site(uuid, uuid) reset search_path", "hand_over_site"),
        ("grant select on user_sessions to solarhub_app", "user_sessions"),
        ("grant update (email) on user_links to solarhub_app", "user_links"),
    ],
    ids=lambda value: value.split("(")[0].strip().replace(" ", "-")[:60],
)
async def test_a_breach_is_named(breached: TestDatabase, breach: str, named: str) -> None:
    execute(breached.admin_url, breach)
    pool = Database(breached.url("solarhub_app"), "app", pool_size=1)
    try:
        found = await objections(pool)
    finally:
        await pool.close()
    assert [line.split(" is ")[0] for line in found] == [named]


async def test_a_partition_that_the_app_role_reaches_by_itself_is_a_breach(breached: TestDatabase) -> None:
    (row,) = execute(breached.admin_url, "select ensure_telemetry_partition(current_date) as partition")
    execute(breached.admin_url, f"grant select on {row['partition']} to solarhub_app")
    pool = Database(breached.url("solarhub_app"), "app", pool_size=1)
    try:
        assert len(await objections(pool)) == 1
    finally:
        await pool.close()
