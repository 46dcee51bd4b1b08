from uuid import UUID

import pytest

from solarhub.kit.db import Database
from solarhub.kit.errors import NotFound
from solarhub.kit.ids import uuid7
from solarhub.organizations.access import enter, enter_one, known_organizations
from solarhub.sites import registry
from tests.conftest import MakeTenant, TestDatabase


async def seen(app_database: Database, *organization_ids: UUID) -> int:
    async with app_database.session() as session:
        await enter(session, organization_ids)
        found = await (await session.connection()).exec_driver_sql("select count(*) from sites")
        count: int = found.scalar_one()
        return count


async def test_a_session_sees_what_it_has_entered_and_nothing_else(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    assert await seen(app_database) == 0
    assert await seen(app_database, ours.organization_id) == 1
    assert await seen(app_database, ours.organization_id, theirs.organization_id) == 2


async def test_what_was_entered_does_not_stay_with_the_connection(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours")
    for _ in range(20):
        assert await seen(app_database, ours.organization_id) == 1
        assert await seen(app_database) == 0


async def test_entering_holds_for_the_transactions_that_follow(app_database: Database, make_tenant: MakeTenant) -> None:
    ours = await make_tenant("Ours")
    async with app_database.session() as session:
        await enter_one(session, ours.organization_id)
        await session.rollback()
        assert (await registry.find(session, ours.site_id)).id == ours.site_id


async def test_one_that_is_not_there_cannot_be_entered(app_database: Database) -> None:
    async with app_database.session() as session:
        with pytest.raises(NotFound):
            await enter_one(session, uuid7())


async def test_the_auth_role_knows_every_organization_that_is_not_removed(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    await make_tenant("Beacon")
    alpha = await make_tenant("Alpha")
    gone = await make_tenant("Gone")
    database.fetch(f"update organizations set removed_at = now() where id = '{gone.organization_id}'")
    async with auth_database.session() as auth:
        known = await known_organizations(auth)
    assert [organization.name for organization in known] == ["Alpha", "Beacon"]
    assert (known[0].id, known[0].key) == (alpha.organization_id, alpha.organization_key)
