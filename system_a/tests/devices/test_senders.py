"""For whom a gateway speaks: for its own devices, by words that mean one of them alone."""

from uuid import UUID

from solarhub.devices.identity import KnownDevice
from solarhub.devices.senders import children, forget_all
from solarhub.kit.db import Database
from tests.conftest import MakeTenant, Tenant, TestDatabase

DEVICES = {"Gateway": "gateway", "A": "inverter", "B": "inverter", "C": "meter", "Alone": "meter"}


def gateway_of(tenant: Tenant) -> KnownDevice:
    return KnownDevice(
        tenant.devices["Gateway"],
        tenant.organization_id,
        tenant.organization_key,
        tenant.device_keys["Gateway"],
    )


def put_under(database: TestDatabase, tenant: Tenant, *names: str) -> None:
    ids = ", ".join(f"'{tenant.devices[name]}'" for name in names)
    database.fetch(f"update devices set gateway_id = '{tenant.devices['Gateway']}' where id in ({ids})")


async def words_for(auth_database: Database, tenant: Tenant) -> dict[str, UUID]:
    forget_all()
    household = await children(auth_database, gateway_of(tenant))
    return {word: child.device_id for word, child in household.items()}


async def test_a_child_is_named_by_its_id_its_serial_number_or_a_name_that_it_alone_has(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices=DEVICES)
    other = await make_tenant("Other", devices=DEVICES)
    put_under(database, tenant, "A", "B", "C")
    put_under(database, other, "A")
    a, b, c = (tenant.devices[name] for name in "ABC")
    database.fetch(
        f"update devices set name = 'Twin' where id in ('{a}', '{b}')",
        f"update devices set serial_number = 'HV1' where id = '{a}'",
        # somebody calls a meter like another's serial number: the number means what is on the case
        f"update devices set name = 'HV1' where id = '{c}'",
    )

    assert await words_for(auth_database, tenant) == {str(a): a, str(b): b, str(c): c, "HV1": a}


async def test_a_child_is_known_with_its_keys_and_its_rating(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices=DEVICES)
    put_under(database, tenant, "A", "B")
    rated = "jsonb_build_object('rated_power_kw', 110.5)"
    database.fetch(f"update devices set metadata = {rated} where id = '{tenant.devices['A']}'")

    household = await children(auth_database, gateway_of(tenant))

    assert household["A"] == KnownDevice(
        tenant.devices["A"], tenant.organization_id, tenant.organization_key, tenant.device_keys["A"], 110.5
    )
    assert household["B"].rated_kw is None


async def test_whoever_comes_goes_or_is_edited_is_known_at_the_next_look(
    auth_database: Database, database: TestDatabase, make_tenant: MakeTenant
) -> None:
    tenant = await make_tenant(devices=DEVICES)
    put_under(database, tenant, "A", "B")
    household = await children(auth_database, gateway_of(tenant))
    assert await children(auth_database, gateway_of(tenant)) is household  # nobody asked the database again

    put_under(database, tenant, "C")
    database.fetch(
        f"update devices set gateway_id = null where id = '{tenant.devices['A']}'",
        f"update devices set removed_at = now() where id = '{tenant.devices['B']}'",
    )

    c = tenant.devices["C"]
    assert await words_for(auth_database, tenant) == {"C": c, str(c): c}
    database.fetch(f"update devices set name = 'Renamed' where id = '{c}'")
    assert await words_for(auth_database, tenant) == {"Renamed": c, str(c): c}


async def test_a_gateway_without_devices_speaks_for_nobody(auth_database: Database, make_tenant: MakeTenant) -> None:
    tenant = await make_tenant(devices=DEVICES)

    assert await words_for(auth_database, tenant) == {}
