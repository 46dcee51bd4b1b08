"""Two tenants on a pool of two connections, with requests that are cancelled and connections that are killed."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import asyncpg
import pytest

from solarhub.app import create_app
from solarhub.kit.db import Database, Databases
from solarhub.kit.libpq import asyncpg_arguments
from solarhub.organizations.vocabulary import OrgMemberRole
from tests.calling import client_of
from tests.clients import KEYRING, PUBLIC_URL
from tests.conftest import TestDatabase
from tests.walls.world import Tenancy, tenancy

SESSIONS = 200


def narrow(database: TestDatabase) -> Databases:
    return Databases(
        app=Database(database.url("solarhub_app"), "app", pool_size=2, max_overflow=0),
        auth=Database(database.url("solarhub_auth"), "auth", pool_size=2, max_overflow=0),
        worker=Database(database.url("solarhub_worker"), "worker", pool_size=2),
    )


# a connection that is killed or given up while it is being made is closed by the collector, not by the driver
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", [1, 2])
async def test_no_tenant_ever_meets_the_others_rows_and_the_pool_stays_whole(database: TestDatabase, seed: int) -> None:
    chance = random.Random(seed)
    admin = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    tenants = [await tenancy(admin, "A"), await tenancy(admin, "B")]
    app = create_app(narrow(database), keyring=KEYRING, public_url=PUBLIC_URL, exclusive=True)
    outcomes: Counter[str] = Counter()
    leaks = []

    async def visit(own: Tenancy, other: Tenancy) -> None:
        actor = own.members[OrgMemberRole.OWNER] if chance.random() < 0.6 else own.guests[OrgMemberRole.VIEWER]
        paths = ("sites", "devices", "alerts", f"sites/{own.names['site_id']}", f"devices/{other.names['device_id']}")
        async with client_of(app, token=actor.cookie) as client:
            for _ in range(2):
                path = chance.choice(paths)
                answer = await client.get(f"/api/v1/organizations/{own.names['organization_id']}/{path}")
                outcomes[str(answer.status_code)] += 1
                if other.canary in answer.text:
                    leaks.append(f"{actor.name}: {path}")
                await asyncio.sleep(chance.random() / 100)

    async def kill_some(done: asyncio.Event) -> int:
        killed = 0
        while not done.is_set():
            await asyncio.sleep(0.4)
            victims = await admin.fetch(
                "select pid from pg_stat_activity where datname = current_database()"
                " and application_name in ('solarhub app', 'solarhub auth')"
            )
            if victims:
                await admin.execute("select pg_terminate_backend($1)", chance.choice(victims)["pid"])
                killed += 1
        return killed

    async with app.router.lifespan_context(app):
        done = asyncio.Event()
        killing = asyncio.create_task(kill_some(done))
        visits = []
        for number in range(SESSIONS):
            own = tenants[number % 2]
            visits.append(asyncio.create_task(visit(own, tenants[1 - number % 2])))
            if number % 7 == 3:
                asyncio.get_running_loop().call_later(chance.random() / 5, visits[-1].cancel)
            await asyncio.sleep(0.02)
        for each in visits:
            with suppress(asyncio.CancelledError):
                await each
        done.set()
        killed = await killing
        assert leaks == []
        assert killed >= 5
        assert set(outcomes) <= {"200", "404", "503"}
        assert outcomes["200"] > SESSIONS / 2
        # every connection that is left serves everybody, and remembers nobody
        for own in tenants * 5:
            async with client_of(app, token=own.members[OrgMemberRole.OWNER].cookie) as client:
                answer = await client.get(f"/api/v1/organizations/{own.names['organization_id']}/sites")
                assert answer.status_code == 200
                assert answer.text.count(own.canary) >= 2
        pool = app.state.databases.app
        for _ in range(5):
            async with pool.session() as session:
                found = await (await session.connection()).exec_driver_sql(
                    "select count(*) from sites union all select count(*) from devices"
                )
                assert [count for (count,) in found.all()] == [0, 0]
        assert pool.engine.pool.checkedout() == 0
    await admin.close()
