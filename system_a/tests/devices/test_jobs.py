import asyncio

from solarhub.devices.jobs import loops
from solarhub.kit.db import Database
from solarhub.kit.ids import uuid7
from tests.clients import KEYRING, PUBLIC_URL
from tests.conftest import MakeTenant, TestDatabase
from tests.devices.test_sealing import store

DONE = """
select bool_and(case name when 'Sealed' then connection_config #>> '{password,sealed}' is not null
                          when 'Back at work' then status = 'unknown' and maintenance_until is null
                          else serial_number = 'FREE-1' end) as done
from devices
"""


async def test_maintenance_claims_and_secrets_need_nobody_to_ask(
    worker_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant(devices=dict.fromkeys(("Sealed", "Back at work", "Claimed"), "inverter"))
    store(database, "swordfish", where="name = 'Sealed'")
    database.fetch(
        "update devices set status = 'maintenance', maintenance_until = now() where name = 'Back at work'",
        "insert into device_claims (id, organization_id, device_id, serial_number, claimed_by)"
        f" values ('{uuid7()}', '{tenant.organization_id}', '{tenant.devices['Claimed']}', 'FREE-1',"
        f" '{tenant.owner_id}')",
    )
    stop = asyncio.Event()
    running = [asyncio.create_task(loop.run(stop)) for loop in loops(worker_database, KEYRING, PUBLIC_URL)]
    for _ in range(500):
        if database.fetch(DONE)[0]["done"]:
            break
        await asyncio.sleep(0.02)
    stop.set()
    await asyncio.gather(*running)
    assert database.fetch(DONE)[0]["done"]
