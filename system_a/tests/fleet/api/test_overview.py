import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from solarhub.kit.clock import now
from tests.clients import People, Plant, commissioned, created
from tests.conftest import TestDatabase
from tests.fleet.reporting import report

LAHORE = ZoneInfo("Asia/Karachi")


async def fleet_of(client: httpx.AsyncClient, path: str, **query: str) -> dict[str, Any]:
    answer = await client.get(f"{path}/fleet", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def midnight() -> datetime:
    """The newest one in Lahore."""
    today: date = now().astimezone(LAHORE).date()
    return datetime.combine(today, time(), LAHORE).astimezone(UTC)


async def fall_silent(database: TestDatabase, device_id: str) -> None:
    database.fetch(
        f"update devices set status = 'offline' where id = '{device_id}'",
        f"update device_state set last_received_at = now() - interval '1 day' where device_id = '{device_id}'",
    )


async def test_the_overview_counts_plants_devices_alerts_power_and_energy(
    api: httpx.AsyncClient, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    await api.patch(
        f"{plant.path}/sites/{plant.site_id}",
        json={"configuration": {"system_capacity_kw": 12.0, "disco_provider": "lesco"}},
        headers={"If-Match": '"1"'},
    )
    at = now()
    await report(
        api,
        plant,
        "Inverter 1",
        [(midnight(), {"energy_total": 1000.0}), (at, {"power_output": 2.5, "energy_total": 1007.5})],
    )
    gone = await report(api, plant, "Meter", [(at, {"power_output": 40.0})], kind="meter")
    database.fetch("update devices set status = 'online'")  # as the next roll-forward would
    await fall_silent(database, gone)
    document = {"site_id": plant.site_id, "name": "New", "device_type": "battery", "protocol": "http"}
    await created(api, f"{plant.path}/devices", document)

    found = await fleet_of(api, plant.path)
    assert {state: number for state, number in found["plants"].items() if number} == {"total": 1, "partly_silent": 1}
    assert {status: number for status, number in found["devices"].items() if number} == {
        "total": 3,
        "online": 1,
        "offline": 1,
        "unknown": 1,
    }
    assert found["alerts"] == {"total": 0, "critical": 0, "warning": 0, "info": 0}
    assert (found["power_kw"], found["energy_today_kwh"], found["capacity_kw"]) == (2.5, 7.5, 12.0)
    assert (found["plants_without_capacity"], found["second_factor_required_by"]) == (0, [])
    [item] = found["needs_attention"]
    assert (item["kind"], item["remedy"], item["site_ids"]) == ("device_silent", "check_cable", [plant.site_id])
    assert item["device_ids"] == [gone]
    assert item["action"] == "Look at the cable of Meter."
    assert found["needs_attention_total"] == 1


async def test_energy_without_a_lifetime_counter_is_worked_out_of_the_days_samples(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    at = now()
    first = max(midnight(), at - timedelta(hours=1))
    half_hour = [(first, {"power_output": 4.0}), (first + (at - first) / 2, {"power_output": 4.0})]
    await report(api, plant, "Inverter 1", half_hour, metadata={"reporting_interval_seconds": 3600})
    found = await fleet_of(api, plant.path)
    assert found["energy_today_kwh"] == pytest.approx(4.0 * (at - first).total_seconds() / 2 / 3600, rel=1e-3)


async def test_a_counter_that_began_anew_today_is_not_counted_backwards(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    at = now()
    first = max(midnight(), at - timedelta(minutes=3))
    told = [
        (midnight() - timedelta(seconds=1), {"energy_total": 90_000.0}),
        (first, {"energy_total": 90_004.0}),
        (first + (at - first) / 2, {"energy_total": 0.0}),
        (at, {"energy_total": 2.5}),
    ]
    await report(api, plant, "Inverter 1", told)
    assert (await fleet_of(api, plant.path))["energy_today_kwh"] == pytest.approx(6.5, abs=0.05)


async def test_a_guest_sees_the_own_plant_and_nothing_else(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    other = await created(api, f"{plant.path}/sites", {"name": "The neighbour's", "latitude": 31.5, "longitude": 74.3})
    neighbour = Plant(plant.path, plant.organization_id, other["id"])
    at = now()
    await report(api, plant, "Inverter 1", [(at, {"power_output": 3.0})])
    await report(api, neighbour, "Inverter 2", [(at, {"power_output": 50.0})])
    guest = await people.guest(plant.site_id)

    for path in (plant.path, "/api/v1"):
        found = await fleet_of(guest, path)
        assert (found["plants"]["total"], found["devices"]["total"], found["power_kw"]) == (1, 1, 3.0)
        assert "neighbour" not in str(found)
        assert other["id"] not in str(found)
    assert (await fleet_of(api, plant.path))["power_kw"] == 53.0
    assert (await fleet_of(await people.stranger(), "/api/v1"))["plants"]["total"] == 0


async def test_a_key_gets_the_overview_when_it_may_see_everything_in_it(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    owner = await people.member(plant.organization_id, "owner")
    rights = ["sites:read", "devices:read", "alerts:read", "telemetry:read"]
    expires = (now() + timedelta(days=30)).isoformat()
    for given, status in ((rights, 200), (rights[:3], 403), (rights[1:], 403)):
        wanted = {"name": "Wall display", "permissions": given, "expires_at": expires}
        token = (await created(owner, f"{plant.path}/api-keys", wanted))["token"]
        script = people.anonymous()
        script.headers["Authorization"] = f"Bearer {token}"
        for path in (plant.path, "/api/v1"):
            assert (await script.get(f"{path}/fleet")).status_code == status


async def test_everything_that_a_person_may_see_is_one_fleet(api: httpx.AsyncClient, people: People) -> None:
    acme, beta = await commissioned(api, "Acme"), await commissioned(api, "Beta")
    at = now()
    await report(api, acme, "Inverter 1", [(at, {"power_output": 3.0})])
    await report(api, beta, "Inverter 1", [(at, {"power_output": 4.0})])
    member = await people.member(acme.organization_id, "viewer")
    user_id = people.ids[member]
    await people.connection.execute(
        "insert into site_grants (organization_id, site_id, user_id, role, granted_by, accepted_at)"
        f" values ('{beta.organization_id}', '{beta.site_id}', '{user_id}', 'viewer', '{user_id}', now())"
    )
    found = await fleet_of(member, "/api/v1")
    assert (found["plants"]["total"], found["power_kw"]) == (2, 7.0)
    assert (await fleet_of(member, acme.path))["power_kw"] == 3.0


async def test_what_runs_out_is_told_to_whoever_may_lengthen_it(api: httpx.AsyncClient, people: People) -> None:
    plant = await commissioned(api)
    guest = await people.guest(plant.site_id, expires="3 days")
    viewer = await people.member(plant.organization_id, "viewer")
    [item] = (await fleet_of(api, plant.path))["needs_attention"]
    assert item["kind"] == "access_ending"
    assert "can see Acme Solar plant until" in item["sentence"]
    for client in (guest, viewer):
        assert (await fleet_of(client, plant.path))["needs_attention"] == []


async def test_the_sentences_are_in_the_persons_language_unless_another_is_asked_for(
    api: httpx.AsyncClient, people: People, database: TestDatabase
) -> None:
    plant = await commissioned(api)
    gone = await report(api, plant, "Inverter 1", [(now(), {"power_output": 3.0})])
    await fall_silent(database, gone)
    member = await people.member(plant.organization_id, "viewer")
    assert (await fleet_of(member, plant.path))["needs_attention"][0]["sentence"].startswith("Acme Solar plant has")
    await people.connection.execute(
        f"update users set preferences = '{{\"language\": \"ur\"}}' where id = '{people.ids[member]}'"
    )
    assert "خاموش ہے" in (await fleet_of(member, plant.path))["needs_attention"][0]["sentence"]
    assert "has been silent" in (await fleet_of(member, plant.path, language="en"))["needs_attention"][0]["sentence"]
    assert (await member.get(f"{plant.path}/fleet", params={"language": "fr"})).status_code == 422


async def test_the_morning_message_is_plain_text_of_at_most_a_thousand_characters(
    api: httpx.AsyncClient, people: People
) -> None:
    plant = await commissioned(api)
    await report(api, plant, "Inverter 1", [(now(), {"power_output": 3.0})])
    for path in (plant.path, "/api/v1"):
        answer = await api.get(f"{path}/fleet/morning.txt")
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith("Good morning. 1 plant: 1 fine.\nPower now 3.00 kW")
        assert answer.text.endswith("Nothing needs you.")
        assert len(answer.text) <= 1000
        assert (await api.get(f"{path}/fleet/morning.txt", params={"language": "ur"})).text.startswith("السلام علیکم")
        assert (await people.anonymous().get(f"{path}/fleet/morning.txt")).status_code == 401


async def test_an_open_alert_is_in_the_overview(api: httpx.AsyncClient) -> None:
    plant = await commissioned(api)
    condition = {"metric": "power_output", "operator": "lt", "threshold": 1}
    await created(api, f"{plant.path}/alert-rules", {"name": "Low", "condition": condition, "severity": "critical"})
    device = await report(api, plant, "Inverter 9", [(now(), {"power_output": 0.25})])
    async with asyncio.timeout(10):
        while not (found := await fleet_of(api, plant.path))["alerts"]["critical"]:
            continue
    [item] = found["needs_attention"]
    assert (item["kind"], item["severity"], item["device_ids"]) == ("alert", "critical", [device])
    [alert] = (await api.get(f"{plant.path}/alerts")).json()["items"]
    assert item["alert_ids"] == [alert["id"]]
