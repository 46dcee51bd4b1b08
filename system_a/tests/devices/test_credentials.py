import re
from uuid import UUID

import pytest

from solarhub.devices import registry
from solarhub.devices.credentials import issue
from solarhub.devices.senders import identify
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Forbidden, Unauthenticated, Unavailable
from tests.conftest import MakeTenant, Tenant, TestDatabase


async def issued(app_database: Database, tenant: Tenant, name: str = "Inverter 1") -> str:
    async with transaction(app_database, [tenant.organization_id]) as session:
        return await issue(session, await registry.find(session, tenant.devices[name]))


async def test_a_token_leads_to_its_device(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices={"Inverter 1": "inverter", "Meter": "meter"})
    first, second, other = [await issued(app_database, tenant, name) for name in ("Inverter 1", "Inverter 1", "Meter")]
    assert re.fullmatch(r"shd_[A-Za-z0-9_-]{43}", first)
    assert len({first, second, other}) == 3
    known = await identify(auth_database, first)
    assert known == await identify(auth_database, second)
    assert (known.device_id, known.device_key) == (tenant.devices["Inverter 1"], tenant.device_keys["Inverter 1"])
    assert (known.organization_id, known.organization_key) == (tenant.organization_id, tenant.organization_key)
    assert (await identify(auth_database, other)).device_id == tenant.devices["Meter"]


@pytest.mark.parametrize(
    "token", ["", "shd_", "shd_" + "x" * 43, "shd_" + "x" * 44, "shx_" + "x" * 43, "shd_" + "ü" * 43, "x" * 10_000]
)
async def test_an_unknown_token_gets_the_same_words_whatever_is_wrong_with_it(
    auth_database: Database, token: str
) -> None:
    with pytest.raises(Unauthenticated, match=r"^This token opens nothing here\.$"):
        await identify(auth_database, token)


async def test_a_revoked_token_and_a_removed_device_open_nothing(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter"})
    revoked, removed = await issued(app_database, tenant, "A"), await issued(app_database, tenant, "B")
    database.fetch(
        f"update device_tokens set revoked_at = now() where device_id = '{tenant.devices['A']}'",
        f"update devices set removed_at = now() where id = '{tenant.devices['B']}'",
    )
    for token in (revoked, removed):
        with pytest.raises(Unauthenticated):
            await identify(auth_database, token)


async def test_a_suspended_or_closed_organization_is_told_so(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    token = await issued(app_database, tenant)
    for status in ("suspended", "closed"):
        database.fetch(f"update organizations set status = '{status}'")
        with pytest.raises(Forbidden, match=status):
            await identify(auth_database, token)
    database.fetch("update organizations set status = 'active', removed_at = now()")
    with pytest.raises(Unauthenticated):
        await identify(auth_database, token)


async def test_a_token_that_was_taken_is_not_asked_for_again_at_once(
    app_database: Database, auth_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    token = await issued(app_database, await make_tenant())
    await identify(auth_database, token)
    database.fetch("update device_tokens set revoked_at = now()")
    await identify(auth_database, token)
    another_hub = Database(auth_database.url, "auth", pool_size=1)
    with pytest.raises(Unauthenticated):
        await identify(another_hub, token)
    await another_hub.close()


async def test_a_database_that_is_away_is_not_the_devices_fault(database: TestDatabase) -> None:
    nowhere = Database(database.url("solarhub_auth").replace("host=", "host=/nowhere"), "auth", pool_size=1)
    with pytest.raises(Unavailable):
        await identify(nowhere, "shd_" + "x" * 43)
    await nowhere.close()


async def test_the_app_role_writes_tokens_and_cannot_read_their_hashes_back(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant()
    await issued(app_database, tenant)
    async with transaction(app_database, [tenant.organization_id]) as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql("select device_id from device_tokens")
        assert UUID(str(found.scalar_one())) == tenant.devices["Inverter 1"]
        with pytest.raises(Exception, match="permission denied"):
            await connection.exec_driver_sql("select token_sha256 from device_tokens")
        await session.rollback()
