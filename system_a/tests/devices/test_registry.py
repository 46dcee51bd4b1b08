"""Devices come onto sites, and are changed on them, while somebody else takes the site away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from solarhub.kit.libpq import asyncpg_arguments
from tests.clients import Plant, commissioned, created, refused
from tests.conftest import TestDatabase
from tests.devices.inverters import changed, entered, inverter
from tests.waiting import until_blocked


@asynccontextmanager
async def somebody_else(database: TestDatabase) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A second transaction, in which a test says what happens; it is committed by the test."""
    connection = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    try:
        await connection.execute("begin")
        yield connection
    finally:
        await connection.close()


async def second_site(api: httpx.AsyncClient, plant: Plant) -> str:
    document = {"name": "Second", "latitude": 31.52, "longitude": 74.36}
    return str((await created(api, f"{plant.path}/sites", document))["id"])


@pytest.mark.parametrize("how", ["entered", "moved"])
async def test_a_device_does_not_land_on_a_site_that_is_being_removed(
    api: httpx.AsyncClient, database: TestDatabase, how: str
) -> None:
    plant = await commissioned(api)
    going = await second_site(api, plant)
    url, _ = await entered(api, plant)
    async with somebody_else(database) as remover:
        await remover.execute("select 1 from sites where id = $1 for update", going)
        if how == "entered":
            asked = asyncio.create_task(api.post(f"{plant.path}/devices", json=inverter(plant, site_id=going)))
        else:
            asked = asyncio.create_task(changed(api, url, site_id=going))
        await until_blocked(remover, "solarhub_app")
        await remover.execute("update sites set removed_at = now() where id = $1", going)
        await remover.execute("commit")
    [error] = refused(await asked)

    assert (error["field"], error["value"]) == ("site_id", going)
    assert database.fetch(f"select count(*) as n from devices where site_id = '{going}'")[0]["n"] == 0


async def test_a_site_is_not_removed_under_a_device_that_is_being_entered(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    url, _ = await entered(api, plant)
    staying = await second_site(api, plant)
    async with somebody_else(database) as mover:
        await mover.execute("select 1 from sites where id = $1 for key share", staying)
        await mover.execute("update devices set site_id = $1", staying)
        asked = asyncio.create_task(api.delete(f"{plant.path}/sites/{staying}", headers={"If-Match": "*"}))
        await until_blocked(mover, "solarhub_app")
        await mover.execute("commit")
    answer = await asked

    assert (answer.status_code, answer.json()["devices"]) == (409, 1)
    assert (await api.get(url)).json()["site_id"] == staying


async def test_whoever_changes_a_device_waits_for_its_plant_before_the_device_is_taken(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    _, gateway = await entered(api, plant, name="Logger", device_type="gateway")
    url, device = await entered(api, plant)
    async with somebody_else(database) as giver:
        # as a handover does it: the plant, then its devices
        await giver.execute("select 1 from sites where id = $1 for update", plant.site_id)
        await giver.execute("select 1 from devices where id = $1 for update", gateway["id"])
        change = asyncio.create_task(changed(api, url, gateway_id=gateway["id"]))
        await until_blocked(giver, "solarhub_app")
        await giver.execute("select 1 from devices where id = $1 for update nowait", device["id"])
        await giver.execute("commit")
        answer = await change

    assert (answer.status_code, answer.json()["gateway_id"]) == (200, gateway["id"])


async def test_two_people_move_devices_across_and_neither_waits_for_the_other(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    sites = [plant.site_id, await second_site(api, plant)]
    urls = [(await entered(api, plant, name=f"Inverter {n}", site_id=sites[n % 2]))[0] for n in range(6)]

    answers = await asyncio.gather(
        *(changed(api, url, site_id=sites[(n + 1) % 2]) for n, url in enumerate(urls)),
        *(
            api.patch(f"{plant.path}/sites/{site}", json={"name": f"Roof {n}"}, headers={"If-Match": "*"})
            for n, site in enumerate(sites)
        ),
    )

    assert [answer.status_code for answer in answers] == [200] * 8
