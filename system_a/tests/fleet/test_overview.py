import asyncio
import re
from datetime import datetime, timedelta

import httpx

from solarhub.fleet.overview import overview
from solarhub.fleet.plants import State
from solarhub.kit.clock import now
from solarhub.kit.db import Database
from solarhub.organizations.access import KnownOrganization
from solarhub.organizations.vocabulary import OrganizationStatus
from tests.clients import Plant, commissioned, created
from tests.conftest import MakeTenant, Tenant, TestDatabase


async def report(
    api: httpx.AsyncClient, plant: Plant, name: str, samples: list[tuple[datetime, float]], kind: str = "inverter"
) -> None:
    """Enters a device that has reported these instants and powers in kW."""
    document = {"site_id": plant.site_id, "name": name, "device_type": kind, "protocol": "http"}
    device = await created(api, f"{plant.path}/devices", document)
    token = (await created(api, f"{plant.path}/devices/{device['id']}/tokens", {}))["token"]
    body = {"samples": [{"timestamp": at.isoformat(), "metrics": {"power_output": kw}} for at, kw in samples]}
    answer = await api.post("/api/v1/telemetry", json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["stored"] == len(samples)


async def test_the_page_shows_the_worst_plant_first_with_its_alert_and_each_plants_figures(
    api: httpx.AsyncClient,
) -> None:
    quiet, loud = await commissioned(api, "A quiet one"), await commissioned(api, "Loud & <b>bold</b>")
    noon = (now() - timedelta(days=2)).replace(hour=7, minute=0, second=0, microsecond=0)  # in Pakistan
    hour = [noon + timedelta(minutes=minute) for minute in range(61)]
    await report(api, quiet, "Inverter 1", [(at, 2.0) for at in hour])
    await report(api, quiet, "Inverter 2", [(at, 3.0) for at in hour])
    await report(api, quiet, "Meter", [(at, 100.0) for at in hour], "meter")
    condition = {"metric": "power_output", "operator": "lt", "threshold": 1}
    await created(api, f"{loud.path}/alert-rules", {"name": "Low", "condition": condition, "severity": "critical"})
    await report(api, loud, "Inverter 9", [(now(), 0.25)])

    async with asyncio.timeout(10):
        while "Inverter 9 is" not in (text := (await api.get("/")).text):
            continue
    first, second = re.findall(r"<article.*?</article>", text, re.DOTALL)
    assert 'class="critical"' in first
    assert "Loud &amp; &lt;b&gt;bold&lt;/b&gt; plant" in first
    assert "Power output of Inverter 9 is 0.25 kW, below 1 kW" in first
    assert re.search(r"Power now</dt>\s*<dd class=\"\">0.25 kW", first)
    assert re.search(rf"Energy on {noon:%-d %b}</dt>\s*<dd>5.00 kWh", second)
    assert re.search(r"Last power</dt>\s*<dd class=\"old\">5.00 kW", second)
    assert "polyline" in second


async def test_the_page_carries_a_policy_of_its_own(api: httpx.AsyncClient) -> None:
    answers = [await api.get("/") for _ in range(2)]
    policies = [answer.headers["content-security-policy"] for answer in answers]
    assert policies[0] != policies[1]
    nonce = re.findall(r"'nonce-([^']+)'", policies[0])
    assert answers[0].text.count(f'nonce="{nonce[0]}"') == 2
    assert "frame-ancestors 'none'" in policies[0]
    assert answers[0].headers["content-type"] == "text/html; charset=utf-8"
    assert answers[0].headers["cache-control"] == "no-store"


def known(tenant: Tenant, name: str) -> KnownOrganization:
    return KnownOrganization(tenant.organization_id, tenant.organization_key, "slug", name, OrganizationStatus.ACTIVE)


async def test_an_overview_holds_the_organizations_it_was_asked_for_and_no_more(
    app_database: Database, make_tenant: MakeTenant
) -> None:
    ours = await make_tenant("Ours", devices={"A": "inverter", "B": "meter"})
    await make_tenant("Theirs")
    async with app_database.session() as session:
        found = await overview(session, [known(ours, "Ours")], now())
    [plant] = found.plants
    assert (plant.standing.name, plant.organization, plant.state) == ("Ours plant", "Ours", State.WAITING)
    assert (plant.standing.devices, plant.power, plant.day) == (2, None, None)
    assert found.states == {State.WAITING: 1}


async def test_of_many_plants_the_worst_are_shown_and_the_others_counted(
    app_database: Database, make_tenant: MakeTenant, database: TestDatabase
) -> None:
    tenant = await make_tenant()
    database.fetch(
        "insert into sites (organization_id, name, latitude, longitude)"
        f" select '{tenant.organization_id}', 'Plant ' || n, 31.5, 74.3 from generate_series(1, 99) n",
        "update sites set status = 'decommissioned' where name = 'Plant 99'",
        "update devices set status = 'offline'",
    )
    async with app_database.session() as session:
        found = await overview(session, [known(tenant, "Acme")], now())
    assert (len(found.plants), found.more) == (60, 39)
    assert (found.plants[0].standing.site_id, found.plants[0].state) == (tenant.site_id, State.SILENT)
    assert found.plants[0].silent == ["Inverter 1"]
    assert found.states == {State.SILENT: 1, State.WAITING: 98}
