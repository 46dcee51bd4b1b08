"""Two people edit one device while it reports: whoever was slower learns of the other, and nobody of the reports."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx

from solarhub.devices.heartbeat import roll_forward
from solarhub.kit.clock import now
from solarhub.kit.db import Database, transaction
from tests.clients import People, people  # noqa: F401 - a fixture
from tests.conftest import MakeTenant, Tenant, TestDatabase

BEAT_SECONDS = 0.05
ROUNDS = 10


class Heart:
    """Beats that each change the device's row: it comes online, falls silent, and is heard again."""

    def __init__(self, database: TestDatabase, worker: Database, tenant: Tenant) -> None:
        self.database, self.worker, self.tenant = database, worker, tenant
        self.beats = 0
        self._beat = asyncio.Condition()

    async def beat(self) -> None:
        heard = now()
        later = timedelta(seconds=1) if self.beats % 2 == 0 else timedelta(hours=1)
        async with transaction(self.worker) as session:
            connection = await session.connection()
            await connection.exec_driver_sql(
                "insert into device_state (device_id, organization_id, device_key, last_received_at)"
                f" select id, organization_id, device_key, '{heard}' from devices"
                " on conflict (device_id) do update set last_received_at = excluded.last_received_at"
            )
            written = await roll_forward(session, listening_since=heard - timedelta(days=30), now=heard + later)
        async with self._beat:
            self.beats += written
            self._beat.notify_all()

    @asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        stop = asyncio.Event()

        async def beat_on() -> None:
            while not stop.is_set():
                await self.beat()
                await asyncio.sleep(BEAT_SECONDS)

        task = asyncio.create_task(beat_on())
        try:
            yield
        finally:
            stop.set()
            await task

    async def after(self, more: int) -> None:
        """Returns once so many more beats have changed the row."""
        until = self.beats + more
        async with asyncio.timeout(30), self._beat:
            await self._beat.wait_for(lambda: self.beats >= until)


async def test_of_two_who_read_the_same_version_the_second_gets_the_only_412_and_it_names_the_first_ones_edit(
    people: People,  # noqa: F811 - the fixture
    database: TestDatabase,
    worker_database: Database,
    make_tenant: MakeTenant,
) -> None:
    tenant = await make_tenant(devices={"Meter 1": "meter"})  # which does not sleep at night
    heart = Heart(database, worker_database, tenant)
    ayesha, bilal = [await people.member(tenant.organization_id, "manager") for _ in range(2)]
    (device_id,) = tenant.devices.values()
    url = f"/api/v1/organizations/{tenant.organization_id}/devices/{device_id}"

    async def edit(client: httpx.AsyncClient, name: str, tag: str) -> httpx.Response:
        return await client.patch(url, json={"name": name}, headers={"If-Match": tag})

    async with heart.beating():
        read = [(await client.get(url)).headers["etag"] for client in (ayesha, bilal)]
        assert read == ['"1"', '"1"']
        await heart.after(3)
        first = await edit(ayesha, "Ayesha's", read[0])
        await heart.after(3)
        second = await edit(bilal, "Bilal's", read[1])
        await heart.after(3)
        again = (await bilal.get(url)).headers["etag"]
        third = await edit(bilal, "Bilal's", again)

    assert [answer.status_code for answer in (first, second, third)] == [200, 412, 200]
    assert (second.json()["expected"], second.json()["current"]) == (["1"], 2)
    assert (again, third.json()["name"], third.json()["version"]) == ('"2"', "Bilal's", 3)
    assert heart.beats >= 9


async def test_of_two_who_edit_at_the_same_moment_one_is_stale_every_time(
    people: People,  # noqa: F811 - the fixture
    database: TestDatabase,
    worker_database: Database,
    make_tenant: MakeTenant,
) -> None:
    tenant = await make_tenant(devices={"Meter 1": "meter"})  # which does not sleep at night
    heart = Heart(database, worker_database, tenant)
    editors = {name: await people.member(tenant.organization_id, "manager") for name in ("Ayesha", "Bilal")}
    (device_id,) = tenant.devices.values()
    url = f"/api/v1/organizations/{tenant.organization_id}/devices/{device_id}"

    async with heart.beating():
        for version in range(1, ROUNDS + 1):
            answers = await asyncio.gather(
                *(
                    client.patch(url, json={"name": f"{name} {version}"}, headers={"If-Match": f'"{version}"'})
                    for name, client in editors.items()
                )
            )
            by_status = {answer.status_code: answer.json() for answer in answers}
            assert by_status.keys() == {200, 412}
            assert (by_status[412]["expected"], by_status[412]["current"]) == ([str(version)], version + 1)
            shown = (await editors["Bilal"].get(url)).json()
            assert (shown["name"], shown["version"]) == (by_status[200]["name"], version + 1)
            await heart.after(1)
    assert heart.beats >= ROUNDS
