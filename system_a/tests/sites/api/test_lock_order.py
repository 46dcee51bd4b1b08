"""What is done to a plant and to its devices at the same moment waits in one order, and ends."""

import asyncio
from collections import Counter

import asyncpg
import httpx
import pytest

from solarhub.kit.ids import uuid7
from solarhub.kit.libpq import asyncpg_arguments
from tests.clients import People, commissioned
from tests.conftest import TestDatabase
from tests.devices.inverters import entered
from tests.sites.api.test_handovers import deal, offer, take
from tests.waiting import until_blocked

_ROUNDS = 8
_DEVICES = 4


async def test_devices_are_replaced_while_their_plant_changes_hands_and_neither_undoes_the_other(
    api: httpx.AsyncClient,
) -> None:
    here, there = await commissioned(api, "Acme"), await commissioned(api, "Beta")
    site_id = here.site_id
    devices = [(await entered(api, here, name=f"Inverter {n}"))[1]["id"] for n in range(_DEVICES)]
    told: Counter[int] = Counter()
    for _ in range(_ROUNDS):
        given, *replaced = await asyncio.gather(
            api.post(f"{here.path}/sites/{site_id}/hand-over", json={"organization": there.organization_id}),
            *(api.post(f"{here.path}/devices/{device}/replace", json={}) for device in devices),
        )
        assert given.status_code == 201, given.text
        told.update(answer.status_code for answer in replaced)
        # whoever comes second finds no device there any more
        assert set(told) <= {201, 404}, told
        devices = [
            answer.json()["device"]["id"] if answer.status_code == 201 else device
            for device, answer in zip(devices, replaced, strict=True)
        ]
        found = (await api.get(f"{there.path}/devices", params={"site_id": site_id})).json()["items"]
        assert {device["id"] for device in found} == set(devices)
        here, there = there, here


@pytest.mark.parametrize("how", ["by its link", "from the list"])
async def test_whoever_takes_an_offer_up_waits_for_the_plant_before_the_offer_is_taken(
    api: httpx.AsyncClient, people: People, database: TestDatabase, how: str
) -> None:
    made = await deal(api, people)
    sent = await offer(made.giver, made.plant, organization="beta-solar")
    offerer = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    try:
        # as it is when the plant is offered anew: the plant, then the offer before
        async with offerer.transaction():
            await offerer.execute("select 1 from sites where id = $1 for no key update", made.plant.site_id)
            taking = asyncio.create_task(
                take(made.receiver, sent, organization_id=made.beta.organization_id)
                if how == "by its link"
                else made.receiver.post(f"{made.beta.path}/handovers/{sent['id']}/accept")
            )
            await until_blocked(offerer, "solarhub_app")
            await offerer.execute("select 1 from site_handovers where id = $1 for update nowait", sent["id"])
        assert (await taking).status_code == 200
    finally:
        await offerer.close()


@pytest.mark.parametrize(
    ("first", "then"), [("alerts", "alert_episodes"), ("alert_rules", "alerts")], ids=["triage", "a rule's removal"]
)
async def test_a_handover_takes_rules_then_alerts_then_their_episodes(
    api: httpx.AsyncClient, database: TestDatabase, first: str, then: str
) -> None:
    here, there = await commissioned(api, "Acme"), await commissioned(api, "Beta")
    _, device = await entered(api, here)
    rule_id, alert_id = uuid7(), uuid7()
    database.fetch(
        "insert into alert_rules (id, organization_id, site_id, name, condition, severity) values"
        f""" ('{rule_id}', '{here.organization_id}', '{here.site_id}', 'Low power', '{{"metric": "power_output", """
        """"operator": "lt", "threshold": 0.3, "duration_seconds": 120}', 'warning')""",
        "insert into alerts (id, rule_id, organization_id, site_id, device_id, severity, title, message, triggered_at)"
        f" values ('{alert_id}', '{rule_id}', '{here.organization_id}', '{here.site_id}', '{device['id']}', 'warning',"
        " 't', 'm', now())",
        "insert into alert_episodes (alert_id, organization_id, rule_id, target, streak_started_at, triggered_at)"
        f" values ('{alert_id}', '{here.organization_id}', '{rule_id}', 'device:{device['id']}', now(), now())",
    )
    other = await asyncpg.connect(**asyncpg_arguments(database.admin_url))
    try:
        async with other.transaction():
            await other.execute(f"select from {first} for no key update")
            given = asyncio.create_task(
                api.post(f"{here.path}/sites/{here.site_id}/hand-over", json={"organization": there.organization_id})
            )
            await until_blocked(other, "solarhub_app")
            await other.execute(f"select from {then} for update nowait")
        assert (await given).status_code == 201
    finally:
        await other.close()
    [moved] = database.fetch("select organization_id from alert_episodes")
    assert str(moved["organization_id"]) == there.organization_id
