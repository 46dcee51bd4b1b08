"""Questions that are asked of the driver stand behind the first wall, also where the second one is down."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from solarhub.devices.models import Device
from solarhub.kit.db import Database
from solarhub.organizations.walls import Question
from solarhub.sites.models import Site
from tests.conftest import MakeTenant, TestDatabase

OF_SITES = Question(sa.select(Site.id).order_by(Site.id))
OF_DEVICES = Question(sa.select(Device.id).order_by(Device.id))
_page = sa.select(Site.id).limit(sa.bindparam("page_rows", type_=sa.Integer)).cte("page")
_devices = sa.select(sa.func.count(Device.id).label("count")).where(Device.site_id == _page.c.id).lateral("found")
WITHIN = Question(
    sa.select(_page.c.id, _devices.c.count, sa.select(sa.func.count(Site.id)).scalar_subquery()).select_from(
        _page.outerjoin(_devices, sa.true())
    )
)


@pytest.fixture
async def everything(database: TestDatabase) -> Database:
    """Logged in as somebody above row-level security."""
    return Database(database.admin_url, "app", pool_size=1)


async def ids(question: Question, pool: Database, organization_id: UUID, site_ids: list[UUID] | None) -> set[UUID]:
    async with pool.driver() as driver:
        return {row[0] for row in await question.rows(driver, organization_id, site_ids)}


async def test_a_question_reaches_one_organization_or_single_sites_of_it(
    everything: Database, make_tenant: MakeTenant
) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    own = ours.organization_id
    assert await ids(OF_SITES, everything, own, None) == {ours.site_id}
    assert await ids(OF_DEVICES, everything, own, None) == set(ours.devices.values())
    assert await ids(OF_SITES, everything, own, [ours.site_id, theirs.site_id]) == {ours.site_id}
    assert await ids(OF_DEVICES, everything, own, [theirs.site_id]) == set()
    assert await ids(OF_SITES, everything, own, []) == set()
    await everything.close()


async def test_the_wall_stands_in_every_part_of_a_question(everything: Database, make_tenant: MakeTenant) -> None:
    ours, theirs = await make_tenant("Ours"), await make_tenant("Theirs")
    async with everything.driver() as driver:
        for tenant in (ours, theirs):
            rows = await WITHIN.rows(driver, tenant.organization_id, None, page_rows=50)
            assert [tuple(row) for row in rows] == [(tenant.site_id, len(tenant.devices), 1)]
            assert await WITHIN.rows(driver, tenant.organization_id, [ours.organization_id], page_rows=50) == []
    await everything.close()


async def test_a_question_of_which_the_wall_has_no_hold_is_not_asked(everything: Database) -> None:
    async with everything.driver() as driver:
        with pytest.raises(TypeError, match="first wall"):
            await Question(sa.select(sa.text("id from sites"))).rows(driver, UUID(int=1), None)
    await everything.close()
