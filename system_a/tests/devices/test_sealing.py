"""Secrets of connections in the database: sealed anew where their key or their owner changes."""

import json
from uuid import UUID

import pytest

from solarhub.devices import registry
from solarhub.devices.connection import Mqtt
from solarhub.devices.models import Device
from solarhub.devices.sealing import open_connection, reseal_all, reseal_site
from solarhub.kit.db import Database, transaction
from solarhub.kit.errors import Conflict
from solarhub.kit.sealing import Keyring, Unsealable, new_key
from tests.conftest import MakeTenant, Tenant, TestDatabase
from tests.devices.inverters import MQTT

OLD, NEW = new_key(), new_key()


def store(database: TestDatabase, password: object, *, where: str = "true") -> None:
    """As an earlier version, or a hand on the database, would have left it."""
    document = json.dumps(MQTT | {"password": password}).replace("'", "''")
    database.fetch(f"update devices set protocol = 'mqtt', connection_config = '{document}' where {where}")


async def found(database: Database, tenant: Tenant, name: str = "Inverter 1") -> Device:
    async with transaction(database, [tenant.organization_id]) as session:
        return await registry.find(session, tenant.devices[name])


async def resealed(worker_database: Database, keyring: Keyring, limit: int = 500) -> list[tuple[int, int]]:
    """What each batch sealed, and what it could not open."""
    batches, last = [], UUID(int=0)
    while True:
        async with transaction(worker_database) as session:
            done = await reseal_all(session, keyring, after=last, limit=limit)
        batches.append((done.sealed, done.unopened))
        if done.last is None:
            return batches
        last = done.last


async def test_secrets_in_clear_are_sealed_and_nobodys_edit_is_stale(
    app_database: Database, worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenants = [
        await make_tenant(name, devices={"Inverter 1": "inverter", "Meter": "meter"}) for name in ("Acme", "Beta")
    ]
    store(database, "swordfish", where="device_type = 'inverter'")
    keyring = Keyring.parse(OLD)
    assert await resealed(worker_database, keyring, limit=1) == [(1, 0), (1, 0), (0, 0)]
    assert await resealed(worker_database, keyring) == [(0, 0)]
    assert "swordfish" not in str(database.fetch("select connection_config from devices"))
    for tenant in tenants:
        device = await found(app_database, tenant)
        connection = open_connection(keyring, device)
        assert isinstance(connection, Mqtt)
        assert connection.password == "swordfish"
        assert connection.unreadable == ()
        assert device.version == 2  # the one that `store` made


async def test_a_key_is_changed_in_batches_while_both_open(
    app_database: Database, worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant(devices={"A": "inverter", "B": "inverter", "C": "inverter"})
    store(database, "swordfish")
    old, both, new = Keyring.parse(OLD), Keyring.parse(f"{NEW}\n{OLD}"), Keyring.parse(NEW)
    await resealed(worker_database, old)
    assert await resealed(worker_database, both, limit=2) == [(2, 0), (1, 0)]
    for name in tenant.devices:
        device = await found(app_database, tenant, name)
        assert open_connection(new, device) == open_connection(both, device)
        with pytest.raises(Unsealable):
            open_connection(old, device)
    assert await resealed(worker_database, Keyring.parse(new_key())) == [(0, 3)]


async def test_a_plant_that_changes_hands_takes_its_secrets_along(
    app_database: Database, worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    store(database, "swordfish")
    keyring = Keyring.parse(OLD)
    await resealed(worker_database, keyring)
    both = [giver.organization_id, receiver.organization_id]
    async with transaction(app_database, both) as session:
        await reseal_site(session, keyring, giver.site_id, giver.organization_id, receiver.organization_id)
        device = await registry.find(session, giver.devices["Inverter 1"])
        with pytest.raises(Unsealable):
            open_connection(keyring, device)
        session.expunge(device)
        device.organization_id = receiver.organization_id
        opened = open_connection(keyring, device)
        assert isinstance(opened, Mqtt)
        assert opened.password == "swordfish"
    untouched = open_connection(keyring, await found(app_database, receiver))
    assert untouched == opened


async def test_a_secret_that_does_not_open_stops_the_handover_and_names_the_device(
    app_database: Database, worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    giver, receiver = await make_tenant("Giver"), await make_tenant("Receiver")
    store(database, "swordfish")
    await resealed(worker_database, Keyring.parse(OLD))
    async with transaction(app_database, [giver.organization_id, receiver.organization_id]) as session:
        with pytest.raises(Conflict, match="Inverter 1"):
            await reseal_site(
                session, Keyring.parse(NEW), giver.site_id, giver.organization_id, receiver.organization_id
            )
        await session.rollback()
