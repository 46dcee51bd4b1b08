import json
from typing import Any

import asyncpg
import pytest

from solarhub.audit.recording import Trail, acting, follow, record
from solarhub.kit.db import Database, transaction
from solarhub.kit.ids import uuid7
from solarhub.organizations.access import enter_as_operator
from solarhub.sites.models import Site
from solarhub.sites.vocabulary import SiteStatus
from tests.conftest import MakeTenant, Tenant, TestDatabase, execute


def entries(database: TestDatabase) -> list[dict[str, Any]]:
    rows = database.fetch("select to_jsonb(e) as entry from audit_entries e order by id")
    return [json.loads(row["entry"]) for row in rows]


@pytest.fixture
async def tenant(make_tenant: MakeTenant) -> Tenant:
    return await make_tenant("Ours")


async def test_a_change_is_recorded_with_what_was_and_what_is(
    app_database: Database, database: TestDatabase, tenant: Tenant
) -> None:
    async with transaction(app_database) as session:
        await enter_as_operator(session, tenant.organization_id)
        follow(session, Trail("person", tenant.owner_id, address="192.0.2.7", request_id="r-1"))
        site = await session.get_one(Site, tenant.site_id)
        site.name, site.status = "Roof", SiteStatus.INACTIVE
    (entry,) = entries(database)
    assert entry["before"] == {"name": "Ours plant", "status": "active"}
    assert entry["after"] == {"name": "Roof", "status": "inactive"}
    assert (entry["action"], entry["target_type"], entry["target_id"]) == ("site.change", "site", str(tenant.site_id))
    assert (entry["actor_kind"], entry["actor_id"]) == ("person", str(tenant.owner_id))
    assert (entry["address"], entry["request_id"]) == ("192.0.2.7", "r-1")
    assert entry["organization_id"] == str(tenant.organization_id)


async def test_something_new_is_recorded_with_what_it_is(
    app_database: Database, database: TestDatabase, tenant: Tenant
) -> None:
    async with transaction(app_database) as session:
        await enter_as_operator(session, tenant.organization_id)
        follow(session, Trail("operator"))
        acting(session, "site.import")
        site = Site(organization_id=tenant.organization_id, name="Roof", latitude=31.0, longitude=74.0)
        session.add(site)
    (entry,) = entries(database)
    assert (entry["action"], entry["before"], entry["actor_kind"]) == ("site.import", None, "operator")
    assert entry["target_id"] == str(site.id)
    assert (entry["after"]["name"], entry["after"]["latitude"]) == ("Roof", 31.0)


async def test_what_is_rolled_back_leaves_no_line(
    app_database: Database, database: TestDatabase, tenant: Tenant
) -> None:
    async with app_database.session() as session:
        await enter_as_operator(session, tenant.organization_id)
        follow(session, Trail("operator"))
        (await session.get_one(Site, tenant.site_id)).name = "Roof"
        await session.flush()
        await session.rollback()
    assert entries(database) == []


async def test_a_change_to_the_same_value_is_none(
    app_database: Database, database: TestDatabase, tenant: Tenant
) -> None:
    async with transaction(app_database) as session:
        await enter_as_operator(session, tenant.organization_id)
        follow(session, Trail("operator"))
        (await session.get_one(Site, tenant.site_id)).name = "Ours plant"
    assert entries(database) == []


async def test_what_must_stay_secret_is_masked(app_database: Database, database: TestDatabase, tenant: Tenant) -> None:
    async with transaction(app_database) as session:
        await enter_as_operator(session, tenant.organization_id)
        trail = Trail("person", uuid7())
        after = {"password_hash": "canary", "token_sha256": b"canary", "name": "n"}
        await record(session, "x.y", "x", organization_id=tenant.organization_id, after=after, trail=trail)
    (entry,) = entries(database)
    assert entry["after"] == {"password_hash": "***", "token_sha256": "***", "name": "n"}


@pytest.mark.parametrize(
    "rewriting", ["update audit_entries set action = 'x'", "delete from audit_entries", "truncate audit_entries"]
)
@pytest.mark.parametrize("role", ["solarhub_app", "solarhub_auth", "solarhub_worker", "solarhub_admin"])
def test_nobody_rewrites_it(at_head: TestDatabase, role: str, rewriting: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        execute(at_head.url(role), rewriting)
